"""The keys of the client that a shipped file takes away where it replaces one that is there."""

import base64
import plistlib
import tomllib
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.codex.config.device_management import FORCED
from tipstaff_policy.clients.interface.deployment import ClientFile, Way
from tipstaff_policy.model.state import HostState, Platform
from tipstaff_policy.model.toml_writing import dotted
from tipstaff_policy.organisation.client_keys import leaves_of
from tipstaff_policy.parsing.toml_lines import locate_keys
from tipstaff_policy.system.files import read_bounded, within
from tipstaff_rollout.artefacts.compiling import deployment_of

SIZE_LIMIT = 4 << 20


class KeyTaken(NamedTuple):
    """A key that lies on a host now and in no file that is shipped."""

    path: str
    key: str
    line: int | None


def taken_away(
    root: str, platform: Platform, files: Sequence[ClientFile], way: Way
) -> Iterator[KeyTaken]:
    """Yield what a host would lose; of a file that cannot be read nothing is told.

    That such a file stops the client is for the decision to say.
    """
    for file in files:
        path, text = _present(root, platform, file.name, way)
        try:
            leaves = list(leaves_of(tomllib.loads(text)))
        except ValueError:
            continue
        shipped = {each for each, _ in leaves_of(tomllib.loads(file.text))}
        lines = locate_keys(text)
        for key, _ in leaves:
            if key not in shipped:
                yield KeyTaken(path, dotted(key), lines.get(key))


def may_lose(state: HostState, files: Sequence[ClientFile], way: Way) -> bool:
    """Return whether a shipped file meets one of which a report does not show every key."""
    deployment = deployment_of()
    if way == "profile" and state.platform == "macos":
        places = {f"{FORCED}/{deployment.preferences.domain}.plist"} if files else set()
    else:
        names = deployment.places[state.platform]
        places = {_path(names[file.name]) for file in files if file.name in names}
    # A forced preference names its key after the path.
    return any(
        layer.administrators
        and layer.content.state != "absent"
        and any(layer.path == place or layer.path.startswith(f"{place} ") for place in places)
        for layer in state.layers
    )


def _path(place: str) -> str:
    return place.replace("%ProgramData%", "/ProgramData").replace("\\", "/")


def _present(root: str, platform: Platform, name: str, way: Way) -> tuple[str, str]:
    """Return where a file lies now, and its text; empty where there is none."""
    deployment = deployment_of()
    if way == "profile" and platform == "macos":
        path = f"{FORCED}/{deployment.preferences.domain}.plist"
        try:
            found = plistlib.loads(_read(root, path))
            value = found[deployment.preferences.keys[name]]
            return path, base64.b64decode(value).decode()
        except (ValueError, LookupError, TypeError, ExpatError):
            return path, ""
    path = _path(deployment.places[platform].get(name, ""))
    return path, _read(root, path).decode("utf-8", "replace").removeprefix("\ufeff")


def _read(root: str, path: str) -> bytes:
    try:
        return read_bounded(within(root, path), SIZE_LIMIT) if path else b""
    except OSError:
        return b""
