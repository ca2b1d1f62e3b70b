"""TIP203: others can read or write the credential file, or it belongs to another user."""

from tipstaff_policy.checks.model import (
    Check,
    Host,
    Outcome,
    not_applicable,
    pass_or_fail,
    place_of,
)

OTHERS = 0o077
CHECK = Check(
    id="TIP203",
    title="Credential file open to others",
    severity="medium",
    since="0.1.0",
    fails_when="the credential file is readable or writable by others, or owned by another user",
    rationale="A user who reads the file is signed in as its owner, on any machine.",
    remedy="`chmod 600` the file and give it to its user; sign in again if others could read it.",
    source="tests/policy/checks/test_checks.py",
    fails_on="examples/hosts/credential-readable-by-others",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge mode and owner of the credential file itself; a link's own mode says nothing."""
    state = host.state
    if state.platform == "windows" and state.system_root is None:
        return not_applicable("Windows has access lists instead of modes", "file")
    for credential in state.credentials:
        facts = credential.file
        if facts is None or facts.type == "link":
            continue
        observed = f"mode {facts.mode}, owner {facts.owner}"
        expected = f"mode 0600, owner {facts.owner_expected}"
        good = int(facts.mode, 8) & OTHERS == 0 and facts.owner == facts.owner_expected
        status = pass_or_fail(good)
        return (Outcome(status, credential.source, observed, expected, place_of(credential)),)
    return not_applicable("no credential file", "file")
