"""Files of an open folder on Windows: what `system.folder_files` does by descriptors elsewhere.

A link (symbolic, junction, any other reparse point) is removed itself and never followed. Names
that Windows gives a meaning of its own are none of a client's, so every name here is a constant.
"""

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress

from tipstaff_policy.system.windows.open_folders import is_link, place_in

UNFINISHED = ".tipstaff-unfinished"
SIZE_LIMIT = 1 << 28
PART = 1 << 20
_BINARY = getattr(os, "O_BINARY", 0)
READING = os.O_RDONLY | _BINARY
MAKING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
READ_ONLY_AWAY = stat.S_IREAD | stat.S_IWRITE


def unlink(name: str, folder: int) -> None:
    """Remove a name for good; a file that is marked as read-only, too.

    Raises:
        OSError: As the system reports it, among it that another process has it open.
    """
    place = place_in(folder, name)
    try:
        _remove(place)
    except PermissionError:
        os.chmod(place, READ_ONLY_AWAY, follow_symlinks=False)
        _remove(place)


def _remove(place: str) -> None:
    if is_link(place) and stat.S_ISDIR(os.lstat(place).st_mode):
        os.rmdir(place)  # a junction, of which this removes the name alone
    else:
        os.unlink(place)


def is_there(name: str, folder: int) -> bool:
    """Return whether a folder has a name, whatever it leads to.

    Raises:
        OSError: That cannot be seen.
    """
    try:
        os.lstat(place_in(folder, name))
    except FileNotFoundError:
        return False
    return True


def rename(name: str, new: str, folder: int) -> None:
    """Give a file another name in its folder; what has that name stays.

    Raises:
        FileExistsError: Something has the name.
        OSError: As the system reports it.
    """
    os.rename(place_in(folder, name), place_in(folder, new))


def read_plain(name: str, folder: int) -> bytes:
    """Return the content of a plain file.

    Raises:
        OSError: There is none, or it is a link, no plain file, or too large.
    """
    descriptor = open_plain(name, folder)
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def rewrite(name: str, folder: int, change: Callable[[bytes], bytes | None]) -> bool:
    """Change a plain file in one step; see `system.folder_files.rewrite`.

    The new file has the access list that its folder gives to new files.

    Raises:
        OSError: As the system reports it; the file is as it was.
    """
    descriptor = open_plain(name, folder)
    try:
        before = os.fstat(descriptor)
        data = change(_read(descriptor))
    finally:
        os.close(descriptor)  # Windows replaces no file that is open
    if data is None:
        return False
    place, temporary = place_in(folder, name), place_in(folder, f".{name}{UNFINISHED}")
    with suppress(FileNotFoundError):  # of a run that was killed
        os.unlink(temporary)
    try:
        _write(temporary, data)
        _require_unchanged(place, before)
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return True


def _require_unchanged(place: str, before: os.stat_result) -> None:
    if _key(before) != _key(os.lstat(place)):
        raise OSError(errno.EAGAIN, "was changed by another process meanwhile")


def open_plain(name: str, folder: int, flags: int = READING) -> int:
    """Return a descriptor of a plain file of a folder.

    Raises:
        OSError: There is none, or it is a link or no plain file.
    """
    place = place_in(folder, name)
    seen = os.lstat(place)
    if is_link(place):
        raise OSError(errno.ELOOP, "is a link; its target is not changed")
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file")
    descriptor = os.open(place, flags | _BINARY)
    if os.path.samestat(seen, os.fstat(descriptor)):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EAGAIN, "was changed by another process meanwhile")


def open_lock(name: str, folder: int) -> int:
    """Return a descriptor of a client's lock file, which is made where there is none.

    Raises:
        OSError: It is no plain file, or the system refuses.
    """
    try:
        return os.open(place_in(folder, name), os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
    except FileExistsError:
        return open_plain(name, folder, os.O_RDWR)


def _write(place: str, data: bytes) -> None:
    descriptor = os.open(place, MAKING, 0o600)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _key(facts: os.stat_result) -> tuple[int, ...]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _read(descriptor: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := os.read(descriptor, PART):
        parts.append(part)
        size += len(part)
        if size > SIZE_LIMIT:
            raise OSError(errno.EFBIG, f"is larger than {SIZE_LIMIT} bytes")
    return b"".join(parts)
