"""TIP101: the active credential's method is not allowed."""

from tipstaff_policy.checks.model import (
    Check,
    Outcome,
    at,
    credential_of,
    not_applicable,
    place_of,
    undecided,
)
from tipstaff_policy.values import Decision, HostState

CHECK = Check(
    id="TIP101",
    title="Login method not allowed",
    severity="critical",
    since="0.1.0",
    fails_when="the active credential's login method is outside the allowed ones",
    rationale="A forbidden method signs in outside the organisation's contract and its logs.",
    remedy="Run `tipstaff enforce` to log out, then sign in by an allowed method.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/api-key-under-chatgpt-only",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
)


def evaluate(state: HostState, decision: Decision) -> tuple[Outcome, ...]:
    """Read from the decision whether the method of the active credential broke a rule."""
    if (open_question := undecided(decision)) is not None:
        return open_question
    active = credential_of(state, decision.active)
    if active is None:
        return not_applicable("no credential is active")
    broken = [each for each in decision.violations if each.attribute == "login_method"]
    expected = " or ".join(decision.methods)
    for violation in broken:
        places = place_of(active) + at(*violation.origins)
        return (Outcome("fail", active.source, f"method {violation.observed}", expected, places),)
    return (Outcome("pass", active.source, "the method is allowed", expected, place_of(active)),)
