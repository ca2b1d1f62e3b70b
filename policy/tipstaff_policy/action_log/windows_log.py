"""The files of the action log on Windows: in the folder of the user's local data.

What descriptors of a folder do elsewhere, a folder does here that is held open, so that nothing
can be put in its place (`system.windows.open_folders`). Its access list is that of the user's own
profile.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tipstaff_policy.action_log.record import (
    Entry,
    LogFile,
    Standing,
    is_repeated,
    moment,
    render_chained_line,
    tail_of,
)
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder
from tipstaff_policy.system.windows import folder_files, open_folders

FILE, OLDER = "actions.jsonl", "actions.1.jsonl"
BINARY = getattr(os, "O_BINARY", 0)
HELD = "another process has locked the log"
DAY_S = 86400


class Bounds(Record):
    """How large the files of the log become, and how long another process may hold them."""

    size: int
    """Bytes from which on a new file is begun."""
    read: int
    timeout_s: float


def append(path: str, entry: Entry, now: int, bounds: Bounds) -> tuple[Standing, bytes]:
    """Append a record under the lock of the log; no line where it stands there already.

    Args:
        path: The folder of the log.
    Raises:
        OSError: It cannot be written.
    """
    os.makedirs(path, exist_ok=True)
    deadline = time.monotonic() + bounds.timeout_s
    while True:
        with _open_folder(path) as folder, _lock(folder, deadline, create=True) as log:
            size = os.fstat(log).st_size
            if size < bounds.size or not _set_aside(log, folder):
                return _append_to(log, folder, entry, now, bounds.read)


def read_files(path: str, bounds: Bounds) -> tuple[LogFile, ...]:
    """Return the files of the log, the oldest first.

    Raises:
        OSError: They cannot be read.
    """
    deadline, read_limit = time.monotonic() + bounds.timeout_s, bounds.read
    with _open_folder(path) as folder:
        try:
            with _lock(folder, deadline, create=False) as log:
                current, older = _read_end(log, read_limit), _read_older(folder, read_limit)
        except FileNotFoundError:
            current, older = b"", _read_older(folder, read_limit)
    if read_limit in (len(current), len(older)):
        raise OSError(errno.EFBIG, f"larger than {read_limit} bytes")
    files = (
        LogFile(f"{path}/{OLDER}", older, set_aside=True),
        LogFile(f"{path}/{FILE}", current),
    )
    return tuple(file for file in files if file.data)


@contextmanager
def _open_folder(path: str) -> Iterator[int]:
    if open_folders.is_link(path):
        raise OSError(errno.ELOOP, f"{path} is a link")
    folder = open_folder(path)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _lock(folder: int, deadline: float, *, create: bool) -> Iterator[int]:
    if create:
        log = folder_files.open_lock(FILE, folder)
    else:
        log = folder_files.open_plain(FILE, folder, os.O_RDWR | BINARY)
    try:
        if not open_folders.lock(log, deadline):
            raise OSError(errno.EAGAIN, HELD)
        yield log
    finally:
        with suppress(OSError):
            os.close(log)


def _set_aside(log: int, folder: int) -> bool:
    """Give the full log its other name; Windows does that only once it is closed."""
    os.close(log)
    try:
        os.replace(open_folders.place_in(folder, FILE), open_folders.place_in(folder, OLDER))
    except OSError:
        raise OSError(errno.EAGAIN, HELD) from None
    return True


def _append_to(
    log: int, folder: int, entry: Entry, now: int, read_limit: int
) -> tuple[Standing, bytes]:
    data = _read_end(log, read_limit)
    tail = tail_of(data)
    if tail.last is None:
        tail = tail_of(data, tail_of(_read_older(folder, read_limit)))
    if tail.last and is_repeated(entry, data, moment(now - DAY_S), moment(now)):
        return Standing(tail.last.hash, tail.last.sequence), b""
    line, standing = render_chained_line(entry, now, tail)
    closing = b"" if not data or data.endswith(b"\n") else b"\n"
    _write(log, closing + line)
    return standing, line


def _write(log: int, data: bytes) -> None:
    """Write all of it in one call and for good, or nothing."""
    size = os.lseek(log, 0, os.SEEK_END)
    if os.write(log, data) < len(data):
        os.ftruncate(log, size)
        raise OSError(errno.ENOSPC, "there is no room for the record")
    os.fsync(log)


def _read_older(folder: int, read_limit: int) -> bytes:
    try:
        older = folder_files.open_plain(OLDER, folder)
    except FileNotFoundError:
        return b""
    try:
        return _read_end(older, read_limit)
    finally:
        os.close(older)


def _read_end(log: int, read_limit: int) -> bytes:
    size = os.fstat(log).st_size
    os.lseek(log, max(0, size - read_limit), os.SEEK_SET)
    parts: list[bytes] = []
    left = read_limit
    while left and (part := os.read(log, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
