"""TIP102: a workspace, organisation or account is claimed that is not allowed."""

from tipstaff_policy.checks.active import judge_owner
from tipstaff_policy.checks.model import Check, Host, Outcome

CHECK = Check(
    id="TIP102",
    title="Workspace not allowed",
    severity="critical",
    since="0.1.0",
    fails_when="the active credential, or another one that Tipstaff logs out, names a workspace "
    "that is not allowed",
    rationale="Work in a foreign or private workspace leaves the organisation.",
    remedy="Run `tipstaff enforce` to log out, then sign in and choose an allowed workspace.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/wrong-workspace",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge whose the active credential claims to be."""
    return judge_owner(host, CHECK.id, good="no foreign {}")
