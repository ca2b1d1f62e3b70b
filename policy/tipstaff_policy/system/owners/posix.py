"""Who could write a file, by POSIX modes and access lists."""

import errno
import os
import stat

from tipstaff_policy.system.owners.path_walk import LoosePlace, walk

ROOT_USER = 0

ACCESS_LIST = "system.posix_acl_access"
"""Not ``system.posix_acl_default``: a folder's default list applies only to what is made in it
later, and this list shows who can make something there."""

GROUP_WRITES, EVERYBODY_WRITES = 0o020, 0o002


def _find_posix_places(path: str, top: str, *, ignore_case: bool) -> tuple[LoosePlace, ...]:
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
        data = access_list(place)
    except OSError as error:
        return f"has an access control list that cannot be evaluated ({error})"
    if data:
        from tipstaff_policy.system.owners.posix_acl import (  # noqa: PLC0415 - few places have one
            why_loose,
        )

        return why_loose(data, administrators)
    if not facts.st_mode & (GROUP_WRITES | EVERYBODY_WRITES):
        return ""
    return f"is writable by others (mode {stat.S_IMODE(facts.st_mode):04o})"


def access_list(place: str) -> bytes:
    """Return a list as the system keeps it; empty where there is none, or its system knows none."""
    if not hasattr(os, "getxattr"):
        return b""
    try:
        return os.getxattr(place, ACCESS_LIST, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return b""
        raise
