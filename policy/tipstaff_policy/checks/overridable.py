"""TIP302: a restriction stands only where the user can beat it."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
)
from tipstaff_policy.model.host_facts import About, StatedRule
from tipstaff_policy.model.state import OWNERS
from tipstaff_policy.organisation.model import NO_POLICY, Allowed

EXPECTED = "where no file, profile or flag of a user's is stronger"

CHECK = Check(
    id="TIP302",
    title="Restriction that the user can beat",
    severity="high",
    since="0.1.0",
    fails_when="a restriction stands only in files that the user can write, or that a user's "
    "file, profile or flag beats",
    rationale="A default is not a restriction: one line in the user's own file switches it off.",
    remedy="State it in an administrators' file that no file, profile or flag of a user's beats.",
    source="tests/conformance/cases_layers.py",
    fails_on="examples/hosts/store-overridden",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


SUBJECTS: tuple[About, ...] = ("login method", *OWNERS, "store")


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge login method, workspace and store, each where something restricts it."""
    rules = host.surroundings.rules
    if rules is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := judge_unread_rules(host.decision):
        return unread
    policy = host.orders.policy if host.orders else NO_POLICY
    ordered: dict[About, Allowed | None] = {
        "login method": policy.login_methods,
        **{owner: host.orders.owners(owner) if host.orders else None for owner in OWNERS},
        "store": policy.stores,
    }
    outcomes = [
        outcome
        for about in SUBJECTS
        for outcome in _judge(about, _find_restricting(rules, about), ordered[about])
    ]
    return tuple(outcomes) or not_applicable("nothing is restricted", "policy")


def _find_restricting(rules: tuple[StatedRule, ...], about: About) -> list[StatedRule]:
    """Return what restricts a subject; the store that users choose for themselves does not."""
    return [
        rule
        for rule in rules
        if rule.about == about
        and rule.allows is not None
        and rule.heeded
        and (rule.held_by == "administrators" or (rule.in_force and about != "store"))
    ]


def _judge(
    about: About, restricting: list[StatedRule], ordered: Allowed | None
) -> tuple[Outcome, ...]:
    """Return whether everything that is restricted stands where no user can beat it."""
    if not restricting:
        return ()
    firm = [rule for rule in restricting if not rule.beatable]
    held = [set(rule.allows or ()) for rule in firm] + ([set(ordered.values)] if ordered else [])
    loose = [rule for rule in restricting if rule.beatable and not _is_held(rule, firm, held)]
    if not loose:
        origins = [rule.origin for rule in firm] + list(ordered.origins if ordered else ())
        return (Outcome("pass", about, "no user can beat it", EXPECTED, at(*origins)),)
    origins = [rule.origin for rule in loose]
    where = " and ".join(dict.fromkeys(map(str, origins)))
    return (Outcome("fail", about, f"only in {where}", EXPECTED, at(*origins)),)


def _is_held(rule: StatedRule, firm: list[StatedRule], held: list[set[str]]) -> bool:
    """Return whether a rule that users can beat adds nothing to those that they cannot."""
    if any(stated_rule.key == rule.key for stated_rule in firm):
        return True  # it is beaten itself
    if held and rule.held_by != "administrators":
        return True  # what users forbid themselves beyond the administrators' rules
    return bool(held) and set.intersection(*held) <= set(rule.allows or ())
