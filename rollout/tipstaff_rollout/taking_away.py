"""The keys of the client that a shipped file takes away where it replaces one that is there."""

import plistlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.interface.deployment import (
    ClientFile,
    Documents,
    Preferences,
    RegistryText,
    Way,
)
from tipstaff_policy.model.state import HostState, Platform
from tipstaff_policy.model.toml_writing import join_dotted
from tipstaff_policy.system.files import read_bounded, within
from tipstaff_rollout.payloads import ClientPayload, client_payloads

SIZE_LIMIT = 4 << 20
FORCED = "/Library/Managed Preferences"
"""Where macOS keeps what device management forces."""


class KeyTaken(NamedTuple):
    """A key that is on a host now and in no shipped file."""

    path: str
    key: str
    line: int | None


def find_lost_keys(
    root: str, platform: Platform, files: Sequence[ClientFile], way: Way
) -> Iterator[KeyTaken]:
    """Yield what a host would lose; nothing for a file that cannot be read.

    That such a file stops the client is for the decision to say.
    """
    known = client_payloads()
    for file in files:
        kind = known[file.name]
        for path, text in _present(root, platform, kind, way):
            yield from _find_lost_in(kind.deployment.documents, path, text, file.text)


def _find_lost_in(documents: Documents, path: str, text: str, shipped: str) -> Iterator[KeyTaken]:
    try:
        leaves = documents.leaves(text)
    except ValueError:
        return
    kept, lines = documents.leaves(shipped), documents.lines(text)
    for key in leaves:
        if key not in kept:
            yield KeyTaken(path, join_dotted(key), lines.get(key))


def may_lose(state: HostState, files: Sequence[ClientFile], way: Way) -> bool:
    """Return whether a shipped file meets one of which a report does not show every key."""
    known = client_payloads()
    places = {
        place for file in files for place in _places(known[file.name], state.platform, way)
    } - {""}
    # A forced preference names its key after the path.
    return any(
        layer.administrators
        and layer.content.state != "absent"
        and any(layer.path == place or layer.path.startswith(f"{place} ") for place in places)
        for layer in state.layers
    )


def _path(place: str) -> str:
    path = place.replace("%ProgramData%", "/ProgramData").replace("\\", "/")
    return path[2:] if path[1:2] == ":" else path


def _preferences(kind: ClientPayload, platform: Platform, way: Way) -> Preferences | None:
    """Return the domain that stands for a file; None if the file has a path of its own."""
    preferences = kind.deployment.preferences
    is_value = preferences is not None and kind.file.name in preferences.names
    return preferences if is_value and way == "profile" and platform == "macos" else None


def _places(kind: ClientPayload, platform: Platform, way: Way) -> tuple[str, ...]:
    """Return where there may be what a shipped file takes the place of."""
    preferences = _preferences(kind, platform, way)
    if preferences:
        return (f"{FORCED}/{preferences.domain}.plist",)
    if kind.registry and platform == "windows":
        return (kind.registry.place, _path(kind.registry.silences))
    return (_path(kind.place(platform)),)


def _present(
    root: str, platform: Platform, kind: ClientPayload, way: Way
) -> Iterator[tuple[str, str]]:
    """Yield each place of a file with its text; empty if there is none."""
    preferences = _preferences(kind, platform, way)
    for path in _places(kind, platform, way):
        if preferences:
            yield path, _in_preferences(preferences, kind, _read(root, path))
        elif kind.registry and path == kind.registry.place:
            yield path, _in_registry(kind.registry, root)
        else:
            yield path, _read(root, path).decode("utf-8", "replace").removeprefix("\ufeff")


def _in_preferences(preferences: Preferences, kind: ClientPayload, data: bytes) -> str:
    try:
        return preferences.files(plistlib.loads(data))[kind.file.name].decode()
    except (ValueError, LookupError, TypeError, AttributeError, ExpatError):
        return ""


def _in_registry(registry: RegistryText, root: str) -> str:
    try:
        return registry.present(root)
    except OSError:
        return ""


def _read(root: str, path: str) -> bytes:
    try:
        return read_bounded(within(root, path), SIZE_LIMIT) if path else b""
    except OSError:
        return b""
