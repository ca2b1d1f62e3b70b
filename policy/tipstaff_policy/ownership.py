"""Who could change what lies at a path: owner and mode of every place on the way to it (POSIX)."""

import os
import stat
from typing import NamedTuple

from tipstaff_policy.files import within

ROOT_USER = 0
OTHERS_WRITE = 0o022


class LoosePlace(NamedTuple):
    """A file, folder or link that others than the administrators can change or replace."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


def loose_places(path: str, root: str | None = None) -> tuple[LoosePlace, ...]:
    """Return the places on the way to a path that others than the administrators can write.

    Links are followed as the system does, and count as places themselves. What does not exist
    ends the way; what cannot be looked at is loose, because nobody can tell.

    Args:
        path: Absolute; on this machine, also where it lies in an image.
        root: The tree that stands for ``/``, where the way begins; its owner is an administrator
            beside root. None for this machine.
    """
    top = (root or "").rstrip("/")
    administrators = {ROOT_USER, os.lstat(top).st_uid} if top else {ROOT_USER}
    passed = [top or "/"]
    places: list[tuple[str, os.stat_result]] = []
    try:
        within(top, path.removeprefix(top), passed=passed)
        for place in passed:
            places.append((place, os.lstat(place)))  # noqa: PERF401 - kept where one fails
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return (*_loose(places, administrators), LoosePlace(path, f"({error.strerror})"))
    return _loose(places, administrators)


def _loose(
    places: list[tuple[str, os.stat_result]], administrators: set[int]
) -> tuple[LoosePlace, ...]:
    last = len(places) - 1
    found = (
        (place, _why(facts, administrators, ends=index == last))
        for index, (place, facts) in enumerate(places)
    )
    return tuple(LoosePlace(place, why) for place, why in found if why)


def _why(facts: os.stat_result, administrators: set[int], *, ends: bool) -> str:
    """Return why a place is loose, or nothing.

    In a folder like ``/tmp`` others may create names, and not replace an administrators' one.
    So it is loose only where the way ends in it.
    """
    if facts.st_uid not in administrators:
        return f"belongs to user {facts.st_uid}"
    keeps_names = stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX and not ends
    if stat.S_ISLNK(facts.st_mode) or keeps_names or not facts.st_mode & OTHERS_WRITE:
        return ""
    return f"is writable by others (mode {stat.S_IMODE(facts.st_mode):04o})"
