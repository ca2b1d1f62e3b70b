"""TIP205: a credential is present and cannot be decoded."""

from tipstaff_policy.checks.model import Check, Host, Outcome, not_applicable, place_of
from tipstaff_policy.model.state import HeldCredential, UnreadableCredential

CHECK = Check(
    id="TIP205",
    title="Credential cannot be read",
    severity="medium",
    since="0.1.0",
    fails_when="a credential is present but cannot be decoded (always an error, never a failure)",
    rationale="A credential that cannot be read cannot be judged, so it is not compliant.",
    remedy="Make the file readable, or remove it with `tipstaff logout` and sign in again.",
    source="tests/conformance/cases_credentials.py",
    fails_on="examples/hosts/broken-credential",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Pass for each credential that could be read; an error for each that could not.

    A keyring out of reach is an error only where the client would have looked there alone.
    """
    state, decision = host.state, host.decision
    outcomes = []
    for credential in state.credentials:
        content, places = credential.content, place_of(credential)
        if isinstance(content, UnreadableCredential) and (
            content.present or content.unseen or credential.source in decision.unread
        ):
            outcomes.append(Outcome("error", credential.source, content.reason, "", places))
        elif isinstance(content, HeldCredential):
            outcomes.append(Outcome("pass", credential.source, "readable", "", places))
    return tuple(outcomes) or not_applicable("no credential")
