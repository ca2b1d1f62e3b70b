"""Where the session bus of a user is found."""

import os
from collections.abc import Mapping
from contextlib import suppress


def session_bus(env: Mapping[str, str]) -> str | None:
    """Return the address of the session bus, found where the client looks for it.

    A variable that is no UTF-8 counts as not set; one that is empty counts.

    Source: tests/conformance/test_keyring.py (client 0.171.0).
    """
    address = _text_of(env, "DBUS_SESSION_BUS_ADDRESS")
    if address is not None:
        return address
    folder = _text_of(env, "XDG_RUNTIME_DIR")
    if folder is None and os.sep != "/":
        return None
    folder = f"/run/user/{os.getuid()}" if folder is None else folder
    return f"unix:path={folder}/bus" if os.path.exists(f"{folder}/bus") else None


def _text_of(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name)
    with suppress(UnicodeEncodeError):  # bytes that Python keeps as halves of characters
        (value or "").encode()
        return value
    return None


def is_gone(address: str) -> bool:
    """Return whether an address names a socket that is not there."""
    path = address.partition("unix:path=")[2].partition(",")[0]
    return bool(path) and "%" not in path and not os.path.lexists(path)
