"""TIP103: a workspace is required, and the credential names none."""

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
    id="TIP103",
    title="No workspace claimed",
    severity="critical",
    since="0.1.0",
    fails_when="a workspace is required and the active ChatGPT login names none",
    rationale="A login without a workspace cannot be tied to the organisation.",
    remedy="Run `tipstaff enforce` to log out, then sign in and choose an allowed workspace.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/no-workspace-claim",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
)


def evaluate(state: HostState, decision: Decision) -> tuple[Outcome, ...]:
    """Read from the decision whether the active credential lacks a required workspace."""
    if (open_question := undecided(decision)) is not None:
        return open_question
    active = credential_of(state, decision.active)
    if active is None or decision.workspaces is None:
        return not_applicable("no credential is active" if active is None else "no workspace rule")
    expected = " or ".join(decision.workspaces) or "no workspace"
    for violation in decision.violations:
        if violation.attribute == "workspace" and violation.observed is None:
            places = place_of(active) + at(*violation.origins)
            return (Outcome("fail", active.source, "names no workspace", expected, places),)
    return (Outcome("pass", active.source, "none is missing", expected, place_of(active)),)
