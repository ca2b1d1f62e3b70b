"""Tipstaff's shim: how it is written, and how it differs from the client that it stands for.

A shim is a script of exactly the lines of ``TEMPLATE``, which only administrators can change
(docs/guard.md). Without its parts it says so and starts nothing: a guard that is lost must not
turn into a client without one. The shell's own words only, so that nothing is looked up.
"""

import re

from tipstaff_policy.errors import UsageError
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import TooLargeError, read_bounded
from tipstaff_policy.system.owners.loose_places import loose_places

MARKER = "# tipstaff shim"
SIZE_LIMIT = 4096
TEMPLATE = """\
#!/bin/sh
# tipstaff shim {version}
test -x {python} && test -r {guard} && test -x {client} || {{ echo "{name}: not started: a part of \
Tipstaff or the client is missing; needed are {python}, {guard} and {client}. \
An administrator runs: tipstaff install; or takes this shim away by: mv -f {client} $0" >&2
exit 4; }}
exec {python} -IS {guard} -- {client} "$@"
"""
WORD = r"/[-\w./@+]+"
"""Plain words only, so that the shell has nothing to expand before the guard starts."""
LINES = re.compile(
    rf"#!/bin/sh\n# tipstaff shim (?P<version>[\w.+]+)\n.*\nexit 4; }}\n"
    rf"exec (?P<python>{WORD}) -IS (?P<guard>{WORD}/tipstaff_policy/guard\.py)"
    rf' -- (?P<client>{WORD}) "\$@"\n',
    re.ASCII,
)


class Shim(Record):
    """What a shim starts; every path absolute."""

    version: str
    """The version of Tipstaff that wrote it."""
    python: str
    guard: str
    client: str


def render_shim(shim: Shim) -> str:
    """Return the script.

    Raises:
        UsageError: A path that the shell would not take as it stands.
    """
    for program in (shim.python, shim.guard, shim.client):
        if not re.fullmatch(WORD, program, re.ASCII):
            raise UsageError(
                f"{program!r} would have to be quoted in a shim",
                expected="a path of letters, digits and -_./@+ alone",
            )
    return TEMPLATE.format(**shim._asdict(), name=shim.client.rpartition("/")[2])


def parse_shim(text: str) -> Shim | None:
    """Return what a script starts; None where it is no shim, or one that was edited."""
    found = LINES.fullmatch(text)
    shim = Shim(**found.groupdict()) if found else None
    return shim if shim and render_shim(shim) == text else None


def read_shim(place: str) -> Shim | None:
    """Return the shim at a path, or None.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return parse_shim(read_bounded(place, SIZE_LIMIT).decode("ascii"))
    except (UnicodeDecodeError, TooLargeError):
        return None


def why_unguarded(place: str, root: str | None) -> str | None:
    """Return why a program is no shim that can be trusted; None where it is one.

    Args:
        place: The real path of the program.
        root: The tree that stands for ``/``; None for this machine.
    """
    try:
        shim = read_shim(place)
        if shim is None:
            return "is not Tipstaff's shim"
        inside = [place.removeprefix((root or "").rstrip("/")), shim.python, shim.guard]
        loose = [
            str(loose_place) for file in inside for loose_place in loose_places(file, root) or ()
        ]
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return f"is a shim that others can change: {loose[0]}" if loose else None
