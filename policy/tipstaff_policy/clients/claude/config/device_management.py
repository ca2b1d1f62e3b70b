"""What device management sets: preferences of a domain on macOS, a registry value on Windows.

An image shows both as files: the property list below `Managed Preferences`, and the hives of the
registry. On a live Windows Tipstaff does not run yet, so that only images are read.

Source: docs/clients/claude.md, "Layers" (client 2.1.332, from its source).
"""

import os
from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.claude.config.documents import (
    MANAGED_LIMIT,
    LayerFile,
    content_of,
    explain_broken,
    make_managed_layer,
    make_unread_content,
    parse_managed,
)
from tipstaff_policy.clients.claude.locations import on_this_machine
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import FaultyLayer
from tipstaff_policy.system.files import read_bounded, show_path, within

DOMAIN = "com.anthropic.claudecode"
DEVICE = "device"
USER_DEVICE = "user registry"
"""The registry of the user, the weakest of the managed sources; the user can write it."""
PREFERENCES = "/Library/Managed Preferences"
MACHINE_HIVE = "/Windows/System32/config/SOFTWARE"
USER_HIVE = "NTUSER.DAT"
KEY = ("Policies", "ClaudeCode")
VALUE = "Settings"
KEY_NAME = "\\".join(("SOFTWARE", *KEY))
MACHINE_NAME = rf"HKLM\{KEY_NAME}\{VALUE}"
USER_NAME = rf"HKCU\{KEY_NAME}\{VALUE}"
HIVE_LIMIT = 512 << 20


def read_device(request: Request, home: str) -> list[LayerFile]:
    """Return what device management sets, the weakest first; nothing where there is no such thing.

    Args:
        home: The client's folder, whose owner's preferences count.
    """
    match TABLES[request.platform].device:
        case "preferences":
            return list(_preferences(request, home))
        case "registry":
            return list(_registry(request, home))
        case _:
            return []


def _preferences(request: Request, home: str) -> Iterator[LayerFile]:
    """Yield the forced values of the machine, then those of the user, which are preferred."""
    from tipstaff_policy.system.host_identity import (  # noqa: PLC0415 - a Mac alone
        account_of_preferences,
    )

    named = os.path.basename(os.path.dirname(show_path(home, request.system_root)))
    user = account_of_preferences(request.system_root, named)
    for folder in (PREFERENCES, f"{PREFERENCES}/{user}"):
        path = f"{folder}/{DOMAIN}.plist"
        try:
            data = read_bounded(on_this_machine(path, request), MANAGED_LIMIT)
        except FileNotFoundError:
            continue
        except OSError as error:
            yield make_managed_layer(DEVICE, path, make_unread_content(path, error), {})
            continue
        yield _property_list(path, data, request)


def _property_list(path: str, data: bytes, request: Request) -> LayerFile:
    import plistlib  # noqa: PLC0415 - where there is such a file
    from xml.parsers.expat import ExpatError  # noqa: PLC0415 - as above

    try:
        document = plistlib.loads(data)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, ExpatError, RecursionError):
        return make_managed_layer(DEVICE, path, FaultyLayer(explain_broken(path, None)), {})
    if not isinstance(document, dict):
        return make_managed_layer(DEVICE, path, FaultyLayer(explain_broken(path, None)), {})
    return preferences_layer(path, document, data, request)


def preferences_layer(
    path: str, document: dict[str, Any], data: bytes, request: Request
) -> LayerFile:
    """Return the layer of the values of the domain, which are the members of a document."""
    content = content_of(DEVICE, path, document, data, request.options.detail)
    plain = content._replace(
        settings=tuple(
            setting._replace(origin=setting.origin._replace(line=None))
            for setting in content.settings
        )
    )
    return make_managed_layer(DEVICE, path, plain, document)


def _registry(request: Request, home: str) -> Iterator[LayerFile]:
    """Yield the value of the user, which is the weakest source, then that of the machine."""
    if not request.system_root:
        return
    user = f"{os.path.dirname(show_path(home, request.system_root))}/{USER_HIVE}"
    for path, key, name, layer in (
        (user, ("Software", *KEY), USER_NAME, USER_DEVICE),
        (MACHINE_HIVE, KEY, MACHINE_NAME, DEVICE),
    ):
        found = _of_hive(path, key, request)
        if isinstance(found, OSError):
            yield make_managed_layer(layer, name, make_unread_content(name, found), {})
        elif found is not None:
            document = parse_managed(layer, name, found.encode(), request.options.detail)
            own = layer == USER_DEVICE
            yield document._replace(layer=document.layer._replace(administrators=not own))


def read_machine_text(root: str) -> str:
    """Return the text of the machine's registry in an image; empty if there is none.

    Raises:
        OSError: The hive cannot be read.
    """
    return _read_text_in(within(root, MACHINE_HIVE, ignore_case=True), KEY) or ""


def _of_hive(path: str, key: tuple[str, ...], request: Request) -> str | OSError | None:
    try:
        return _read_text_in(on_this_machine(path, request), key)
    except OSError as error:
        return error


def _read_text_in(place: str, key: tuple[str, ...]) -> str | None:
    from tipstaff_policy.clients.claude.config.registry_hive import (  # noqa: PLC0415 - Windows only
        read_text_value,
    )

    try:
        return read_text_value(read_bounded(place, HIVE_LIMIT), key, VALUE)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise OSError(0, str(error), place) from None
