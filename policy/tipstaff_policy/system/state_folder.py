"""Where Tipstaff keeps what is the user's own: pasted waivers, the action log."""

import os
from collections.abc import Mapping


def state_folder(env: Mapping[str, str], fallback: str) -> str:
    """Return ``$XDG_STATE_HOME/tipstaff``, or ``~/.local/state/tipstaff``.

    On Windows the folder of the user's local data, which the system names.

    Args:
        fallback: Stands for a home that the environment does not name.
    Source: XDG Base Directory Specification 0.8: a path that is not absolute is ignored.
    """
    if os.sep != "/":
        from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - there only
            find_known_folder,
        )

        return f"{find_known_folder('LocalAppData')}/Tipstaff"
    state = env.get("XDG_STATE_HOME")
    if not state or not os.path.isabs(state):
        state = f"{env.get('HOME') or fallback}/.local/state"
    return f"{state}/tipstaff"
