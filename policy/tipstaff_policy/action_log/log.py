"""The action log: what Tipstaff did to a user's logins, chained, in a file of his (ADR 0020).

Nothing here changes the result of an enforcement: a failed write is only reported.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from tipstaff_policy.action_log.record import (
    EMPTY,
    Entry,
    LogFile,
    Standing,
    is_repeated,
    moment,
    render_chained_line,
    render_unchained_line,
    tail_of,
)
from tipstaff_policy.errors import reason_of
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.system.state_folder import state_folder

if sys.platform != "win32":
    import fcntl

FILE, OLDER = "actions.jsonl", "actions.1.jsonl"
SIZE_LIMIT = 1 << 20
"""From here on a new file is begun; one older file is kept."""
READ_LIMIT = 1 << 22
LOCK_TIMEOUT_S = 5.0
POLL_S = 0.01
DAY_S = 86400
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
HELD = "another process has locked the log"
SYSTEM_LOG = "/dev/log"
NOTICE = 10 * 8 + 5
"""Facility authpriv, severity notice. Source: RFC 5424, section 6.2.1."""


def record(env: Mapping[str, str], entry: Entry, now: int) -> Standing:
    """Append an action, and send it to the system log; return the new end of the log.

    Written with the rights of this process. A failure that changed nothing and was recorded
    within a day is not recorded again.
    """
    try:
        standing, line = _append_here(env, entry, now)
    except OSError as error:
        standing = Standing(fault=reason_of(error))
        line = render_unchained_line(entry, now)
    if line:
        _send_to_system_log(line)
    return standing


def _append_here(env: Mapping[str, str], entry: Entry, now: int) -> tuple[Standing, bytes]:
    if sys.platform == "win32":
        from tipstaff_policy.action_log import windows_log  # noqa: PLC0415 - there only

        folder_of_log = os.path.dirname(log_file(env, entry.home))
        bounds = windows_log.Bounds(SIZE_LIMIT, READ_LIMIT, LOCK_TIMEOUT_S)
        return windows_log.append(folder_of_log, entry, now, bounds)
    with _open_folder(env, entry.home, create=True) as folder:
        return _append(folder, entry, now)


def read_standing(env: Mapping[str, str], home: str) -> Standing:
    """Return where the log stands."""
    files, fault = read_log(env, home)
    tail = EMPTY
    for file in files:
        tail = tail_of(file.data, tail)
    last = tail.last
    return Standing(last.hash, last.sequence, fault) if last else Standing(fault=fault)


def read_log(env: Mapping[str, str], home: str) -> tuple[tuple[LogFile, ...], str]:
    """Return the files of the log, the oldest first, and why it cannot be read, or nothing."""
    place = log_file(env, home)
    try:
        return _read_from(env, home, os.path.dirname(place)), ""
    except FileNotFoundError:
        return (), ""
    except OSError as error:
        return (), reason_of(error)


def _read_from(env: Mapping[str, str], home: str, path: str) -> tuple[LogFile, ...]:
    if sys.platform == "win32":
        from tipstaff_policy.action_log import windows_log  # noqa: PLC0415 - there only

        return windows_log.read_files(
            path, windows_log.Bounds(SIZE_LIMIT, READ_LIMIT, LOCK_TIMEOUT_S)
        )
    with _open_folder(env, home, create=False) as folder:
        return _read_files(folder, path)


def log_file(env: Mapping[str, str], home: str) -> str:
    """Return the path of the log."""
    return f"{state_folder(env, os.path.dirname(home))}/{FILE}"


@contextmanager
def _open_folder(env: Mapping[str, str], home: str, *, create: bool) -> Iterator[int]:
    """Open the folder of the log, which is no link and this user's own."""
    path = state_folder(env, os.path.dirname(home))
    parent = os.path.dirname(path)
    if create:
        _require_own(parent)
        os.makedirs(parent, PRIVATE_FOLDER, exist_ok=True)
        with suppress(FileExistsError):
            os.mkdir(path, PRIVATE_FOLDER)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(path, flags)
    try:
        facts = os.fstat(folder)
        if facts.st_uid != os.geteuid():
            raise OSError(errno.EPERM, f"{path} belongs to another user")
        if create and stat.S_IMODE(facts.st_mode) != PRIVATE_FOLDER:
            os.fchmod(folder, PRIVATE_FOLDER)
        yield folder
    finally:
        os.close(folder)


def _require_own(parent: str) -> None:
    """Keep root from writing where another user decides what a name leads to."""
    if os.geteuid() != 0:
        return
    from tipstaff_policy.system.owners.loose_places import (  # noqa: PLC0415 - as root alone
        loose_places,
    )

    if places := loose_places(parent):
        raise OSError(errno.EPERM, f"root does not write to this folder: {places[0]}")


def _append(folder: int, entry: Entry, now: int) -> tuple[Standing, bytes]:
    """Append a record under the lock of the log; no line where it stands there already."""
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        with _lock(folder, os.O_RDWR | os.O_APPEND | os.O_CREAT, deadline) as (log, size):
            # The first record of a new file names the last one of the file that was set aside.
            if size < SIZE_LIMIT or not _set_aside(folder):
                return _append_to(log, folder, entry, now)


def _append_to(log: int, folder: int, entry: Entry, now: int) -> tuple[Standing, bytes]:
    data = _read_end(log)
    tail = tail_of(data)
    if tail.last is None:
        tail = tail_of(data, tail_of(_read_older(folder)))
    if tail.last and is_repeated(entry, data, moment(now - DAY_S), moment(now)):
        return Standing(tail.last.hash, tail.last.sequence), b""
    line, standing = render_chained_line(entry, now, tail)
    closing = b"" if not data or data.endswith(b"\n") else b"\n"
    _write(log, closing + line)
    if not data:
        os.fsync(folder)
    return standing, line


def _write(log: int, data: bytes) -> None:
    """Write all of it in one call and for good, or nothing."""
    size = os.fstat(log).st_size
    if os.write(log, data) < len(data):
        os.ftruncate(log, size)
        raise OSError(errno.ENOSPC, "there is no room for the record")
    os.fsync(log)


def _set_aside(folder: int) -> bool:
    try:
        os.rename(FILE, OLDER, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        return False  # a log that may only grow goes on growing
    return True


def _read_files(folder: int, path: str) -> tuple[LogFile, ...]:
    try:
        with _lock(folder, os.O_RDONLY, time.monotonic() + LOCK_TIMEOUT_S) as (log, _):
            current, older = _read_end(log), _read_older(folder)
    except FileNotFoundError:  # renamed, and no new file yet: a run was killed in between
        current, older = b"", _read_older(folder)
    if READ_LIMIT in (len(current), len(older)):
        raise OSError(errno.EFBIG, f"larger than {READ_LIMIT} bytes")
    files = (
        LogFile(f"{path}/{OLDER}", older, set_aside=True),
        LogFile(f"{path}/{FILE}", current),
    )
    return tuple(file for file in files if file.data)


def _read_older(folder: int) -> bytes:
    try:
        older = _open(OLDER, folder, os.O_RDONLY)
    except FileNotFoundError:
        return b""
    try:
        return _read_end(older)
    finally:
        os.close(older)


def _read_end(log: int) -> bytes:
    """Return a file, or its end where it is larger than any that is written here."""
    size = os.fstat(log).st_size
    return os.pread(log, READ_LIMIT, max(0, size - READ_LIMIT))


@contextmanager
def _lock(folder: int, flags: int, deadline: float) -> Iterator[tuple[int, int]]:
    """Hold the log that has the name at this moment; yield its descriptor and size."""
    while True:
        log = _open(FILE, folder, flags)
        try:
            _wait(log, fcntl.LOCK_EX if flags & os.O_RDWR else fcntl.LOCK_SH, deadline)
            if _has_the_name(log, folder):
                yield log, os.fstat(log).st_size
                return
        finally:
            os.close(log)
        if time.monotonic() >= deadline:
            raise OSError(errno.EAGAIN, HELD)


def _has_the_name(log: int, folder: int) -> bool:
    """Return whether the file still had its name when it was locked."""
    try:
        return os.path.samestat(os.fstat(log), os.stat(FILE, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _open(name: str, folder: int, flags: int) -> int:
    """Open a file of the log: no link, no other owner, no second name."""
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    log = os.open(name, flags, PRIVATE, dir_fd=folder)
    try:
        _require_plain(name, os.fstat(log))
        if flags & os.O_RDWR and stat.S_IMODE(os.fstat(log).st_mode) != PRIVATE:
            os.fchmod(log, PRIVATE)
    except OSError:
        os.close(log)
        raise
    return log


def _require_plain(name: str, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
        raise OSError(errno.EINVAL, f"{name} is not a regular file with one name")
    if facts.st_uid != os.geteuid():
        raise OSError(errno.EPERM, f"{name} belongs to another user")


def _wait(log: int, kind: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(log, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise OSError(errno.EAGAIN, HELD) from None
            time.sleep(POLL_S)
        else:
            return


def _send_to_system_log(line: bytes) -> None:
    """Leave the record where the user cannot take it back; never wait for it.

    Not by ``syslog``, which waits for a log daemon that hangs. A Mac has no socket for it that is
    documented, and its own program sends the line on.
    """
    if this_platform() == "macos":
        from tipstaff_policy.system.mac.unified_log import send_line  # noqa: PLC0415 - a Mac alone

        send_line(line)
        return
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import event_log  # noqa: PLC0415 - there only

        event_log.report(line.rstrip(b"\n").decode("ascii", "replace"))
        return
    import _socket  # noqa: PLC0415 - `socket` loads four modules more, in front of every client

    head = f"<{NOTICE}>tipstaff[{os.getpid()}]: ".encode()
    with suppress(OSError):  # there is none, or it takes no more
        system = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        try:
            system.settimeout(0)
            system.sendto(head + line.rstrip(b"\n"), SYSTEM_LOG)
        finally:
            system.close()
