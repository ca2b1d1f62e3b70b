"""What a person can do about credentials that cannot be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tipstaff_policy.clients import load_client, own_command
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    Judged,
    SignIn,
    UnreadableCredential,
)
from tipstaff_policy.parsing.masks import mask_words
from tipstaff_policy.system.files import END_SHORTAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tipstaff_policy.organisation.model import OrganisationPolicy


def to_settle(state: HostState, sign_in: SignIn, to_sign_in: str) -> str:
    """Return what a person can do about credentials that cannot be judged; empty without any."""
    found = {credential.source: credential for credential in state.everywhere()}
    unclear = [
        credential for credential in sign_in.credentials if credential.verdict == "cannot_tell"
    ]
    done = (
        _to_settle(credential, found[credential.source], state, to_sign_in)
        for credential in unclear
    )
    return "; ".join(dict.fromkeys(done))


def _to_settle(judged: Judged, place: Credential, state: HostState, to_sign_in: str) -> str:
    if judged.needs_library:
        return (
            "ask the administrators of this machine to install the `tipstaff` program next to the "
            "guard, which can judge this"
        )
    said = [identity for identity in state.identities if identity.source == place.source]
    missing = [identity.missing for identity in said if identity.missing]
    if missing:
        install = f"ask the administrators of this machine to install {missing[0]}"
        return f"{install}; or {_to_replace(place, state)}, then {to_sign_in}"
    unanswered = [identity for identity in said if identity.fault and identity.service]
    if unanswered:
        again = f"have this machine reach {unanswered[0].service} and start the client again"
        return f"{again}; or {_to_replace(place, state)}, then {to_sign_in}"
    content = place.content
    if isinstance(content, HeldCredential) and content.ask and not said:
        return "run `tipstaff why` on the host itself, as its user: it asks the service"
    if not isinstance(content, UnreadableCredential) or not place.is_stored:
        return f"{_to_replace(place, state)}, then {to_sign_in}"
    then = "start the client again" if content.unseen else to_sign_in
    return f"{_to_read(place, content, load_client(state.client.name))}, then {then}"


def _to_replace(place: Credential, state: HostState) -> str:
    if place.is_stored:
        return f"`{own_command(state.client.name, 'tipstaff logout')}`"
    if place.place == "variable":
        return f"unset {_together(state, place.source)}"
    return to_take_out(place)


def to_take_out(place: Credential) -> str:
    """Return what ends a credential that settings or a helper program give."""
    unset = f"unset {' and '.join(place.scrubbed_by)}, or " if place.scrubbed_by else ""
    return f"{unset}take {place.source} out of {place.path or 'the settings'}"


def _to_read(place: Credential, content: UnreadableCredential, client: Adapter) -> str:
    if content.unseen and place.source in client.files:
        return END_SHORTAGE  # of a file, nothing else leaves it unseen
    if content.unseen:
        return "unlock or repair the keyring"
    return f"remove what cannot be read by `{own_command(client.name, 'tipstaff logout')}`"


def _together(state: HostState, variable: str) -> str:
    """Return a variable, with all that choose the same login: one that is left still does."""
    together = load_client(state.client.name).together
    return ", ".join(together) if variable in together else variable


def list_named(policy: OrganisationPolicy) -> Iterator[str]:
    """Yield whom the organisation's policy names, and where it has users read more."""
    for label, rule in (("ask", policy.contact), ("see", policy.help_url)):
        if rule:
            yield f"{label}: {mask_words(rule.value)}"
