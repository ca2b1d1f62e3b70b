"""What a device manager sets on macOS: the preferences of the domain ``com.openai.codex``.

Two keys hold TOML as base64 text. The client takes forced values only, which the system keeps
apart from those that a person may set. Of two forced ones, the user's is preferred.

Source: docs/clients/codex.md, section 2 (client 0.169.0, from its source; not run on macOS).
"""

import base64
import plistlib
from collections.abc import Callable
from typing import Any
from xml.parsers.expat import ExpatError

from tipstaff_policy.clients.codex.documents import LayerFile, Source, read_layer_bytes, unranked
from tipstaff_policy.clients.codex.versions import Behaviour
from tipstaff_policy.clients.model import Request
from tipstaff_policy.files import read_bounded
from tipstaff_policy.values import Fault, FaultyLayer, IgnoredLayer, Layer

DOMAIN = "com.openai.codex"
CONFIG, REQUIREMENTS = "config_toml_base64", "requirements_toml_base64"
SIZE_LIMIT = 4 << 20
FORCED = "/Library/Managed Preferences"
NO_PROPERTY_LIST = (
    ValueError, TypeError, KeyError, IndexError, OverflowError, ExpatError, RecursionError,
)  # fmt: skip
"""What `plistlib` raises of bytes that are none."""
NOT_FORCED = "set, but not forced: the client takes only forced values"


def device_layers(
    request: Request, user: str, locate: Callable[[str], str], behaviour: Behaviour
) -> tuple[list[LayerFile], list[LayerFile], list[Layer]]:
    """Return the forced configuration, the forced requirements, and what is merely present.

    Args:
        user: The short name of the user whose preferences count.
        locate: Returns where a path of the system really lies.
        behaviour: Of the version that reads them.
    """
    configs: list[LayerFile] = []
    requirements: list[LayerFile] = []
    for path in (f"{FORCED}/{DOMAIN}.plist", f"{FORCED}/{user}/{DOMAIN}.plist"):
        values = _read(path, locate)
        for key, found in ((CONFIG, configs), (REQUIREMENTS, requirements)):
            if isinstance(values, Fault):
                found.append(_faulty(_source(path, key), values))
            elif key in values:
                found.append(_layer(request, _source(path, key), values[key], behaviour))
    present = []
    for path in (
        f"/Library/Preferences/{DOMAIN}.plist",
        f"/Users/{user}/Library/Preferences/{DOMAIN}.plist",
    ):
        values = _read(path, locate)
        ignored = IgnoredLayer(NOT_FORCED, "deliver it by a configuration profile")
        if isinstance(values, dict):
            keys = (key for key in (CONFIG, REQUIREMENTS) if key in values)
            present += [unranked(_source(path, key), ignored) for key in keys]
    # Only the strongest forced value is seen by the client.
    return configs[-1:], requirements[-1:], present


def _source(path: str, key: str) -> Source:
    return Source(
        "device" if key == CONFIG else "device_requirements",
        f"{path} {key}",
        administrators=True,
        grammar="config" if key == CONFIG else "requirements",
    )


def file_of(layer: Layer) -> str:
    """Return the file of a layer, whose path here also names the key inside it."""
    return layer.path.rpartition(" ")[0] if layer.name.startswith("device") else layer.path


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
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except ValueError:
        data = None
    if data is None:
        fault = Fault("is not base64 text", source.path, "unknown", "one line of base64")
        return _faulty(source, fault)
    return read_layer_bytes(
        source,
        data,
        newer_toml=request.newer_toml,
        detail=request.detail,
        behaviour=behaviour,
    )


def _faulty(source: Source, fault: Fault) -> LayerFile:
    return LayerFile(unranked(source, FaultyLayer(fault)), {})
