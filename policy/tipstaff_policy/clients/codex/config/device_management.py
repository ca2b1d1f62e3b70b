"""What a device manager sets on macOS: the preferences of the domain ``com.openai.codex``.

Two keys hold TOML as base64 text; white space around it is trimmed, and anything else in it stops
the client. The client takes forced values only, which the system keeps apart from those that a
person may set. Of two forced ones, the user's is preferred.

On a live Mac the system itself says which value it forces, because a file of forced values may be
left over or not be read yet. Where it does not answer, and in an image, those files count.

Source: docs/clients/codex.md (layers) (client 0.169.0, from its source; not run on macOS).
"""

import base64
import plistlib
import tomllib
from collections.abc import Callable
from typing import Any
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.codex.config.documents import (
    LayerFile,
    make_unranked_layer,
    read_layer_bytes,
)
from tipstaff_policy.clients.codex.config.sign_in_keys import (
    CONFIG_KEYS,
    REQUIREMENT_KEYS,
    WHITE_SPACE,
)
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Fault,
    FaultyLayer,
    IgnoredLayer,
    Layer,
    Origin,
    ReadLayer,
    Stray,
)
from tipstaff_policy.record import Record
from tipstaff_policy.system import host_identity
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.host_identity import account_of_preferences

DOMAIN = "com.openai.codex"
CONFIG, REQUIREMENTS = "config_toml_base64", "requirements_toml_base64"
SIZE_LIMIT = 4 << 20
FORCED = "/Library/Managed Preferences"
NO_PROPERTY_LIST = (
    ValueError, TypeError, KeyError, IndexError, OverflowError, ExpatError, RecursionError,
)  # fmt: skip
"""What `plistlib` raises of bytes that are none."""
PLAIN = "preferences"
"""The layer of keys that have no effect in the domain itself."""
EXPECTED = "one line of base64, with its padding"
NOT_FORCED = "set, but not forced: the client takes only forced values"
SYSTEM = f"the managed preferences of {DOMAIN}"
"""Of a value that the system forces and that is in neither file."""
LEFT_OVER = IgnoredLayer(
    "stands in a file of forced values, and the system does not force it",
    "deliver the profile again, or remove the file",
)


def device_layers(
    request: Request, user: str, locate: Callable[[str], str], behaviour: Behaviour
) -> tuple[list[LayerFile], list[LayerFile], list[Layer]]:
    """Return the forced configuration, the forced requirements, and what is merely present.

    Args:
        user: The short name of the user whose preferences count, as the home says it.
        locate: Returns the real place of a path of the system.
        behaviour: Of the version that reads them.
    """
    found = _Forced([], [], [])
    user = account_of_preferences(request.system_root, user)
    live = None if request.system_root else _ask_system(user)
    for path in (f"{FORCED}/{DOMAIN}.plist", f"{FORCED}/{user}/{DOMAIN}.plist"):
        values = _read(path, locate)
        if live is not None:
            values, left = _in_force(values, live)
            found.present.extend(make_unranked_layer(_source(path, key), LEFT_OVER) for key in left)
        for key, layers in found.by_key():
            if isinstance(values, Fault):
                layers.append(_faulty(_source(path, key), values))
            elif key in values:
                layers.append(_layer(request, _source(path, key), values[key], behaviour))
        found.present.extend(_plain_keys(request, path, values))
    for key, layers in found.by_key():
        if live and key in live and not layers:
            layers.append(_layer(request, _source(SYSTEM, key), live[key], behaviour))
    # Only the strongest forced value is seen by the client.
    present = [*found.present, *_merely_set(request, user, locate)]
    return found.configs[-1:], found.requirements[-1:], present


class _Forced(Record):
    configs: list[LayerFile]
    requirements: list[LayerFile]
    present: list[Layer]

    def by_key(self) -> tuple[tuple[str, list[LayerFile]], ...]:
        return (CONFIG, self.configs), (REQUIREMENTS, self.requirements)


def _merely_set(request: Request, user: str, locate: Callable[[str], str]) -> list[Layer]:
    """Return what stands where a person may set it, which has no effect."""
    present: list[Layer] = []
    for path in (
        f"/Library/Preferences/{DOMAIN}.plist",
        f"/Users/{user}/Library/Preferences/{DOMAIN}.plist",
    ):
        values = _read(path, locate)
        ignored = IgnoredLayer(NOT_FORCED, "deliver it by a configuration profile")
        if isinstance(values, dict):
            keys = (key for key in (CONFIG, REQUIREMENTS) if key in values)
            present += [make_unranked_layer(_source(path, key), ignored) for key in keys]
        present += _plain_keys(request, path, values)
    return present


def _ask_system(user: str) -> dict[str, Any] | None:
    """Return what the system forces upon this process's account; None where it does not say.

    Args:
        user: Whose preferences are judged; of another account it says nothing.
    """
    from tipstaff_policy.system.mac.asking import ask_frameworks  # noqa: PLC0415 - a Mac alone

    if user != host_identity.account_of_process():
        return None
    answer = ask_frameworks("forced", DOMAIN, CONFIG, REQUIREMENTS)
    forced = answer.get("forced") if answer else None
    return forced if isinstance(forced, dict) else None


def _in_force(
    values: dict[str, Any] | Fault, live: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the values of a file as the system sees them, and the keys that it does not force."""
    if isinstance(values, Fault):
        return {}, ()
    stated = [key for key in (CONFIG, REQUIREMENTS) if key in values]
    left = tuple(key for key in stated if key not in live)
    same = {key for key in stated if values[key] == live.get(key)}
    return {key: value for key, value in values.items() if key not in stated or key in same}, left


def _plain_keys(request: Request, path: str, values: dict[str, Any] | Fault) -> list[Layer]:
    """Return what an explanation says of sign-in keys that stand in the domain itself."""
    if request.options.detail != "all" or isinstance(values, Fault):
        return []
    homes = {
        **dict.fromkeys(CONFIG_KEYS, CONFIG),
        **dict.fromkeys(REQUIREMENT_KEYS, REQUIREMENTS),
    }
    source = Source(PLAIN, path, administrators=path.startswith(FORCED), grammar="config")
    strays = tuple(
        Stray(
            key,
            Origin(PLAIN, path, None),
            "the client reads no such key of its preference domain",
            f"`{key.casefold()}` in the TOML that {homes[key.casefold()]} holds as base64",
        )
        for key in values
        if key.casefold() in homes
    )
    return [make_unranked_layer(source, ReadLayer((), strays))] if strays else []


def _source(path: str, key: str) -> Source:
    return Source(
        "device" if key == CONFIG else "device_requirements",
        f"{path} {key}",
        administrators=True,
        grammar="config" if key == CONFIG else "requirements",
    )


def _read(path: str, locate: Callable[[str], str]) -> dict[str, Any] | Fault:
    try:
        values = plistlib.loads(read_bounded(locate(path), SIZE_LIMIT))
    except FileNotFoundError:
        return {}
    except OSError as error:
        return Fault(f"cannot be read: {error.strerror}", path, "unknown")
    except NO_PROPERTY_LIST:
        return Fault("is no property list", path, "unknown", "a property list, XML or binary")
    return values if isinstance(values, dict) else {}


def _layer(request: Request, source: Source, value: Any, behaviour: Behaviour) -> LayerFile:
    data = decode(value)
    if data is None:
        return _faulty(source, _not_decoded(source.path, value))
    return read_layer_bytes(
        source,
        data,
        newer_toml=request.options.newer_toml,
        detail=request.options.detail,
        behaviour=behaviour,
    )


def decode(value: Any) -> bytes | None:
    """Return what a value of the domain holds; None where the client cannot decode it.

    Source: docs/clients/codex.md (layers) (client 0.169.0, from its source).
    """
    try:
        text = value.strip(WHITE_SPACE) if isinstance(value, str) else None
        return None if text is None else base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _not_decoded(place: str, value: Any) -> Fault:
    if not isinstance(value, str):
        return Fault("is no text", place, "unknown", EXPECTED)
    try:
        tomllib.loads(value)
        what = "is plain TOML, and not the base64 of it"
    except tomllib.TOMLDecodeError:
        broken = any(letter in WHITE_SPACE for letter in value.strip(WHITE_SPACE))
        what = "is base64 in several lines or parts" if broken else "is not base64 text"
    remedy = f"correct {place}: `base64 <FILE | tr -d '\\n'` writes it in one line"
    return Fault(what, place, "refuse", EXPECTED, remedy)


def _faulty(source: Source, fault: Fault) -> LayerFile:
    return LayerFile(make_unranked_layer(source, FaultyLayer(fault)), {})
