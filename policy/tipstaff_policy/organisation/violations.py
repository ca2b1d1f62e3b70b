"""What the organisation's policy says of a credential; a rule beyond the client's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tipstaff_policy.model.state import (
    OWNERS,
    Attribute,
    Credential,
    HeldCredential,
    IdentityAttribute,
    Judged,
    Method,
    Ordered,
    Violation,
)
from tipstaff_policy.organisation.model import SECONDS_A_DAY, Allowed
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

CHECKS: dict[Attribute, str] = {
    "login_method": "TIP101",
    "workspace": "TIP102",
    "organisation": "TIP102",
    "account": "TIP102",
    "environment": "TIP104",
    "signature": "TIP106",
    "age": "TIP107",
}
NO_WORKSPACE = "TIP103"


class Restrictions(Record):
    """What may be signed in with; None restricts nothing."""

    methods: Allowed | None
    workspaces: Allowed | None
    organisations: Allowed | None = None
    accounts: Allowed | None = None

    def of(self, attribute: IdentityAttribute) -> Allowed | None:
        """Return whose a login may be."""
        if attribute == "workspace":
            return self.workspaces
        return self.organisations if attribute == "organisation" else self.accounts


def check_of(violation: Violation) -> str:
    """Return the check that a violation makes fail."""
    if violation.attribute in OWNERS and violation.observed is None:
        return NO_WORKSPACE
    return CHECKS[violation.attribute]


def judge(
    credential: Credential,
    by_client: Judged,
    ordered: Ordered,
    now: int,
    methods: tuple[Method, ...] = (),
) -> Judged:
    """Return how a credential stands to the client's rules and the organisation's together.

    Args:
        by_client: How it stands to the client's own managed files.
        methods: The client's, for what people call them.
    """
    own = violations_of(credential, ordered, now)
    broken = tuple(
        violation
        for violation in (*by_client.violations, *own)
        if check_of(violation) not in ordered.waived
    )
    place = credential.named
    if broken:
        names = dict(ordered.names)
        lines = [
            f"{place} {in_words(violation, methods, names=names)}."
            for violation in broken
            if violation in own
        ]
        by_clients_rule = any(violation in broken for violation in by_client.violations)
        reason = " ".join([*([by_client.reason] if by_clients_rule else []), *lines])
        if ordered.unverified_waivers:
            unclear = f"{reason} Whether a pasted waiver covers it cannot be verified here."
            return Judged(credential.source, "cannot_tell", broken, unclear, needs_library=True)
        return Judged(credential.source, "violates", broken, reason)
    held = credential.content if isinstance(credential.content, HeldCredential) else None
    if held and held.signature == "not verified":
        unclear = f"the signature of {place} cannot be verified here."
        return Judged(credential.source, "cannot_tell", (), unclear, needs_library=True)
    if by_client.verdict == "cannot_tell":
        return by_client
    for identity in held.identities if held else ():
        if identity.known == "service" and ordered.list_allowed(identity.attribute) is not None:
            unclear = f"only the service knows to which {identity.attribute} {place} belongs."
            return Judged(credential.source, "cannot_tell", (), unclear)
    return Judged(credential.source, "complies")


def violations_of(credential: Credential, ordered: Ordered, now: int) -> tuple[Violation, ...]:
    """Return what a credential breaks of the organisation's policy, the gravest first."""
    content = credential.content
    if not isinstance(content, HeldCredential):
        return ()
    found = [
        *breaks(credential.source, content, restrictions_of(ordered)),
        _environment(credential, ordered),
        _signature(credential.source, content, ordered),
        _age(credential.source, content, ordered, now),
    ]
    return tuple(violation for violation in found if violation)


def restrictions_of(ordered: Ordered) -> Restrictions:
    """Return what the organisation's policy lets people sign in with."""
    methods, places = ordered.login_methods, ordered.places
    return Restrictions(
        None if methods is None else Allowed(methods, places("login_method")),
        *(
            None
            if (values := ordered.list_allowed(owner)) is None
            else Allowed(values, places(owner))
            for owner in OWNERS
        ),
    )


def breaks(source: str, content: HeldCredential, allowed: Restrictions) -> tuple[Violation, ...]:
    """Return what a credential's own method and claims break."""
    found = []
    methods = allowed.methods
    if methods and content.method not in methods.values:
        found.append(_violation("login_method", source, content.method, methods))
    for identity in content.identities:
        rule = allowed.of(identity.attribute)
        # Whose an access token is, only the service knows.
        if rule and identity.known != "service" and identity.value not in rule.values:
            found.append(_violation(identity.attribute, source, identity.value, rule))
    return tuple(found)


def _violation(
    attribute: Attribute, source: str, observed: str | None, allowed: Allowed
) -> Violation:
    return Violation(attribute, source, observed, allowed.values, allowed.origins)


def _environment(credential: Credential, ordered: Ordered) -> Violation | None:
    if not ordered.forbids_variables or credential.is_stored:
        return None
    source = credential.source
    return Violation("environment", source, source, (), ordered.places("environment"))


def _signature(source: str, content: HeldCredential, ordered: Ordered) -> Violation | None:
    judged = content.signature not in (None, "trusted", "not verified")
    if not ordered.wants_signature or not judged:
        return None
    return Violation("signature", source, content.signature, (), ordered.places("signature"))


def _age(source: str, content: HeldCredential, ordered: Ordered, now: int) -> Violation | None:
    limit, refreshed = ordered.longest_age_s, content.last_refresh
    if limit is None or refreshed is None or now - refreshed <= limit:
        return None
    days = (now - refreshed) // SECONDS_A_DAY
    return Violation("age", source, f"{days} days", (write_length(limit),), ordered.places("age"))


def write_length(seconds: int) -> str:
    """Return a length of time as the document writes it."""
    for unit, size in (("d", SECONDS_A_DAY), ("h", 3600)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds // 60}m"


def in_words(
    violation: Violation,
    methods: tuple[Method, ...] = (),
    *,
    names: dict[str, str] | None = None,
) -> str:
    """Return what a violation is, for a person; with the places of the rule.

    Args:
        methods: The client's, for what people call them.
        names: What people call workspaces, organisations and accounts, by id.
    """
    where = " and ".join(str(origin) for origin in violation.origins)
    observed, allowed = violation.observed, _list_values(violation.allowed, names or {})
    if violation.attribute in OWNERS:
        owner = _owner(violation.attribute, observed, names or {})
        return f"belongs to {owner}; {where} allows {allowed}"
    if violation.attribute == "login_method":
        method = method_in_words(observed, methods)
        return f"signs in with {method}; {where} allows {allowed}"
    return {
        "environment": f"is set in the environment, which {where} forbids",
        "signature": f"holds a token that is {observed}, judged by the keys of {where}",
        "age": f"was last refreshed {observed} ago; {where} allows {allowed}",
    }[violation.attribute]


def method_in_words(name: str | None, methods: Iterable[Method]) -> str:
    """Return what a person calls a login method; the name of one that is not known stays."""
    return next((method.label for method in methods if method.name == name), str(name))


def _owner(attribute: str, observed: str | None, names: dict[str, str]) -> str:
    return f"no {attribute}" if observed is None else f"{attribute} {_quote(observed, names)}"


def _list_values(values: tuple[str, ...], names: dict[str, str]) -> str:
    return " or ".join(_quote(value, names) for value in values) or "none"


def _quote(value: str, names: dict[str, str]) -> str:
    return f'"{value}" ({names[value]})' if value in names else f'"{value}"'
