"""TIP102: a workspace is claimed, and it is outside the allowed ones."""

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
    id="TIP102",
    title="Workspace not allowed",
    severity="critical",
    since="0.1.0",
    fails_when="the active credential names a workspace outside the allowed ones",
    rationale="Work that is done in a foreign or private workspace leaves the organisation.",
    remedy="Run `tipstaff enforce` to log out, then sign in and choose an allowed workspace.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/wrong-workspace",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
)


def evaluate(state: HostState, decision: Decision) -> tuple[Outcome, ...]:
    """Read from the decision whether the workspace of the active credential broke a rule."""
    if (open_question := undecided(decision)) is not None:
        return open_question
    active = credential_of(state, decision.active)
    if active is None or decision.workspaces is None:
        return not_applicable("no credential is active" if active is None else "no workspace rule")
    expected = " or ".join(decision.workspaces) or "no workspace"
    for violation in decision.violations:
        if violation.attribute == "workspace" and violation.observed is not None:
            places = place_of(active) + at(*violation.origins)
            observed = f"workspace {violation.observed}"
            return (Outcome("fail", active.source, observed, expected, places),)
    return (Outcome("pass", active.source, "no foreign workspace", expected, place_of(active)),)
