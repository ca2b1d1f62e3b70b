"""The report log: one line a run in a file that a shipper of the organisation reads and sends on.

It is bounded: at `FILE_LIMIT` it is set aside, and `KEPT` older files stay. A line is written whole
or not at all. Some space is reserved in its folder and given up when the disk is full, so that the
runs that happen then are not lost.
"""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report

if sys.platform != "win32":
    import fcntl

FILE_LIMIT = 16 << 20
"""Bytes after which a file is set aside; some hundred reports."""
KEPT = 4
RESERVED = 1 << 20
"""Bytes, some tens of reports; they are taken again once there is room."""
RESERVE = ".reserve"
OWNER_ALONE, GROUP_READS = 0o600, 0o640


def keep_report(document: BaseModel, path: Path | None, *, journal: bool) -> None:
    """Append a report to the log and send it to the journal, where that was asked for.

    Raises:
        UsageError: The path names no file.
        AccessDeniedError: One of them does not take it.
    """
    if path is not None:
        append_report(path, document)
    if journal and this_platform() != "linux":
        raise AccessDeniedError(
            "this system has no journal: its own log takes no whole reports",
            expected="--report-log with a file of the administrators",
        )
    if journal:
        from tipstaff_cli.shared.report_journal import (  # noqa: PLC0415 - where it is asked for
            send_report,
        )

        send_report(document, "report of a run, in the field TIPSTAFF_REPORT")


def try_to_keep_report(document: BaseModel, path: Path | None, *, journal: bool) -> None:
    """Keep a report as `keep_report` does; a failure is said, and changes no exit code.

    What was enforced stays enforced, whether or not it can be reported.
    """
    try:
        keep_report(document, path, journal=journal)
    except (UsageError, AccessDeniedError) as error:
        say(str(error))


def append_report(path: Path, document: BaseModel) -> None:
    """Append a document to a log, as one line.

    Args:
        path: The log; made where it is not there. Its folder must be there.
        document: A report of any kind.

    Raises:
        UsageError: The path names no file.
        AccessDeniedError: Others can write there, or it cannot be written; then the log is as it
            was before.
    """
    if not path.name:
        raise UsageError(f"--report-log {str(path)!r} names no file")
    _require_administrators(path)
    line = json_report.line(document).encode()
    try:
        with _open_folder(path.parent) as folder, _lock(folder, path.name) as log:
            _append(folder, log, path.name, line)
    except OSError as error:
        raise AccessDeniedError(
            f"the report is not in the log: {error.strerror}",
            where=str(path),
            remedy="free space on the disk or create the folder, and run it again",
        ) from error


def _require_administrators(path: Path) -> None:
    """Refuse a folder in which others decide what a name leads to, or what the log says."""
    places = loose_places(str(path.absolute().parent))
    if places is None or places:
        why = f": {places[0]}" if places else ""
        raise AccessDeniedError(
            f"others than the administrators can write there{why}",
            where=str(path.parent),
            expected="a folder that root owns and no one else can write, such as /var/log/tipstaff",
        )


@contextmanager
def _open_folder(path: Path) -> Iterator[int]:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _lock(folder: int, name: str) -> Iterator[int]:
    """Give the log that has the name once no other process writes to it."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    # Who may read is said by the folder: with the group bit, new files get its group.
    shared = os.fstat(folder).st_mode & stat.S_ISGID
    mode = GROUP_READS if shared else OWNER_ALONE
    while True:
        log = os.open(name, flags, mode, dir_fd=folder)
        try:
            fcntl.flock(log, fcntl.LOCK_EX)
            if _has_name(log, name, folder):
                if not stat.S_ISREG(os.fstat(log).st_mode):
                    raise OSError(errno.EINVAL, "it is no regular file")
                yield log
                return
        finally:
            os.close(log)


def _has_name(log: int, name: str, folder: int) -> bool:
    """Return whether a file was not set aside while its lock was waited for."""
    try:
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(named, os.fstat(log))


def _append(folder: int, log: int, name: str, line: bytes) -> None:
    size = os.fstat(log).st_size
    if size and size + len(line) > FILE_LIMIT:
        _set_aside(folder, name)
        with _lock(folder, name) as fresh:
            _append(folder, fresh, name, line)
        return
    # What a run left that was killed in the middle of its line stands for itself.
    if size and os.pread(log, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        _write(log, line)
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT} or not _give_up_reserve(folder):
            raise
        _write(log, line)
    else:
        _reserve(folder)


def _write(log: int, data: bytes) -> None:
    """Write all of it in one call and for good, or nothing."""
    size = os.fstat(log).st_size
    written = 0
    try:
        written = os.write(log, data)
        os.fsync(log)
    finally:
        if written < len(data):
            os.ftruncate(log, size)
    if written < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _set_aside(folder: int, name: str) -> None:
    """Give the log the first of the older names; the oldest file goes."""
    for number in range(KEPT - 1, 0, -1):
        with suppress(FileNotFoundError):
            os.rename(
                f"{name}.{number}", f"{name}.{number + 1}", src_dir_fd=folder, dst_dir_fd=folder
            )
    os.rename(name, f"{name}.1", src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _reserve(folder: int) -> None:
    """Take the reserved space again, where there is room."""
    if not hasattr(os, "posix_fallocate"):
        return  # a Mac reserves no space that way
    with suppress(OSError):  # a file system without this, or without room: there is no reserve
        reserve = os.open(
            RESERVE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder
        )
        try:
            if os.fstat(reserve).st_blocks * 512 < RESERVED:
                os.posix_fallocate(reserve, 0, RESERVED)
        finally:
            os.close(reserve)


def _give_up_reserve(folder: int) -> bool:
    """Free the reserved space; return whether there was some."""
    try:
        reserve = os.open(RESERVE, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        had = os.fstat(reserve).st_blocks > 0
        os.ftruncate(reserve, 0)
        os.fsync(reserve)
    finally:
        os.close(reserve)
    return had
