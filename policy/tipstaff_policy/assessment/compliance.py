"""Whether the credentials on a host satisfy the administrators' rules (ADR 0039).

This is what Tipstaff acts on. It reads the administrators' files, the organisation's policy and
the credentials themselves. No personal setting, flag, version, entry point or lock has a part in
it, so that no file of the user's can end it.
"""

from collections.abc import Callable

from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.model.state import (
    Compliance,
    Credential,
    HeldCredential,
    HostState,
    Judged,
    NoCredential,
    SignIn,
    UnreadableCredential,
    WorkspaceClaims,
)

UNRESTRICTED = SignIn("complies", "No rule of the administrators restricts sign-in here.")
NOBODY = "No credential is stored or set here."
WORST_FIRST: tuple[Compliance, ...] = ("violates", "cannot_tell", "complies", "nobody")


def comply(state: HostState, by_administrators: Callable[[HostState], Administrators]) -> SignIn:
    """Return how every credential of a host stands to the rules; reads nothing but the state.

    Args:
        by_administrators: Judges the credentials by the client's own managed files.
    """
    state = identify_owners(state)
    found = by_administrators(state)
    faults = (*state.policy_faults, *found.faults)
    if faults:
        reason = " ".join(f"{fault.where}: {fault.what.rstrip('.')}." for fault in faults)
        return SignIn("cannot_tell", reason, faults=faults)
    ordered = state.ordered
    if not found.restricts and (ordered is None or not ordered.restricts()):
        return UNRESTRICTED
    places = state.everywhere()
    judged = tuple(
        _with_fault(
            _judge(place, state, found),
            state,
        )
        for place in places
        if _is_there(place)
    )
    verdicts = {credential.verdict for credential in judged}
    verdict = next(
        compliance for compliance in WORST_FIRST if compliance in verdicts or compliance == "nobody"
    )
    broken = {credential.source for credential in judged if credential.verdict == "violates"}
    return SignIn(
        verdict,
        " ".join(credential.reason for credential in judged if credential.verdict == verdict)
        or NOBODY,
        removes=tuple(
            place.source for place in places if place.is_stored and place.source in broken
        ),
        variables=tuple(
            place.source for place in places if not place.is_stored and place.source in broken
        ),
        credentials=judged,
        mode=ordered.mode if ordered else "enforce",
    )


def identify_owners(state: HostState) -> HostState:
    """Return a state in which a credential that only its service can judge has its workspace.

    The service has named it, or the credential is a record that states it.
    """
    places = state.everywhere()
    if not any(isinstance(place.content, HeldCredential) and place.content.ask for place in places):
        return state
    named = {identity.source: identity.workspace for identity in state.identities}
    return state._replace(places=tuple(_of(place, named.get(place.source)) for place in places))


def _of(place: Credential, workspace: str | None) -> Credential:
    content = place.content
    if not isinstance(content, HeldCredential) or not content.ask:
        return place
    if content.identity is not None:
        return (
            place if workspace is None else place._replace(content=name_owner(content, workspace))
        )
    workspace = content.claims.account_id if workspace is None else workspace
    if workspace is None:
        return place
    claims = WorkspaceClaims(workspace, workspace, workspace, same_user=True)
    return place._replace(content=content._replace(claims=claims, ask=None))


def name_owner(content: HeldCredential, by: str) -> HeldCredential:
    """Return a login whose service has named its owner, which nothing else knows."""
    return content._replace(
        ask=None,
        identity=tuple(
            identity._replace(value=by, known="token") if identity.known == "service" else identity
            for identity in content.identity or ()
        ),
    )


def _with_fault(judged: Judged, state: HostState) -> Judged:
    """Add why the service did not say whose a credential is."""
    if judged.verdict != "cannot_tell" or not state.identities:
        return judged
    said = next(
        (identity for identity in state.identities if identity.source == judged.source), None
    )
    if said is None or not said.fault:
        return judged
    who = f"{said.service}: " if said.service else ""
    return judged._replace(
        reason=f"{judged.reason} {who}{said.fault}.",
        needs_library=judged.needs_library or said.needs_library,
    )


def _is_there(credential: Credential) -> bool:
    content = credential.content
    if isinstance(content, UnreadableCredential):
        return content.present or content.unseen
    return not isinstance(content, NoCredential)


def _judge(credential: Credential, state: HostState, found: Administrators) -> Judged:
    content, source = credential.content, credential.source
    place = credential.named
    if isinstance(content, UnreadableCredential):
        reason = f"{place} {content.reason}."
        return Judged(source, "cannot_tell", (), reason, content.needs_library)
    judged = next((one for one in found.judged if one.source == source), Judged(source, "complies"))
    if state.ordered is not None and isinstance(content, HeldCredential):
        from tipstaff_policy.organisation.violations import (  # noqa: PLC0415 - with a policy only
            judge,
        )

        judged = judge(credential, judged, state.ordered, state.evaluated_at, found.methods)
    if judged.verdict == "complies":
        return judged._replace(reason=f"{place} satisfies every rule.")
    return judged
