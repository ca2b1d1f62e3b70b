"""What a state lacks that was read as for one version, and is judged for another.

A host is read again for each version; a report contains only one reading.
"""

from tipstaff_policy.clients.codex.versions import Behaviour, every_behaviour, name_of
from tipstaff_policy.model.layers import merge
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    NoCredential,
    UnreadableCredential,
)

SINCE_ALWAYS = ("apikey", "chatgpt", "chatgptAuthTokens")
"""Kinds of credentials that every version reads alike."""


def find_gaps(state: HostState, behaviour: Behaviour) -> str | None:
    """Return what another version would have read otherwise; None where nothing matters.

    Args:
        behaviour: Of the version that judges; the state names the one that read.
    """
    if name_of(behaviour) == state.client.precedence:
        return None  # it was read as it is judged
    known = (row for row in every_behaviour() if name_of(row) == state.client.precedence)
    reader = next(known, behaviour)
    if reader.profile_files != behaviour.profile_files and _has(state, "profile"):
        return "a profile"
    if reader.trusts_by_managed != behaviour.trusts_by_managed and _has_managed_trust(state):
        return "trust in projects by the managed layer"
    if reader.reads_bundle != behaviour.reads_bundle and _has(state, "cloud"):
        return "the policy of the service"
    if reader.unknown_fields != behaviour.unknown_fields and any(map(_newer, state.credentials)):
        return "a credential"
    return None


def _has(state: HostState, layer: str) -> bool:
    return any(source.name == layer for source in state.layers)


def _has_managed_trust(state: HostState) -> bool:
    projects = merge(state.layers, "config").get("projects")
    beaten = [setting.origin.layer for setting in projects.overridden] if projects else []
    speaking = [projects.origin.layer, *beaten] if projects else []
    return any(layer not in ("system", "user", "profile", "flags") for layer in speaking)


def _newer(credential: Credential) -> bool:
    content = credential.content
    if credential.path is None or isinstance(content, NoCredential):
        return False
    if isinstance(content, UnreadableCredential) and not content.present:
        return False  # a store out of reach is so for every version
    return not isinstance(content, HeldCredential) or content.kind not in SINCE_ALWAYS
