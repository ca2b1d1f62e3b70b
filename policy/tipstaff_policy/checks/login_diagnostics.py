"""TIP403: the client's log of log-ins is open to others, or holds a secret."""

from tipstaff_policy.checks.model import Check, Evidence, Host, Outcome, not_applicable

OTHERS = 0o077
CHECK = Check(
    id="TIP403",
    title="Log-in diagnostics open or holding a secret",
    severity="medium",
    since="0.1.0",
    fails_when="the client's log of log-ins is readable or writable by others, belongs to another "
    "user, or holds a key or token",
    rationale="Logs are copied into tickets and backups, and a token in one signs in anywhere.",
    remedy="`chmod 600` the file; where it holds a secret, delete it, sign out and sign in again.",
    source="docs/clients/codex.md, What checks look at",
    fails_on="examples/hosts/log-with-token",
    passes_on="examples/hosts/guarded-client",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge mode, owner and the kinds of secrets in the log; what was not searched is no pass."""
    log = host.surroundings.login_log
    if log is None:
        return not_applicable("no log of log-ins", "log")
    places, expected = (Evidence(log.path),), "mode 0600, no secret"
    # Windows has access lists instead of modes; that of a user's profile is the user's alone.
    has_modes = host.state.platform != "windows" or host.state.system_root is not None
    of_others = int(log.mode, 8) & OTHERS or log.owner != log.owner_expected
    open_to_others = has_modes and of_others
    found = [f"mode {log.mode}, owner {log.owner}"] if open_to_others else []
    found += [f"holds what looks like {secret}" for secret in log.secrets]
    if not found and log.unread is not None:
        return (Outcome("error", "log", log.unread, expected, places),)
    if found:
        return (Outcome("fail", "log", "; ".join(found), expected, places),)
    return (Outcome("pass", "log", f"mode {log.mode}, no secret", expected, places),)
