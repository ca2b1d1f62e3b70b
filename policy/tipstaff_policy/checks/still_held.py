"""TIP407: a running client still holds a credential that was removed or is forbidden."""

from tipstaff_policy.checks.active import is_restricted, violations
from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    Check,
    Evidence,
    Host,
    Outcome,
    judge_undecided,
    not_applicable,
)
from tipstaff_policy.model.host_facts import Running, RunningClient
from tipstaff_policy.model.state import HeldCredential

CHECK = Check(
    id="TIP407",
    title="Credential still held by a running client",
    severity="high",
    since="0.1.0",
    fails_when="under a restriction a client process runs while its folder holds a forbidden "
    "credential or none any more (low: it started before the credential file's last change)",
    rationale="A client reads the credential once; removing the file does not sign out the "
    "process.",
    remedy="End the process, for example by `kill PID`, and start the client again.",
    source="docs/clients/codex.md, What checks look at",
    fails_on="examples/hosts/unmanaged, live, with a client running and a rule that it breaks",
    passes_on="examples/hosts/unmanaged, live, with no client running",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each process of the client that may have read another credential than is allowed."""
    running = host.surroundings.running
    if running is None:
        return not_applicable(ENVIRONMENT_NOT_SEEN, "process")
    if (open_question := judge_undecided(host.decision)) is not None:
        return open_question
    if not is_restricted(host):
        return not_applicable("no rule restricts the sign-in", "process")
    if running.unread is not None:
        return (Outcome("error", "process", running.unread),)
    found = [
        _judge(host, running, client) for client in running.clients if client.here is not False
    ]
    return tuple(found) or (Outcome("pass", "process", "no client is running"),)


def _judge(host: Host, running: Running, client: RunningClient) -> Outcome:
    subject, places = f"process {client.pid}", (Evidence(f"/proc/{client.pid}"),)
    expected = "started with the credential that is stored and allowed"
    why = _holds(host)
    earlier = running.changed_at is not None and client.started_at <= running.changed_at
    if why is None and not earlier:
        return Outcome("pass", subject, "started after the last change", expected, places)
    if client.here is None:
        unclear = "may use this folder, and cannot be read"
        return Outcome("error", subject, unclear, expected, places)
    if why is not None:
        return Outcome("fail", subject, why, expected, places)
    # A refresh by the process itself looks the same as another log-in.
    changed = "started before the credential's last change"
    return Outcome("fail", subject, changed, expected, places, severity="low")


def _holds(host: Host) -> str | None:
    """Return why whatever a client has read is not allowed, or None."""
    stored = [credential for credential in host.state.credentials if credential.is_stored]
    held = [credential for credential in stored if isinstance(credential.content, HeldCredential)]
    if not held:
        return "runs while no credential is stored"
    if any(violations(host, credential) for credential in held):
        return "runs while the stored credential is forbidden"
    return None
