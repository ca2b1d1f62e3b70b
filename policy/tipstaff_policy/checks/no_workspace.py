"""TIP103: a workspace, organisation or account is required, and the credential names none."""

from tipstaff_policy.checks.active import judge_owner
from tipstaff_policy.checks.model import Check, Host, Outcome

CHECK = Check(
    id="TIP103",
    title="No workspace claimed",
    severity="critical",
    since="0.1.0",
    fails_when="a workspace is required, and the active login, or another one that Tipstaff logs "
    "out, names none",
    rationale="A login without a workspace cannot be tied to the organisation.",
    remedy="Run `tipstaff enforce` to log out, then sign in and choose an allowed workspace.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/no-workspace-claim",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge whether the active credential says whose it is, where a rule asks for that."""
    return judge_owner(host, CHECK.id, good="none is missing")
