"""The keys of the client that a shipped file takes away where it replaces one that is there."""

import plistlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.interface.deployment import ClientFile, Preferences, Way
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
        documents = kind.deployment.documents
        path, text = _present(root, platform, kind, way)
        try:
            leaves = documents.leaves(text)
        except ValueError:
            continue
        shipped, lines = documents.leaves(file.text), documents.lines(text)
        for key in leaves:
            if key not in shipped:
                yield KeyTaken(path, join_dotted(key), lines.get(key))


def may_lose(state: HostState, files: Sequence[ClientFile], way: Way) -> bool:
    """Return whether a shipped file meets one of which a report does not show every key."""
    known = client_payloads()
    places = {_place(known[file.name], state.platform, way) for file in files} - {""}
    # A forced preference names its key after the path.
    return any(
        layer.administrators
        and layer.content.state != "absent"
        and any(layer.path == place or layer.path.startswith(f"{place} ") for place in places)
        for layer in state.layers
    )


def _path(place: str) -> str:
    return place.replace("%ProgramData%", "/ProgramData").replace("\\", "/")


def _preferences(kind: ClientPayload, platform: Platform, way: Way) -> Preferences | None:
    """Return the domain that stands for a file; None if the file has a path of its own."""
    preferences = kind.deployment.preferences
    is_value = preferences is not None and kind.file.name in preferences.names
    return preferences if is_value and way == "profile" and platform == "macos" else None


def _place(kind: ClientPayload, platform: Platform, way: Way) -> str:
    preferences = _preferences(kind, platform, way)
    return f"{FORCED}/{preferences.domain}.plist" if preferences else _path(kind.place(platform))


def _present(root: str, platform: Platform, kind: ClientPayload, way: Way) -> tuple[str, str]:
    """Return the current path of a file, and its text; empty if there is none."""
    path = _place(kind, platform, way)
    preferences = _preferences(kind, platform, way)
    if preferences:
        try:
            values = plistlib.loads(_read(root, path))
            return path, preferences.files(values)[kind.file.name].decode()
        except (ValueError, LookupError, TypeError, AttributeError, ExpatError):
            return path, ""
    return path, _read(root, path).decode("utf-8", "replace").removeprefix("\ufeff")


def _read(root: str, path: str) -> bytes:
    try:
        return read_bounded(within(root, path), SIZE_LIMIT) if path else b""
    except OSError:
        return b""
