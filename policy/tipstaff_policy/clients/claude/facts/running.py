"""The client's processes, which may hold a credential that is no longer stored."""

import os

from tipstaff_policy.clients.claude.locations import FOLDER, HOME_VARIABLE, PROGRAM
from tipstaff_policy.model.host_facts import Running, RunningClient
from tipstaff_policy.system.processes import (
    DELETED,
    INTERPRETERS,
    Process,
    environment_of,
    has_ended,
    is_same_folder,
    list_processes,
    read_change_time,
    read_start_time,
    words_of,
)

SCRIPTS = (PROGRAM, "cli.js", "cli-wrapper.cjs")
PROGRAMS = (PROGRAM, f"{PROGRAM}.exe")
PACKAGE = "claude-code"
DOCUMENT = ".credentials.json"


def find_running(home: str) -> Running:
    """Return the client's processes of the user to whom its folder belongs, on a live Linux."""
    try:
        owner = os.stat(home).st_uid
    except OSError:
        owner = os.getuid()
    clients = []
    try:
        for process in list_processes():
            if not has_ended(process) and _is_client(process):
                here = _is_here(process, home, owner)
                clients.append(RunningClient(process.pid, _read_start(process), here))
    except OSError as error:
        return Running(unread=f"no process can be seen: {error.strerror}")
    return Running(tuple(clients), read_change_time(f"{home}/{DOCUMENT}"))


def _is_client(process: Process) -> bool:
    """Return whether a process is the client: by its program, or by the script that it runs."""
    words = words_of(process)
    try:
        path = os.readlink(f"{process.folder}/exe").removesuffix(DELETED)
    except OSError:
        path = words[0] if words else ""
    program = os.path.basename(path)
    if program in PROGRAMS or f"/{PROGRAM}/versions/" in path:
        return True
    script = words[1] if len(words) > 1 else ""
    named = os.path.basename(script) in SCRIPTS and (PACKAGE in script or script.endswith(PROGRAM))
    return program in INTERPRETERS and named


def _is_here(process: Process, home: str, owner: int) -> bool | None:
    """Return whether a process uses a folder; None where it may not be looked into."""
    unknown = None if process.owner == owner else False
    try:
        env = environment_of(process)
        cwd = os.readlink(f"{process.folder}/cwd")
    except OSError:
        return unknown
    named = env.get(HOME_VARIABLE) or (f"{env['HOME']}/{FOLDER}" if env.get("HOME") else "")
    if not named:
        return unknown
    return is_same_folder(f"{process.folder}/root{os.path.join(cwd, named)}", home)


def _read_start(process: Process) -> int:
    """Return when a process was started, in seconds since 1970; 0 where that does not show."""
    try:
        return read_start_time(process)
    except (OSError, IndexError, StopIteration):
        return 0
