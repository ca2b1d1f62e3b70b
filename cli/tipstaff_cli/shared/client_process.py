"""What a running process of the client goes by: its environment, its folder, its options."""

import os
from pathlib import Path

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.model.request import Request, as_invoked


def of_process(adapter: Adapter, request: Request, pid: int) -> Request:
    """Return the request that a running process of the client amounts to (Linux).

    Raises:
        UsageError: There is no such process, or it is not the client's.
        AccessDeniedError: It belongs to somebody else.
    """
    place = Path(f"/proc/{pid}")
    try:
        words = tuple(os.fsdecode(each) for each in _split(place / "cmdline"))
        pairs = [os.fsdecode(each).partition("=") for each in _split(place / "environ")]
        cwd = (place / "cwd").readlink()
    except FileNotFoundError:
        raise UsageError(f"there is no process {pid}", expected="the number of one") from None
    except OSError as error:
        raise AccessDeniedError(
            f"process {pid} cannot be looked into: {error.strerror}",
            remedy="ask as its user, or as root",
        ) from error
    readings = adapter.read_invocation(words)
    if readings is None:
        name = words[0] if words else "a process without a command line"
        raise UsageError(f"process {pid} is {name}, not {adapter.name}")
    running = request._replace(env={name: value for name, _, value in pairs}, cwd=str(cwd))
    return as_invoked(running, readings[0], words[0])


def _split(path: Path) -> list[bytes]:
    return [part for part in path.read_bytes().split(b"\0") if part]
