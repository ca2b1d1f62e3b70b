"""The places along a path, and whether other users could write one."""

import os

from tipstaff_policy.record import Record
from tipstaff_policy.system.files import within

Places = list[tuple[str, os.stat_result]]
"""In the order of the way, links included."""


class LoosePlace(Record):
    """A file, folder or link that others than the administrators can change or replace."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


def walk(path: str, top: str, *, ignore_case: bool) -> tuple[Places, tuple[LoosePlace, ...]]:
    """Return the places on a way as far as it goes, and why it cannot be followed to its end."""
    # Of a drive alone, Windows takes the name for its working folder there.
    passed = [f"{top}/" if top.endswith(":") else top or "/"]
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
