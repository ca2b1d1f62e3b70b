"""Where the session bus of a user is found."""

import os
from collections.abc import Mapping


def session_bus(env: Mapping[str, str]) -> str | None:
    """Return the address of the session bus, found where the client looks for it."""
    if "DBUS_SESSION_BUS_ADDRESS" in env:
        return env["DBUS_SESSION_BUS_ADDRESS"]
    folder = env.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return f"unix:path={folder}/bus" if os.path.exists(f"{folder}/bus") else None


def is_gone(address: str) -> bool:
    """Return whether an address names a socket that is not there."""
    path = address.partition("unix:path=")[2].partition(",")[0]
    return bool(path) and "%" not in path and not os.path.lexists(path)
