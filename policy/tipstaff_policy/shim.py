"""How Tipstaff's shim is told from the client that it stands in front of; nowhere else.

A shim is a script of three lines, which only administrators can change (docs/guard.md):

    #!/bin/sh
    # tipstaff shim
    exec /usr/bin/python3 -IS /opt/tipstaff/tipstaff_policy/guard.py -- /opt/codex/codex "$@"
"""

import re

from tipstaff_policy.files import read_bounded
from tipstaff_policy.ownership import loose_places

MARKER = "# tipstaff shim"
SIZE_LIMIT = 4096
GUARD = re.compile(
    r"exec( /[-\w./]+/tipstaff-guard| /[-\w./]+ -IS /[-\w./]+/tipstaff_policy/guard\.py)"
    r' -- /[-\w./]+ "\$@"',
    re.ASCII,
)
"""Plain words only, so that the shell has nothing to expand before the guard starts."""


def why_unguarded(place: str, root: str | None) -> str | None:
    """Return why a program is no shim that can be trusted; None where it is one.

    Args:
        place: Where the program really lies.
        root: The tree that stands for ``/``; None for this machine.
    """
    try:
        lines = read_bounded(place, SIZE_LIMIT).decode("ascii").splitlines()
        command = GUARD.fullmatch(lines[2]) if len(lines) == 3 else None
        if command is None or lines[:2] != ["#!/bin/sh", MARKER]:
            return "is not Tipstaff's shim"
        started = [each for each in command[1].split() if each.startswith("/")]
        inside = [place.removeprefix((root or "").rstrip("/")), *started]
        loose = [str(each) for file in inside for each in loose_places(file, root) or ()]
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        return "is not Tipstaff's shim"
    return f"is a shim that others can change: {loose[0]}" if loose else None
