"""Whose homes a root run is about: local accounts, and who owns a home that the policy names.

Nothing here looks into a home; even whether one exists is for its own user to find out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.record import Record

if sys.platform != "win32":
    import pwd

LOGIN_DEFINITIONS = "/etc/login.defs"
FIRST_PERSON = 501 if this_platform() == "macos" else 1000
"""The first uid of people where the system does not say another."""
NO_SHELLS = ("", "nologin", "false", "sync", "shutdown", "halt")
NOBODY = 65534
"""The group of an owner whom the user database does not know."""


class LocalUser(Record):
    """An account, and one home of it."""

    name: str
    uid: int
    gid: int
    home: str
    signs_in: bool = True
    """Whether a person may sign in; another account counts only where it has a client's folder."""


Listing = Callable[[str], Iterable[tuple[str, int]]]
"""Returns the folders in a folder, each with its owner's uid."""


def find_named_users(
    names: Iterable[str], folders: Iterable[str], listing: Listing
) -> list[LocalUser]:
    """Return the users of some names, with every home of theirs.

    Raises:
        UsageError: There is no such user.
    """
    users = []
    for name in names:
        try:
            users.append(_account(pwd.getpwnam(name), first_person=0))
        except KeyError:
            raise UsageError(
                f"there is no user {name!r} on this host", expected="the name of an account"
            ) from None
    uids = {user.uid for user in users}
    elsewhere = [owner for owner in _owners(folders, listing) if owner.uid in uids]
    return _once(user._replace(signs_in=True) for user in (*users, *elsewhere))


def every_user(folders: Iterable[str], listing: Listing) -> list[LocalUser]:
    """Return every account, and every owner of a home in some folders, in the order of uids."""
    first_person = _first_person()
    accounts = (_account(row, first_person=first_person) for row in pwd.getpwall())
    return _once(sorted((*accounts, *_owners(folders, listing)), key=lambda account: account.uid))


def _account(entry: pwd.struct_passwd, *, first_person: int) -> LocalUser:
    person = entry.pw_uid == 0 or entry.pw_uid >= first_person
    has_shell = os.path.basename(entry.pw_shell) not in NO_SHELLS
    return LocalUser(
        entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, signs_in=person and has_shell
    )


def _first_person() -> int:
    try:
        with open(LOGIN_DEFINITIONS, encoding="utf-8", errors="replace") as file:
            words = [line.split() for line in file]
    except OSError:
        return FIRST_PERSON
    found = [word[1] for word in words if len(word) > 1 and word[0] == "UID_MIN"]
    return int(found[0]) if found and found[0].isdecimal() else FIRST_PERSON


def _owners(folders: Iterable[str], listing: Listing) -> list[LocalUser]:
    """Return who owns the folders in some folders.

    Root's other homes are left out: root would act there with all rights.
    """
    places = [name for folder in folders for name in listing(folder)]
    return [_owner(place, uid) for place, uid in places if uid != 0]


def _owner(home: str, uid: int) -> LocalUser:
    """Return the owner of a home, who need not have a client's folder there."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return LocalUser(str(uid), uid, NOBODY, home, signs_in=False)
    return LocalUser(entry.pw_name, uid, entry.pw_gid, home, signs_in=False)


def _once(users: Iterable[LocalUser]) -> list[LocalUser]:
    """Return the first of those who share uid and home."""
    found: dict[tuple[int, str], LocalUser] = {}
    for user in users:
        found.setdefault((user.uid, user.home.rstrip("/")), user)
    return list(found.values())
