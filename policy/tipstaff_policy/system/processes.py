"""Looking into the processes of a live Linux, as far as the system lets us."""

import os
from collections.abc import Iterator

from tipstaff_policy.record import Record
from tipstaff_policy.system.files import read_bounded

PROC = "/proc"
SIZE_LIMIT = 4 << 20
INTERPRETERS = ("node", "bun", "deno")
"""Programs that run a client's launcher as a script."""
DELETED = " (deleted)"
ENDED = (b"Z", b"X")
"""States of a process that has ended but was not reaped yet."""


class Process(Record):
    """A process that is there now."""

    pid: int
    name: str
    owner: int

    @property
    def folder(self) -> str:
        """Return where the system describes it."""
        return f"{PROC}/{self.pid}"


def list_processes() -> Iterator[Process]:
    """Yield the processes that can be seen.

    Raises:
        OSError: The system shows none at all.
    """
    for entry in os.listdir(PROC):
        if entry.isdecimal():
            try:
                name = _bytes(f"{PROC}/{entry}/comm").decode(errors="replace").strip()
                # Of a process that hides from others, the folder alone would belong to root.
                status = _bytes(f"{PROC}/{entry}/status").decode(errors="replace")
                uid = next(line for line in status.splitlines() if line.startswith("Uid:"))
                yield Process(int(entry), name, int(uid.split()[1]))
            except (OSError, StopIteration):
                continue  # it has ended meanwhile


def has_ended(process: Process) -> bool:
    """Return whether a process runs no more, though its number may still be taken."""
    try:
        return _bytes(f"{process.folder}/stat").rpartition(b")")[2].split()[0] in ENDED
    except (OSError, IndexError):
        return True


def words_of(process: Process) -> tuple[str, ...]:
    """Return the command line; nothing where it cannot be read."""
    try:
        return tuple(map(os.fsdecode, _bytes(f"{process.folder}/cmdline").split(b"\0")[:-1]))
    except OSError:
        return ()


def environment_of(process: Process) -> dict[str, str]:
    """Return the environment that a process was started with.

    Raises:
        OSError: It may not be looked into.
    """
    pairs = (
        os.fsdecode(part).partition("=")
        for part in _bytes(f"{process.folder}/environ").split(b"\0")
    )
    return {name: value for name, equals, value in pairs if equals}


def read_start_time(process: Process) -> int:
    """Return when a process was started, in seconds since 1970.

    Raises:
        OSError: It has ended.
    """
    # The name may hold spaces and brackets; the numbers follow the last one.
    numbers = _bytes(f"{process.folder}/stat").rpartition(b")")[2].split()
    boot = next(
        int(line.split()[1]) for line in _bytes(f"{PROC}/stat").splitlines() if line[:5] == b"btime"
    )
    return boot + int(numbers[19]) // os.sysconf("SC_CLK_TCK")


def is_same_folder(theirs: str, home: str) -> bool | None:
    """Return whether two paths lead to one folder, though a process may see another file system.

    None where that cannot be seen.
    """
    try:
        return os.path.samefile(theirs, home)
    except FileNotFoundError:
        return False
    except OSError:
        return None


def read_change_time(path: str) -> int | None:
    """Return when a file was last changed, in seconds since 1970; None where there is none.

    By the change of the inode, which its user cannot set back.
    """
    try:
        return int(os.stat(path).st_ctime)
    except OSError:
        return None


def _bytes(path: str) -> bytes:
    return read_bounded(path, SIZE_LIMIT)
