"""What a running process of the client goes by: its environment, its folder, its options."""

import os
from pathlib import Path

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import AccessDeniedError, TipstaffError, UsageError
from tipstaff_policy.model.request import Request, as_invoked


def words_of_process(pid: int) -> tuple[str, ...]:
    """Return the command line of a running process (Linux).

    Raises:
        UsageError: There is no such process.
        AccessDeniedError: It belongs to somebody else.
    """
    try:
        return tuple(os.fsdecode(word) for word in _split(_place(pid) / "cmdline"))
    except OSError as error:
        raise _error(pid, error) from error


def with_process(adapter: Adapter, request: Request, pid: int, words: tuple[str, ...]) -> Request:
    """Return the request that a running process of the client amounts to (Linux).

    Args:
        words: Its command line.
    Raises:
        UsageError: There is no such process any more, or it is not the client's.
        AccessDeniedError: It belongs to somebody else.
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
        return UsageError(f"there is no process {pid}", expected="the number of one")
    return AccessDeniedError(
        f"process {pid} cannot be looked into: {error.strerror}",
        remedy="ask as its user, or as root",
    )


def _split(path: Path) -> list[bytes]:
    return [part for part in path.read_bytes().split(b"\0") if part]
