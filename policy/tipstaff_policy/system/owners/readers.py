"""Whether a user can read a file, by owner, group and mode of every place on the way to it."""

import os
import stat

from tipstaff_policy.system.files import show_path
from tipstaff_policy.system.owners.path_walk import walk
from tipstaff_policy.system.owners.posix import ROOT_USER, access_list

READ, ENTER = 4, 1
"""The bits of one class of users."""


def why_unreadable(path: str, root: str, user: int, group: int) -> str:
    """Return why a user of an image cannot read a file; empty where that is not certain.

    An image shows only the user's own group, so that a group other than root's may hold the user;
    and an access control list may name the user.

    Args:
        path: Absolute, as the host calls it.
        root: The tree that stands for ``/``; its own mode is no part of the image.
        user: Who would read it.
        group: The user's own group.
    """
    if user == ROOT_USER:
        return ""
    places, _ = walk(path, root.rstrip("/"), ignore_case=False)
    for place, facts in places[1:]:
        if stat.S_ISLNK(facts.st_mode) or _has_list(place):
            continue
        wanted = ENTER if stat.S_ISDIR(facts.st_mode) else READ
        if not _rights(facts, user, group) & wanted:
            mode = f"{stat.S_IMODE(facts.st_mode):04o}"
            return f"{show_path(place, root)} has mode {mode} and owner {facts.st_uid}"
    return ""


def _rights(facts: os.stat_result, user: int, group: int) -> int:
    if facts.st_uid == user:
        return facts.st_mode >> 6 & 7
    by_group = facts.st_mode >> 3 & 7
    if facts.st_gid == group:
        return by_group
    return facts.st_mode & 7 | (by_group if facts.st_gid != ROOT_USER else 0)


def _has_list(place: str) -> bool:
    try:
        return bool(access_list(place))
    except OSError:
        return True
