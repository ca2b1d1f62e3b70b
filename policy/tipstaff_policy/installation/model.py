"""The values between looking, planning and doing."""

import os.path
from collections.abc import Mapping
from typing import Literal

from tipstaff_policy.model.state import Platform
from tipstaff_policy.record import Record

EntryKind = Literal["absent", "client", "shim", "edited shim", "leads on", "other"]
AsideKind = Literal["absent", "link", "file", "same file"]
"""The file that was set aside for an entry; ``same file`` if the entry is that client still."""
Action = Literal["write", "link", "set aside", "put back", "remove", "make", "run", "leave"]
Outcome = Literal["planned", "done", "left", "failed", "not done"]


class Written(Record):
    """One thing that an installation has made, or is about to make."""

    path: str
    sha256: str = ""
    """Of a file's content; empty for a link."""
    link: str = ""
    """What a link names; empty for a file."""
    was: str = ""
    """Of a shim: what the link that it replaced names; empty where that was a file."""


class Manifest(Record):
    """What this host's installation consists of."""

    version: str
    """Of the Tipstaff that wrote it."""
    folders: tuple[str, ...] = ()
    """Folders of programs beyond the usual ones."""
    written: tuple[Written, ...] = ()

    def at(self, path: str) -> Written | None:
        """Return what was written at a path."""
        return next((file for file in self.written if file.path == path), None)


class Entry(Record):
    """What stands where the client's name is looked up."""

    path: str
    kind: EntryKind
    content: bytes = b""
    """Of a shim alone."""
    link: str = ""
    """What it names, if it is a link."""
    loose: str = ""
    """Who else could replace it; empty if no one can."""
    leads_to: str = ""
    """The other entry through which a link leads."""
    aside: AsideKind = "absent"
    aside_link: str = ""
    runs: bool = False
    """Whether the client aside can be started."""
    was_runs: bool = False
    """Whether what it was a link to, by the manifest, can be started."""


class File(Record):
    """A service file, or the link that enables one; not both ``content`` and ``link``."""

    path: str
    content: bytes = b""
    link: str = ""


class Wanted(Record):
    """What an installation should consist of."""

    version: str
    python: str
    guard: str
    programs: tuple[str, ...]
    """The names of the clients."""
    folders: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    platform: Platform = "linux"
    launcher: bytes = b""
    """What a shim that is a program is made of; nothing where there is none."""


class Seen(Record):
    """The state of the host before a plan is made."""

    manifest: Manifest | None
    manifest_content: bytes
    entries: tuple[Entry, ...]
    files: Mapping[str, File | None]
    """The content at the places of files, present or former; None if there is none."""
    lacking: tuple[str, ...] = ()
    """Folders that the services need and that are not there."""


class Manager(Record):
    """What runs services: the system's, or that of a user who is logged in."""

    words: tuple[str, ...]
    """What a command to it begins with."""
    whose: str


class UnitState(Record):
    """What a manager says of a service; empty where it does not answer."""

    whose: str
    unit: str
    enabled: str
    active: str


class Step(Record):
    """One change; each is whole or has not happened."""

    action: Action
    path: str
    detail: str = ""
    content: bytes = b""
    mode: int = 0o644
    target: str = ""
    """What a link names, or the other place of a client that is moved."""
    words: tuple[str, ...] = ()


def absolute(link: str, path: str) -> str:
    """Return what a link at a path names, from the root.

    Args:
        path: Its folder without links, so that steps upwards at the beginning can be counted.
    """
    named = os.path.join(os.path.dirname(path), link)
    return named if "/../" in link.lstrip("./") else os.path.normpath(named)
