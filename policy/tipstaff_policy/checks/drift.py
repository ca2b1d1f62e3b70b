"""TIP308: what is deployed for the client differs from the organisation's policy."""

from tipstaff_policy.checks.active import names_of
from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
    pass_or_fail,
)
from tipstaff_policy.model.host_facts import About, CarriedKey, StatedRule
from tipstaff_policy.model.state import OWNERS
from tipstaff_policy.model.wording import add_names
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.model import Allowed
from tipstaff_policy.organisation.whole_start import find_hold_backs

CHECK = Check(
    id="TIP308",
    title="Deployed policy differs",
    severity="medium",
    since="0.1.0",
    fails_when="login methods, workspaces, store, or a key that the policy carries in"
    " `[clients.…]`, are in the client's own administrators' files not those of the organisation's"
    " policy, be they looser or stricter; not before the policy is enforced on every host, since"
    " the client's files are deployed no earlier",
    rationale="The client goes by its own files: it lets pass what the policy forbids until "
    "Tipstaff runs, or refuses what the policy allows.",
    remedy="Deploy the client's files again, so that they state the values that the finding "
    "expects.",
    source="tests/policy/checks/test_drift.py",
    fails_on="examples/hosts/policy-drift",
    passes_on="examples/hosts/policy-deployed",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Compare what the administrators' own files of the client deploy with the policy.

    Stricter is drift as well: the client then refuses what the policy allows. A subject on which
    the policy is silent is not compared.
    """
    if host.orders is None:
        return not_applicable("no organisation's policy", "policy")
    if why := _why_not_shipped(host.orders):
        return not_applicable(why, "policy")
    rules = host.surroundings.rules
    if rules is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := judge_unread_rules(host.decision):
        return (*unread, *_judge_carried(host.surroundings.carried))
    policy = host.orders.policy
    wanted: tuple[tuple[About, Allowed | None], ...] = (
        ("login method", policy.login_methods),
        *((owner, host.orders.owners(owner)) for owner in OWNERS),
        ("store", policy.stores),
    )
    outcomes = [
        _judge(about, _find_deployed(rules, about), rule, host) for about, rule in wanted if rule
    ]
    outcomes += _judge_carried(host.surroundings.carried)
    return tuple(outcomes) or not_applicable("the policy restricts none of these", "policy")


def _why_not_shipped(orders: Orders) -> str:
    """Return why the client's files are not deployed yet; empty where they are."""
    if orders.stage.mode == "silent":
        return orders.stage.why
    reasons = find_hold_backs(orders.policy, orders.now)
    if not reasons:
        return ""
    named = " and ".join(f"{name} at {place}" for name, place in reasons)
    return f"the client's files are deployed once the policy is enforced on every host: {named}"


def _judge_carried(keys: tuple[CarriedKey, ...]) -> list[Outcome]:
    """Compare the client's other keys; a further key that is deployed contradicts no policy."""
    outcomes = [_key(key) for key in keys if key.found != "same"]
    same = [key for key in keys if key.found == "same"]
    if same:
        observed = f"{len(same)} of {len(keys)} are as the policy has them"
        places = at(*(origin for key in same for origin in key.wanted[:1]))
        expected = f"{len(keys)} keys of [clients]"
        outcomes.append(Outcome("pass", "other keys", observed, expected, places))
    return outcomes


def _key(key: CarriedKey) -> Outcome:
    observed = f"{key.name}: it is not deployed"
    if key.found == "other":
        observed = f"{key.name}: another value is deployed"
    places = at(*((key.at,) if key.at else ()), *key.wanted)
    return Outcome("fail", key.name, observed, "the value of the policy", places)


def _find_deployed(rules: tuple[StatedRule, ...], about: About) -> list[StatedRule]:
    """Return what restricts a subject, by the strongest administrators' word for each key."""
    strongest: dict[str, StatedRule] = {}
    for rule in rules:
        if rule.about == about and rule.held_by == "administrators":
            strongest.setdefault(rule.key, rule)
    return [stated for stated in strongest.values() if stated.allows is not None]


def _every(about: About, host: Host) -> set[str] | None:
    """Return what is allowed where nothing is deployed, if that can be listed."""
    return {method.name for method in host.methods} if about == "login method" else None


def _judge(about: About, deployed: list[StatedRule], wanted: Allowed, host: Host) -> Outcome:
    """Compare one subject."""
    values = set(wanted.values)
    sets = [set(rule.allows or ()) for rule in deployed]
    found = set.intersection(*sets) if sets else _every(about, host)
    # A client setting can name only one store, so any of the allowed ones will do.
    good = found is not None and (found <= values if about == "store" else found == values)
    names = names_of(host) if about in OWNERS else ()
    observed = "nothing is deployed"
    if sets and found is not None:
        observed = f"deployed: {_list_values(found, names)}"
        observed += "" if good else f" ({_relation(found, values)})"
    places = at(*(rule.origin for rule in deployed), *wanted.origins)
    return Outcome(pass_or_fail(good), about, observed, _list_values(values, names), places)


def _relation(found: set[str], wanted: set[str]) -> str:
    if found < wanted:
        return "stricter: the client refuses what the policy allows"
    return "looser" if found > wanted else "another"


def _list_values(values: set[str], names: tuple[tuple[str, str], ...]) -> str:
    return " or ".join(add_names(sorted(values), names)) or "none"
