"""What the checks of credentials share: every rule on one, the client's and the organisation's.

The active credential is judged by all of them; of every other one, what Tipstaff acts on is said.
"""

from collections.abc import Callable, Iterable

from tipstaff_policy.checks.model import (
    Host,
    Outcome,
    at,
    credential_of,
    judge_undecided,
    not_applicable,
    place_of,
)
from tipstaff_policy.model.state import (
    OWNERS,
    Credential,
    HeldCredential,
    IdentityAttribute,
    Violation,
)
from tipstaff_policy.model.wording import add_names
from tipstaff_policy.organisation.violations import check_of, violations_of


def find_allowed_methods(host: Host) -> tuple[str, ...]:
    """Return the login methods that the client's rules and the organisation's leave together."""
    rule = host.orders.policy.login_methods if host.orders else None
    return tuple(
        method for method in host.decision.methods if rule is None or method in rule.values
    )


def find_allowed_owners(host: Host, attribute: IdentityAttribute) -> tuple[str, ...] | None:
    """Return whose a login may be by all rules; None where none restricts that."""
    by_client = host.decision.list_allowed(attribute)
    rule = host.orders.owners(attribute) if host.orders else None
    if rule is None or by_client is None:
        return by_client if rule is None else rule.values
    allowed = frozenset(rule.values)
    return tuple(owner for owner in by_client if owner in allowed)


def owners_allowed(host: Host) -> dict[IdentityAttribute, tuple[str, ...]]:
    """Return whose a login may be, by each attribute that a rule restricts."""
    found = ((attribute, find_allowed_owners(host, attribute)) for attribute in OWNERS)
    return {attribute: allowed for attribute, allowed in found if allowed is not None}


def restricts_sign_in(host: Host) -> bool:
    """Return whether any rule says by which method one may sign in, or whose the login is."""
    allowed = find_allowed_methods(host)
    every = all(method.name in allowed for method in host.methods)
    return not every or bool(owners_allowed(host))


def is_restricted(host: Host) -> bool:
    """Return whether a rule of the client's restricts sign-in, or there is a policy."""
    decision = host.decision
    every = all(method.name in decision.methods for method in host.methods)
    owned = any(decision.list_allowed(attribute) is not None for attribute in OWNERS)
    return host.orders is not None or not every or owned


def violations(host: Host, credential: Credential) -> tuple[Violation, ...]:
    """Return what a credential breaks: the client's rules first, then the organisation's.

    Last what breaks a rule that this start of the client does not go by, and Tipstaff does.
    """
    own = [
        violation for violation in host.decision.violations if violation.source == credential.source
    ]
    if host.orders:
        own += violations_of(credential, host.orders.make_ordered(), host.orders.now)
    judged = host.sign_in.find_judged(credential.source) if host.sign_in else None
    known = {violation.attribute for violation in own}
    further = judged.violations if judged else ()
    return (*own, *(violation for violation in further if violation.attribute not in known))


def names_of(host: Host) -> tuple[tuple[str, str], ...]:
    """Return what the organisation calls workspaces, organisations and accounts, by id."""
    return host.orders.policy.workspace_names if host.orders else ()


def judge_owner(host: Host, check_id: str, *, good: str) -> tuple[Outcome, ...]:
    """Return whether the active credential belongs to whom it may not, or names no one.

    Args:
        good: What to say where neither is so; braces stand for what the rule is about.
    """
    owners = owners_allowed(host)
    about: str = " or ".join(owners) or "workspace"
    return judge_active(
        host,
        check_id,
        tuple(value for allowed in owners.values() for value in allowed) if owners else None,
        seen=lambda violation: (
            f"names no {violation.attribute}"
            if violation.observed is None
            else f"{violation.attribute} {add_names((violation.observed,), names_of(host))[0]}"
        ),
        good=good.format(about),
    )


def judge_active(
    host: Host,
    check_id: str,
    allowed: tuple[str, ...] | None,
    *,
    seen: Callable[[Violation], str],
    good: str,
) -> tuple[Outcome, ...]:
    """Return whether a credential breaks a rule that a check stands for: the active one or another.

    Args:
        allowed: What the rules leave; None where there is no such rule.
        seen: What to say of a violation.
        good: What to say where there is none.
    """
    if (open_question := judge_undecided(host.decision)) is not None:
        return _judge_violations(host, check_id, allowed, seen) or open_question

    def describe_expected(broken: Violation) -> str:
        return _describe_left(host, _intersect(allowed, broken))

    active = credential_of(host.state, host.decision.active)
    if active is None:
        outcomes = not_applicable("no credential is active")
    elif broken := [found for found in violations(host, active) if check_of(found) == check_id]:
        outcomes = (_fail(host, active.source, broken, seen, describe_expected),)
    elif allowed is None:
        outcomes = not_applicable("no such rule")
    else:
        shown = _describe_left(host, allowed)
        outcomes = (Outcome("pass", active.source, good, shown, place_of(active)),)
    return with_other_violations(host, check_id, outcomes, seen, describe_expected)


def with_other_violations(
    host: Host,
    check_id: str,
    outcomes: Iterable[Outcome],
    seen: Callable[[Violation], str],
    expected: Callable[[Violation], str],
) -> tuple[Outcome, ...]:
    """Return outcomes and a failure for each credential that violates and has none among them.

    So nothing that Tipstaff would remove is without a finding, whichever one the client uses.
    """
    outcomes = tuple(outcomes)
    known = {outcome.subject for outcome in outcomes if outcome.status == "fail"}
    broken: dict[str, list[Violation]] = {}
    for credential in host.sign_in.credentials if host.sign_in else ():
        for violation in credential.violations:
            if check_of(violation) == check_id and credential.source not in known:
                broken.setdefault(credential.source, []).append(violation)
    if not broken:
        return outcomes
    kept = [outcome for outcome in outcomes if _says_something(outcome, broken)]
    return (
        *kept,
        *(_fail(host, source, found, seen, expected) for source, found in broken.items()),
    )


def _says_something(outcome: Outcome, broken: dict[str, list[Violation]]) -> bool:
    """Return whether an outcome still stands beside the failures of other credentials."""
    return outcome.status != "not_applicable" and outcome.subject not in broken


def _fail(
    host: Host,
    source: str,
    broken: list[Violation],
    seen: Callable[[Violation], str],
    expected: Callable[[Violation], str],
) -> Outcome:
    places = [
        place
        for place in host.state.everywhere()
        if place.source == source and isinstance(place.content, HeldCredential)
    ]
    return Outcome(
        "fail",
        source,
        seen(broken[0]),
        expected(broken[0]),
        tuple(evidence for place in places for evidence in place_of(place))
        + at(*(origin for violation in broken for origin in violation.origins)),
    )


def _describe_left(host: Host, values: tuple[str, ...]) -> str:
    return " or ".join(add_names(values, names_of(host))) or "none"


def _intersect(allowed: tuple[str, ...] | None, broken: Violation) -> tuple[str, ...]:
    """Return what the rules leave, the broken one among them."""
    if allowed is None:
        return broken.allowed
    return tuple(value for value in allowed if value in broken.allowed)


def _judge_violations(
    host: Host,
    check_id: str,
    allowed: tuple[str, ...] | None,
    seen: Callable[[Violation], str],
) -> tuple[Outcome, ...]:
    """Return what breaks a rule of the administrators, whatever the client would do with it."""
    judged = host.sign_in.credentials if host.sign_in else ()
    expected = _describe_left(host, allowed or ())
    return tuple(
        Outcome("fail", credential.source, seen(broken), expected, at(*broken.origins))
        for credential in judged
        for broken in credential.violations
        if check_of(broken) == check_id
    )
