"""A package as a value, before it has a format."""

import posixpath
import re
import stat
from typing import Literal, NamedTuple

from tipstaff_rollout.model import ArtefactError

Architecture = Literal["all", "x86_64", "aarch64"]
NAME = r"[a-z0-9][a-z0-9+.-]+"
VERSION = r"[0-9][A-Za-z0-9.+~]*"
CONTACT = r"[^<>@,\x00-\x1f\x7f]+ <[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+>"
LINE = r"[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
LINES = rf"{LINE}(?:\n[^\x00-\x1f\x7f]*)*"
TIME = 946684800
"""Of every file and of the package: 2000 UTC, since checkers take 1970 for a fault."""
PATH = r"/[^\x00-\x1f\x7f]+"


class Entry(NamedTuple):
    """A file, a folder or a symbolic link; it will belong to root."""

    path: str
    """Absolute."""
    mode: int
    """Kind and rights, as `stat` has them."""
    data: bytes = b""
    """A file's content, a link's target."""


class Need(NamedTuple):
    """Another package that must be there."""

    name: str
    at_least: str = ""


class Scripts(NamedTuple):
    """Programs for ``/bin/sh``; each format calls them with arguments of its own."""

    before_install: str = ""
    after_install: str = ""
    before_remove: str = ""
    after_remove: str = ""


class Package(NamedTuple):
    """What a package says and installs."""

    name: str
    version: str
    summary: str
    description: str
    """One line or several."""
    maintainer: str
    """``Name <address>``."""
    licence: str
    copyright: str
    """Who holds the rights, and on what terms."""
    architecture: Architecture
    changes: str
    """What is new in this version, in a line."""
    entries: tuple[Entry, ...]
    """In any order. Folders are named where the package is to own them."""
    needs: tuple[Need, ...] = ()
    scripts: Scripts = Scripts()


def regular(path: str, data: bytes, *, executable: bool = False) -> Entry:
    """Return a file that all users can read and root can write."""
    return Entry(path, stat.S_IFREG | (0o755 if executable else 0o644), data)


def folder(path: str) -> Entry:
    """Return a folder that all users can read and root can write."""
    return Entry(path, stat.S_IFDIR | 0o755)


def link(path: str, target: str) -> Entry:
    """Return a symbolic link."""
    return Entry(path, stat.S_IFLNK | 0o777, target.encode())


def sort_entries(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return entries in an order in which a folder comes before its content."""
    return tuple(sorted(entries, key=lambda entry: entry.path.split("/")))


def check(package: Package) -> None:
    """Refuse what one of the formats could not hold, or would read as something else.

    Raises:
        ArtefactError: Names the field.
    """
    expected = {
        "name": NAME,
        "version": VERSION,
        "summary": LINE,
        "description": LINES,
        "maintainer": CONTACT,
        "licence": LINE,
        "copyright": LINES,
        "changes": LINE,
    }
    for field, pattern in expected.items():
        _match(getattr(package, field), pattern, field)
    for need in package.needs:
        _match(need.name, NAME, "needs")
        _match(need.at_least or "0", VERSION, "needs")
    for script in package.scripts:
        _match(script, r"[^\x00]*", "scripts")
    check_entries(package.entries)


def check_entries(entries: tuple[Entry, ...]) -> None:
    """Refuse entries that cannot exist together.

    Raises:
        ArtefactError: Names the path.
    """
    paths = {entry.path: entry for entry in entries}
    if len(paths) < len(entries):
        raise ArtefactError("a package has two files of one path", where="; ".join(sorted(paths)))
    for path in paths:
        _match(path, PATH, "path")
        if posixpath.normpath(path) != path or path.startswith("//"):
            raise ArtefactError(
                "is no plain path", where=path, expected="an absolute path without //, . and .."
            )
        for above in parents(path):
            if above in paths and not stat.S_ISDIR(paths[above].mode):
                raise ArtefactError(f"must be in {above}, which is not a folder", where=path)


def parents(path: str) -> tuple[str, ...]:
    """Return the folders above a path, the root left out, from the top."""
    parts = path.split("/")[1:-1]
    return tuple("/" + "/".join(parts[: count + 1]) for count in range(len(parts)))


def _match(text: str, pattern: str, field: str) -> None:
    if not re.fullmatch(pattern, text):
        raise ArtefactError(
            f"no package can have the {field} {text!r}",
            expected=f"what {pattern} matches",
        )
