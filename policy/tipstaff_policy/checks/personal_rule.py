"""TIP307: a project, a profile or a flag sets a login rule or a store."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
)
from tipstaff_policy.model.host_facts import StatedRule

EXPECTED = "no login rule or store of a project, a profile or a flag"

CHECK = Check(
    id="TIP307",
    title="Login rule of a project, profile or flag",
    severity="medium",
    since="0.1.0",
    fails_when="a login rule or a store that a project, a profile or a flag sets is in force",
    rationale="A repository that the user trusts can make the client delete the login, lift a "
    "restriction, or move the credential.",
    remedy="Delete the key from the file that the finding names, or end the trust in that "
    "project; state the rule in an administrators' file that no user's setting beats.",
    source="tests/conformance/cases_layers.py",
    fails_on="examples/hosts/two-folders, with --cwd HOST/home/dev/work",
    passes_on="examples/hosts/two-folders, with --cwd HOST/home/dev/play",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each setting in force that came with the folder or the command."""
    rules = host.surroundings.rules
    if rules is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := judge_unread_rules(host.decision):
        return unread
    found = [rule for rule in rules if rule.held_by == "start" and rule.in_force]
    if not found:
        return (Outcome("pass", "policy", "no such setting is in force", EXPECTED),)
    return tuple(
        Outcome("fail", rule.key, _describe_observed(rule), EXPECTED, at(rule.origin))
        for rule in found
    )


def _describe_observed(rule: StatedRule) -> str:
    allows = "nothing, so no restriction" if rule.allows is None else " or ".join(rule.allows)
    return f"{rule.origin} sets {rule.key}: {allows or 'none'}"
