"""TIP410: a client works by the login of another one, which no rule of this host restricts."""

from tipstaff_policy.checks.active import is_restricted
from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    Check,
    Evidence,
    Host,
    Outcome,
    not_applicable,
)
from tipstaff_policy.model.host_facts import RemoteSession

CHECK = Check(
    id="TIP410",
    title="Client works by another host's login",
    severity="high",
    since="0.2.0",
    fails_when="under a restriction a client process, or the command line that is judged, works "
    "through a client on another host",
    rationale="The other client has the login. The sign-in rules of this host do not reach it, and "
    "no log-out here ends it.",
    remedy="Start the client without that connection, and put the same sign-in rules on the other "
    "host.",
    source="docs/clients/codex.md, What checks look at",
    fails_on="examples/hosts/unmanaged, live, with a rule and a client that uses another one",
    passes_on="examples/hosts/unmanaged, live, with a rule and no client running",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each client that hands its work to another one."""
    sessions = host.surroundings.remote_sessions
    if sessions is None:
        return not_applicable(ENVIRONMENT_NOT_SEEN, "process")
    if not is_restricted(host):
        return not_applicable("no rule restricts the sign-in", "process")
    if not sessions:
        return (Outcome("pass", "process", "no client works through another one"),)
    return tuple(map(_outcome, sessions))


def _outcome(session: RemoteSession) -> Outcome:
    pid = session.pid
    subject = "command line" if pid is None else f"process {pid}"
    places = () if pid is None else (Evidence(f"/proc/{pid}"),)
    observed = f"works through {session.address}, by the login of that client"
    return Outcome("fail", subject, observed, "a login that is judged here", places)
