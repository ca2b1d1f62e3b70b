"""A root run: every user in turn, each with that user's own rights (ADR 0022).

Root itself reads the user database and the organisation's policy, and nothing that users own.
"""

import json
import os
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any

import tipstaff_policy
from tipstaff_policy.all_users.accounts import NOBODY, LocalUser, every_user, find_named_users
from tipstaff_policy.all_users.bounds import TIME_LIMIT_S
from tipstaff_policy.all_users.run_as_user import (
    WorkerResult,
    require_root_and_isolation,
    run_as_user,
)
from tipstaff_policy.assessment.policy_loading import (
    AnyOrganisation,
    Organisation,
    read_organisation,
)
from tipstaff_policy.clients import load_clients
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.request import Request
from tipstaff_policy.record import Record

UNPRIVILEGED = LocalUser("nobody", NOBODY, NOBODY, "/")
"""The account that lists the homes: one without any rights of its own."""
HOMES = 10000
"""Entries of one folder with homes that are looked at."""
MODULES = (
    "base64", "binascii", "ctypes", "difflib", "fnmatch", "getpass", "hashlib", "hmac", "mmap",
    "re", "sqlite3", "syslog", "time", "uuid",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.serialization", "jeepney.io.blocking", "jwt",
)  # fmt: skip
"""What functions of the engine import when they are called."""


class RootRun(Record):
    """What came of every turn."""

    turns: tuple[WorkerResult, ...]
    unseen: tuple[str, ...]
    """Folders with homes that could not be looked through, each with the reason."""


def run_for_users(
    targets: Sequence[tuple[Adapter, Request]],
    names: tuple[str, ...],
    job: Callable[[Adapter, Request], str],
    *,
    limit_s: float = TIME_LIMIT_S,
) -> RootRun:
    """Do something for some users, or for every user of this host, client by client.

    Args:
        targets: The clients, each with what is asked about it; every user has a turn for each.
        names: Of the users; none for every user.
        job: Gets what is to be judged as that user; runs in a process of its own.
        limit_s: For each user.
    Raises:
        UsageError: There is no such user; not root; a process that is not isolated.
    """
    require_root_and_isolation()
    preload()
    unseen: list[str] = []

    def ask(question: Callable[[str], str], place: str) -> list[Any]:
        turn = run_as_user(
            UNPRIVILEGED, partial(question, place), folder=targets[0][0].folder, limit_s=limit_s
        )
        if turn.outcome == "failed":
            unseen.append(turn.text if place in turn.text else f"{place}: {turn.text}")
            return []
        return list(json.loads(turn.text))

    def listing(folder: str) -> Iterator[tuple[str, int]]:
        homes = ask(_list_homes, folder)
        if len(homes) > HOMES:
            unseen.append(f"{folder}: more than {HOMES} entries")
        for home in homes[:HOMES]:
            # One by one, because a single one may be on a dead mount.
            yield from ((home, uid) for uid in ask(_find_owner, home))

    organisation = read_organisation(targets[0][1])
    folders = _folders(organisation)
    users = find_named_users(names, folders, listing) if names else every_user(folders, listing)

    def take_turn(user: LocalUser, adapter: Adapter, request: Request) -> WorkerResult:
        return run_as_user(
            user,
            lambda: job(adapter, _here(_with_fleet_key(request, organisation))),
            folder=adapter.folder,
            limit_s=limit_s,
        )

    turns = (take_turn(user, *target) for user in users for target in targets)
    return RootRun(tuple(turns), tuple(unseen))


def _with_fleet_key(request: Request, organisation: AnyOrganisation) -> Request:
    """Return a request with the fleet's key.

    Users cannot read its file; nor this process's memory (ADR 0022).
    """
    if isinstance(organisation, Organisation) and organisation.policy.fleet_key:
        return request.with_inputs(fleet_key=organisation.policy.fleet_key.value)
    return request


def preload() -> None:
    """Load everything that a turn may need: its user need not be able to read this program."""
    for module in pkgutil.walk_packages(tipstaff_policy.__path__, "tipstaff_policy."):
        import_module(module.name)
    libraries = (name for adapter in load_clients() for name in adapter.libraries)
    for name in (*MODULES, *libraries):
        with suppress(ImportError):  # reported where it is needed
            import_module(name)


def _folders(organisation: AnyOrganisation) -> tuple[str, ...]:
    """Return the folders with homes that the policy names; each worker reports its faults."""
    homes = organisation.policy.homes if isinstance(organisation, Organisation) else None
    return homes.values if homes else ()


def _list_homes(folder: str) -> str:
    """Return the folders in a folder, as JSON; links are none."""
    try:
        with os.scandir(folder) as entries:
            seen = list(islice(entries, HOMES + 1))
    except (FileNotFoundError, NotADirectoryError):
        seen = []
    return json.dumps(sorted(entry.path for entry in seen if entry.is_dir(follow_symlinks=False)))


def _find_owner(home: str) -> str:
    """Return the uid of a home's owner in a list, as JSON; an empty one where it has gone."""
    try:
        return json.dumps([os.lstat(home).st_uid])
    except FileNotFoundError:
        return "[]"


def _here(request: Request) -> Request:
    """Return the request of the user whose process this is."""
    here = request._replace(env=dict(os.environ), cwd=os.getcwd())
    return here.read_with(unasked=True)
