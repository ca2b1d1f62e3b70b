"""The client's processes, which may hold a credential that is no longer stored."""

import os
import time
from collections.abc import Mapping

from tipstaff_policy.clients.codex.facts.processes import is_client
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, FOLDER, text_of
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.host_facts import Running, RunningClient
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.processes import (
    Process,
    environment_of,
    has_ended,
    is_same_folder,
    list_processes,
    read_change_time,
    read_start_time,
)

LOOKS, PAUSE_S = 4, 0.05


def find_running(home: str) -> Running:
    """Return the client's processes of the user to whom its folder belongs, on a live Linux."""
    try:
        owner = os.stat(home).st_uid
    except OSError:
        owner = os.getuid()
    clients = []
    try:
        for process in list_processes():
            if is_client(process):
                here = _settle(process, home, owner)
                if not has_ended(process):
                    clients.append(RunningClient(process.pid, _read_start(process), here))
    except OSError as error:
        return Running(unread=f"no process can be seen: {error.strerror}")
    return Running(tuple(clients), read_change_time(f"{home}/{CREDENTIAL_FILE}"))


def _settle(process: Process, home: str, owner: int) -> bool | None:
    """Return whether a process uses a folder; one that starts or ends just now is asked again."""
    for _ in range(LOOKS):
        here = _is_here(process, home, owner)
        if here is not None or has_ended(process):
            return here
        time.sleep(PAUSE_S)
    return None


def _is_here(process: Process, home: str, owner: int) -> bool | None:
    """Return whether a process uses a folder; None where it may not be looked into."""
    try:
        env = environment_of(process)
        cwd = os.readlink(f"{process.folder}/cwd")
    except OSError:
        return None if process.owner == owner else False
    named = text_of(env, "CODEX_HOME") or (f"{env['HOME']}/{FOLDER}" if env.get("HOME") else None)
    if named is None:
        return None if process.owner == owner else False
    places = (os.path.join(cwd, named), *_read_moved_homes(process, env, cwd))
    answers = [is_same_folder(f"{process.folder}/root{place}", home) for place in places]
    return True if True in answers else None if None in answers else False


def _read_moved_homes(process: Process, env: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """Return the folders to which the file in a process's first folder leads it.

    Not of a process with a file system of its own, whose files are not those of this machine.
    """
    try:
        if os.readlink(f"{process.folder}/root") != "/":
            return ()
        settled = settle(Request(env, cwd, 0))
    except (OSError, EvaluationError):
        return ()
    return (settled.home.path, *settled.further)


def _read_start(process: Process) -> int:
    try:
        return read_start_time(process)
    except OSError:
        return 0  # has just ended, or hides: taken as early, which excuses nothing
