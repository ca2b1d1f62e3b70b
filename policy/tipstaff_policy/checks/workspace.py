"""TIP102: a workspace is claimed, and it is outside the allowed ones."""

from tipstaff_policy.checks.active import allowed_workspaces, judge_active
from tipstaff_policy.checks.model import Check, Host, Outcome

CHECK = Check(
    id="TIP102",
    title="Workspace not allowed",
    severity="critical",
    since="0.1.0",
    fails_when="the active credential names a workspace that is not allowed",
    rationale="Work in a foreign or private workspace leaves the organisation.",
    remedy="Run `tipstaff enforce` to log out, then sign in and choose an allowed workspace.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/wrong-workspace",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the workspace that the active credential claims."""
    return judge_active(
        host,
        CHECK.id,
        allowed_workspaces(host),
        seen=lambda each: f"workspace {each.observed}",
        good="no foreign workspace",
    )
