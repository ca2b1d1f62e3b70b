"""TIP405: the client's own log-out would leave the credential."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Evidence,
    Host,
    Outcome,
    Status,
    judge_undecided,
    not_applicable,
)
from tipstaff_policy.model.host_facts import Obstacle

CHECK = Check(
    id="TIP405",
    title="Log-out would leave the credential",
    severity="critical",
    since="0.1.0",
    fails_when="the client's own log-out would leave the credential: the keyring is out of reach, "
    "the file immutable, a link or one of several names, its folder not writable, the file system "
    "read-only, or the client's lock held",
    rationale="The client says that it logs out, and a user who can read the credential stays "
    "signed in.",
    remedy="Remove the obstacle (`lsattr`, `chattr -i`, `ls -li` show it), then run "
    "`tipstaff enforce`.",
    source="tests/conformance/cases_stores.py",
    fails_on="examples/hosts/credential-behind-link",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each obstacle; what could not be looked at is an error, never a pass."""
    removal = host.surroundings.removal
    if removal is None:
        return judge_undecided(host.decision) or not_applicable(NOT_LOOKED, "removal")
    if not removal.tried:
        return not_applicable("the store in force is empty", "removal")
    found = [_outcome("fail", obstacle) for obstacle in removal.obstacles]
    found = found or [_outcome("error", obstacle) for obstacle in removal.unseen]
    nothing = "nothing prevents the removal"
    return tuple(found) or tuple(Outcome("pass", source, nothing) for source in removal.tried)


def _outcome(status: Status, obstacle: Obstacle) -> Outcome:
    places = (Evidence(obstacle.path),) if obstacle.path else ()
    return Outcome(status, obstacle.source, obstacle.why, "a log-out removes it", places)
