"""Read the environment, folder and options of a running client process."""

import os
from pathlib import Path

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import AccessDeniedError, TipstaffError, UsageError
from tipstaff_policy.model.request import Request, as_invoked


def words_of_process(pid: int) -> tuple[str, ...]:
    """Return the command line of a running process (Linux).

    Raises:
        UsageError: There is no such process.
        AccessDeniedError: It belongs to another user.
    """
    try:
        return tuple(os.fsdecode(word) for word in _split(_place(pid) / "cmdline"))
    except OSError as error:
        raise _error(pid, error) from error


def with_process(adapter: Adapter, request: Request, pid: int, words: tuple[str, ...]) -> Request:
    """Return the request that describes a running client process (Linux).

    Args:
        words: Its command line.
    Raises:
        UsageError: There is no such process any more, or it is not the client's.
        AccessDeniedError: It belongs to another user.
    """
    place = _place(pid)
    try:
        pairs = [os.fsdecode(pair).partition("=") for pair in _split(place / "environ")]
        cwd = (place / "cwd").readlink()
    except OSError as error:
        raise _error(pid, error) from error
    readings = adapter.read_invocation(words)
    if readings is None:
        name = words[0] if words else "a process without a command line"
        raise UsageError(f"process {pid} is {name}, not {adapter.name}")
    running = request._replace(env={name: value for name, _, value in pairs}, cwd=str(cwd))
    return as_invoked(running, readings[0], words[0])


def _place(pid: int) -> Path:
    return Path(f"/proc/{pid}")


def _error(pid: int, error: OSError) -> TipstaffError:
    if isinstance(error, FileNotFoundError):
        return UsageError(f"no process has the id {pid}", expected="the id of a running client")
    return AccessDeniedError(
        f"process {pid} cannot be read: {error.strerror}",
        remedy="run this as the user of that process, or as root",
    )


def _split(path: Path) -> list[bytes]:
    return [part for part in path.read_bytes().split(b"\0") if part]
