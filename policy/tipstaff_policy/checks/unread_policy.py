"""TIP314: an administrators' file that the user's client cannot read, so that it has no effect."""

from tipstaff_policy.checks.model import Check, Evidence, Host, Outcome, fail_for_each
from tipstaff_policy.model.host_facts import UnreadFile

EXPECTED = "a policy file that every user can read"

CHECK = Check(
    id="TIP314",
    title="Policy file that the client cannot read",
    severity="high",
    since="0.1.0",
    fails_when="the user may not read a file of the administrators, or enter a folder above it, "
    "and the client starts without it",
    rationale="A client that may not read a managed file warns once and starts as if there were "
    "none: one wrong mode switches the whole policy off.",
    remedy="Give the file mode 0644 and its folders mode 0755.",
    source="tests/clients/claude/test_real_client.py",
    fails_on="examples/hosts/claude-compliant, with a managed file that only root can read",
    passes_on="examples/hosts/claude-compliant",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each file that has no effect because the user may not read it."""
    passing = Outcome("pass", "policy", "the user can read every policy file", EXPECTED)
    return fail_for_each(host.surroundings.unread_files, _describe, passing)


def _describe(file: UnreadFile) -> Outcome:
    return Outcome("fail", file.path, file.why, EXPECTED, (Evidence(file.path),))
