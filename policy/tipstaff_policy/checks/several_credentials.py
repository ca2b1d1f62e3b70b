"""TIP108: more than one credential is present."""

from tipstaff_policy.checks.model import Check, Host, Outcome, credential_of, place_of
from tipstaff_policy.model.state import Credential, HeldCredential, HostState, UnreadableCredential

CHECK = Check(
    id="TIP108",
    title="Several credentials",
    severity="low",
    since="0.1.0",
    fails_when="more than one credential is present, in stores or in the environment",
    rationale="Which one signs in depends on how the client is started, and the others are "
    "forgotten, and never revoked.",
    remedy="Keep the one that is meant to be used; unset the variable, or empty the other store.",
    source="tests/conformance/cases_overrides.py",
    fails_on="examples/hosts/variable-beats-login, with a key in the environment",
    passes_on="examples/hosts/variable-beats-login, without it",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Count what is present and say which one wins; what cannot be decoded is there too."""
    present = [credential for credential in host.state.credentials if _is_present(credential)]
    named = ", ".join(credential.source for credential in present) or "none"
    if len(present) < 2:
        return (Outcome("pass", "credentials", named, "one credential at most"),)
    places = tuple(place for credential in present for place in place_of(credential))
    observed = f"{named}; {_winner(host.state, host.decision.active)}"
    return (Outcome("fail", "credentials", observed, "one credential at most", places),)


def _is_present(credential: Credential) -> bool:
    content = credential.content
    return isinstance(content, HeldCredential) or (
        isinstance(content, UnreadableCredential) and content.present
    )


def _winner(state: HostState, active: str | None) -> str:
    wins = credential_of(state, active)
    return f"the client goes by {wins.source}" if wins else "the client uses none of them"
