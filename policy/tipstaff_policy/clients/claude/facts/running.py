"""The client's processes, which may hold a credential that is no longer stored."""

import os
from collections.abc import Iterator

from tipstaff_policy.clients.claude.locations import FOLDER, HOME_VARIABLE, PROGRAM
from tipstaff_policy.model.host_facts import Running, RunningClient
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import read_bounded

PROC = "/proc"
SIZE_LIMIT = 4 << 20
INTERPRETERS = ("node", "bun", "deno")
"""Programs that run the launcher of an earlier client as a script."""
SCRIPTS = (PROGRAM, "cli.js", "cli-wrapper.cjs")
PROGRAMS = (PROGRAM, f"{PROGRAM}.exe")
PACKAGE = "claude-code"
DELETED = " (deleted)"
ENDED = (b"Z", b"X")
"""States of a process that has ended but was not reaped yet."""
DOCUMENT = ".credentials.json"


class _Process(Record):
    pid: int
    owner: int

    @property
    def folder(self) -> str:
        return f"{PROC}/{self.pid}"


def find_running(home: str) -> Running:
    """Return the client's processes of the user to whom its folder belongs, on a live Linux."""
    try:
        owner = os.stat(home).st_uid
    except OSError:
        owner = os.getuid()
    clients = []
    try:
        for process in _processes():
            if _is_client(process):
                here = _is_here(process, home, owner)
                clients.append(RunningClient(process.pid, _started_at(process), here))
    except OSError as error:
        return Running(unread=f"no process can be seen: {error.strerror}")
    return Running(tuple(clients), _changed_at(f"{home}/{DOCUMENT}"))


def _processes() -> Iterator[_Process]:
    for name in os.listdir(PROC):
        if not name.isdecimal():
            continue
        try:
            # Of a process that hides from others, the folder alone would belong to root.
            status = _bytes(f"{PROC}/{name}/status").decode(errors="replace")
            state = _bytes(f"{PROC}/{name}/stat").rpartition(b")")[2].split()[0]
            uid = next(line for line in status.splitlines() if line.startswith("Uid:"))
        except (OSError, StopIteration, IndexError):
            continue  # it has ended meanwhile
        if state not in ENDED:
            yield _Process(int(name), int(uid.split()[1]))


def _is_client(process: _Process) -> bool:
    """Return whether a process is the client: by its program, or by the script that it runs."""
    words = _words(process)
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


def _words(process: _Process) -> tuple[str, ...]:
    try:
        return tuple(map(os.fsdecode, _bytes(f"{process.folder}/cmdline").split(b"\0")[:-1]))
    except OSError:
        return ()


def _is_here(process: _Process, home: str, owner: int) -> bool | None:
    """Return whether a process uses a folder; None where it may not be looked into."""
    unknown = None if process.owner == owner else False
    try:
        lines = _bytes(f"{process.folder}/environ").split(b"\0")
        cwd = os.readlink(f"{process.folder}/cwd")
    except OSError:
        return unknown
    env = {name: value for name, _, value in (os.fsdecode(line).partition("=") for line in lines)}
    named = env.get(HOME_VARIABLE) or (f"{env['HOME']}/{FOLDER}" if env.get("HOME") else "")
    if not named:
        return unknown
    try:
        return os.path.samefile(f"{process.folder}/root{os.path.join(cwd, named)}", home)
    except FileNotFoundError:
        return False
    except OSError:
        return None


def _started_at(process: _Process) -> int:
    """Return when a process was started, in seconds since 1970; 0 where that does not show."""
    try:
        # The name may hold spaces and brackets; the numbers follow the last one.
        numbers = _bytes(f"{process.folder}/stat").rpartition(b")")[2].split()
        lines = _bytes(f"{PROC}/stat").splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith(b"btime"))
        return boot + int(numbers[19]) // os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, StopIteration):
        return 0


def _changed_at(path: str) -> int | None:
    try:
        # By the change of the inode, which its user cannot set back.
        return int(os.stat(path).st_ctime)
    except OSError:
        return None


def _bytes(path: str) -> bytes:
    return read_bounded(path, SIZE_LIMIT)
