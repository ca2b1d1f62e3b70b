"""Files of a folder by its descriptor: removed, or rewritten in one step, and never followed."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress

UNFINISHED = ".tipstaff-unfinished"
"""How the name ends under which a file is rewritten before it takes its place."""
SIZE_LIMIT = 1 << 28
PART = 1 << 20


def unlink(name: str, folder: int) -> None:
    """Remove a name from a folder for good.

    Raises:
        OSError: As the system reports it.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

        folder_files.unlink(name, folder)
        return
    os.unlink(name, dir_fd=folder)
    os.fsync(folder)


def give_to_owner(descriptor: int, folder: int) -> None:
    """Let a file that root has just made belong to the folder's user, who needs it next."""
    owner = os.fstat(folder)
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it to the disk.

    Raises:
        OSError: As the system reports it.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def read_plain(name: str, folder: int) -> bytes:
    """Return the content of a plain file.

    Raises:
        OSError: There is none, or it is a link, no plain file, or too large.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

        return folder_files.read_plain(name, folder)
    descriptor = _open_plain(name, folder)
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def rewrite(name: str, folder: int, change: Callable[[bytes], bytes | None]) -> bool:
    """Change a plain file in one step, so that a crash leaves the old or the new one whole.

    Mode, owner and extended attributes stay. What others have changed meanwhile is never lost.

    Args:
        change: Returns the new content; None leaves the file as it is.

    Returns:
        Whether it was changed.

    Raises:
        OSError: As the system reports it; the file is as it was.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

        return folder_files.rewrite(name, folder, change)
    descriptor = _open_plain(name, folder)
    try:
        before = os.fstat(descriptor)
        data = change(_read(descriptor))
        if data is None:
            return False
        _replace(name, folder, descriptor, data, before)
    finally:
        os.close(descriptor)
    return True


def _replace(name: str, folder: int, old: int, data: bytes, before: os.stat_result) -> None:
    temporary = f".{name}{UNFINISHED}"
    with suppress(FileNotFoundError):  # of a run that was killed
        os.unlink(temporary, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    new = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        try:
            _keep_facts(old, new, before)
            write_all(new, data)
        finally:
            os.close(new)
        _require_unchanged(name, folder, before)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _keep_facts(old: int, new: int, before: os.stat_result) -> None:
    mine = os.fstat(new)
    if (mine.st_uid, mine.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(new, before.st_uid, before.st_gid)
    os.fchmod(new, stat.S_IMODE(before.st_mode))
    with suppress(OSError, AttributeError):  # the file system, or the platform, has none
        for attribute in os.listxattr(old):
            with suppress(OSError):
                os.setxattr(new, attribute, os.getxattr(old, attribute))


def _require_unchanged(name: str, folder: int, before: os.stat_result) -> None:
    if _key(before) != _key(os.stat(name, dir_fd=folder, follow_symlinks=False)):
        raise OSError(errno.EAGAIN, "was changed by another process meanwhile")


def _key(facts: os.stat_result) -> tuple[int, ...]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _open_plain(name: str, folder: int) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "is a link; its target is not changed") from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "is not a regular file")


def _read(descriptor: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := os.read(descriptor, PART):
        parts.append(part)
        size += len(part)
        if size > SIZE_LIMIT:
            raise OSError(errno.EFBIG, f"is larger than {SIZE_LIMIT} bytes")
    return b"".join(parts)
