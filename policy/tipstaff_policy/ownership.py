"""Who could change what lies at a path: every place on the way to it, up to the root.

POSIX goes by owner, mode and access control list, Windows by security descriptors. Which of them
holds is the judged platform's, not this machine's (docs/ownership.md).
"""

import errno
import os
import stat

from tipstaff_policy.files import within
from tipstaff_policy.record import Record
from tipstaff_policy.values import Platform

ROOT_USER = 0
ACCESS_LIST = "system.posix_acl_access"
"""Not ``system.posix_acl_default``: a folder's default list holds only for what is made in it
later, and whoever may make something there is found by this one."""
GROUP_WRITES, EVERYBODY_WRITES = 0o020, 0o002


Places = list[tuple[str, os.stat_result]]
"""In the order of the way, links included."""


class LoosePlace(Record):
    """A file, folder or link that others than the administrators can change or replace."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


def loose_places(
    path: str, root: str | None = None, platform: Platform = "linux"
) -> tuple[LoosePlace, ...] | None:
    """Return the places on the way to a path that others than the administrators can change.

    Links are followed as the system does, and count as places themselves. What does not exist
    ends the way; what cannot be looked at is loose, because nobody can tell.

    Args:
        path: Absolute, as the host calls it.
        root: The tree that stands for ``/``, where the way begins; its owner is an administrator
            beside root. None for this machine.
        platform: Whose rules hold; this machine's where there is no root.

    Returns:
        None where there is no evidence: a Windows image without its descriptors.
    """
    top = (root or "").rstrip("/")
    if platform == "windows":
        from tipstaff_policy.windows_ownership import windows_places  # noqa: PLC0415 - there only

        return windows_places(path, top)
    return _posix_places(path, top, ignore_case=platform == "macos")


def walk(path: str, top: str, *, ignore_case: bool) -> tuple[Places, tuple[LoosePlace, ...]]:
    """Return the places on a way as far as it goes, and why it cannot be followed to its end."""
    passed = [top or "/"]
    places: Places = []
    try:
        within(top, path, ignore_case=ignore_case, passed=passed)
        for place in passed:
            places.append((place, os.lstat(place)))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return places, (LoosePlace(top + path, f"cannot be followed ({error.strerror})"),)
    return places, ()


def _posix_places(path: str, top: str, *, ignore_case: bool) -> tuple[LoosePlace, ...]:
    administrators = {ROOT_USER, os.lstat(top).st_uid} if top else {ROOT_USER}
    places, broken = walk(path, top, ignore_case=ignore_case)
    last = len(places) - 1
    found = (
        (place, _why(place, facts, administrators, ends=index == last))
        for index, (place, facts) in enumerate(places)
    )
    return (*(LoosePlace(place, why) for place, why in found if why), *broken)


def _why(place: str, facts: os.stat_result, administrators: set[int], *, ends: bool) -> str:
    """Return why a place is loose, or nothing.

    In a folder like ``/tmp`` others may create names, and not replace an administrators' one.
    So it is loose only where the way ends in it.
    """
    if facts.st_uid not in administrators:
        return f"belongs to user {facts.st_uid}"
    keeps_names = stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX and not ends
    if stat.S_ISLNK(facts.st_mode) or keeps_names:
        return ""
    try:
        data = _access_list(place)
    except OSError as error:
        return f"has an access control list that nobody can judge ({error})"
    if data:
        from tipstaff_policy.posix_acl import why_loose  # noqa: PLC0415 - few places have one

        return why_loose(data, administrators)
    if not facts.st_mode & (GROUP_WRITES | EVERYBODY_WRITES):
        return ""
    return f"is writable by others (mode {stat.S_IMODE(facts.st_mode):04o})"


def _access_list(place: str) -> bytes:
    """Return a list as the system keeps it; empty where there is none, or its system knows none."""
    if not hasattr(os, "getxattr"):
        return b""
    try:
        return os.getxattr(place, ACCESS_LIST, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return b""
        raise
