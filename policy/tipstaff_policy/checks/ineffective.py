"""TIP310: this version of the client ignores a restriction."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
)

EXPECTED = "a version of the client that applies the restriction"

CHECK = Check(
    id="TIP310",
    title="Restriction that this client ignores",
    severity="medium",
    since="0.1.0",
    fails_when="a restriction is deployed that this version of the client ignores",
    rationale="An older client starts as if the restriction were not there, and says nothing.",
    remedy="Update the client to a version that heeds the restriction; until then state it where "
    "this version heeds it.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/compliant-chatgpt, with --client-version 0.146.0",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each restriction that the version judged here passes over."""
    rules = host.surroundings.rules
    if rules is None:
        return not_applicable(NOT_LOOKED, "policy")
    if unread := judge_unread_rules(host.decision):
        return unread
    restricting = [rule for rule in rules if rule.allows is not None]
    if not restricting:
        return not_applicable("nothing is restricted", "policy")
    version = f"version {host.state.client.version}"
    ignored = [stated for stated in restricting if not stated.heeded]
    if not ignored:
        return (Outcome("pass", "policy", f"{version} applies every restriction", EXPECTED),)
    return tuple(
        Outcome(
            "fail",
            ignored_rule.key,
            f"{version} passes over {ignored_rule.key}",
            EXPECTED,
            at(ignored_rule.origin),
        )
        for ignored_rule in ignored
    )
