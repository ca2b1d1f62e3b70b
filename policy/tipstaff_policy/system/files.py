"""Read files that others may have prepared: bounded, never blocking, inside a root."""

import errno
import os
import stat
import sys
from typing import Any, BinaryIO

from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.state import FileFacts

READING = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    READING |= getattr(os, _flag, 0)  # Windows has the last one alone
LINK_LIMIT = 40
"""The Linux kernel's own limit of symbolic links in one path."""


SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What this process or this system lacks at the moment: it says nothing about a file."""
END_SHORTAGE = (
    "close programs, or raise the limit of open files (`ulimit -n`), then start again; nothing was "
    "removed"
)


class NotRegularFileError(OSError):
    """There is a directory, a pipe or a device instead of a file."""


class TooLargeError(OSError):
    """The file is larger than anything the client is known to use."""


def is_shortage(error: OSError) -> bool:
    """Return whether a file was not read for want of descriptors or memory."""
    return error.errno in SHORTAGES


def open_folder(path: str) -> int:
    """Return a descriptor of a folder, by which names inside it are reached and nothing else is.

    Raises:
        OSError: It is no folder, or cannot be opened.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import open_folders  # noqa: PLC0415 - there only

        return open_folders.open_folder(path)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def read_bounded(path: str, limit: int) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes.

    Raises:
        OSError: As the system reports it; its two children above for what is no ordinary file.
    """
    _require_regular(os.stat(path), path)  # before opening: opening a device may act on it
    descriptor = os.open(path, READING)
    try:
        _require_regular(os.fstat(descriptor), path)
        return _read_all(descriptor, path, limit)
    finally:
        os.close(descriptor)


def open_regular(path: str, limit: int) -> BinaryIO:
    """Return a regular file of at most ``limit`` bytes, open for reading.

    Raises:
        OSError: As for `read_bounded`.
    """
    _require_regular(os.stat(path), path)
    file = open(path, "rb", opener=_open_unblocked)  # noqa: SIM115 - the caller closes it
    try:
        facts = os.fstat(file.fileno())
        _require_regular(facts, path)
        if facts.st_size > limit:
            raise TooLargeError(errno.EFBIG, f"larger than {limit} bytes", path)
    except OSError:
        file.close()
        raise
    return file


def _open_unblocked(path: str, flags: int) -> int:
    return os.open(path, flags | READING)


def _read_all(descriptor: int, path: str, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (part := os.read(descriptor, min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise TooLargeError(errno.EFBIG, f"larger than {limit} bytes", path)
    return b"".join(parts)


def _require_regular(facts: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise NotRegularFileError(errno.EINVAL, f"is a {file_type(facts.st_mode)}", path)


def file_type(mode: int) -> str:
    """Return the everyday name of a file type."""
    names = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))
    for matches, name in (*names, (stat.S_ISFIFO, "fifo")):
        if matches(mode):
            return name
    return "other"


def read_file_facts(path: str, folder: str) -> FileFacts | None:
    """Return what the file system says of a file; None where it says nothing.

    It is expected to belong to the owner of a folder. A link is not followed.
    """
    try:
        found, owner = os.lstat(path), os.stat(folder).st_uid
    except OSError:
        return None
    kind: Any = file_type(found.st_mode)
    target = os.readlink(path) if kind == "link" else None
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    return FileFacts(kind, mode, found.st_uid, owner, found.st_nlink, target)


def show_path(path: str, root: str | None) -> str:
    """Return a path on this machine as the path in its image."""
    return path[len(root.rstrip("/")) :] if root and is_inside(path, root) else path


def is_inside(path: str, root: str) -> bool:
    """Return whether a path leads into a tree."""
    return path.startswith(root.rstrip("/") + "/")


def within(
    root: str | None,
    path: str,
    *,
    ignore_case: bool = False,
    passed: list[str] | None = None,
) -> str:
    """Return the place of an absolute path below a root that stands for ``/``.

    Links are followed as they would be on the host that the tree was taken from, so that an
    absolute link inside an image never leads to the machine that audits it. The last element
    need not exist. A file system that ignores case is read so also from one that does not.

    Args:
        passed: Takes every place on the way, in its order, links too.

    Raises:
        OSError: ELOOP where links go round in circles.
    """
    if root is None:
        return path if os.sep == "/" else _live(path)
    pending = [part for part in reversed(path.split("/")) if part]
    inside: list[str] = []
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            inside[-1:] = []
            continue
        if ignore_case:
            part = _spell(part, "/".join((root, *inside)))
        place = "/".join((root, *inside, part))
        if passed is not None:
            passed.append(place)
        if part == "." or not os.path.islink(place):
            inside += [part] if part != "." else []
            continue
        links += 1
        if links > LINK_LIMIT:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(place)
        inside = [] if target.startswith("/") else inside
        pending += [step for step in reversed(target.split("/")) if step]
    return "/".join((root, *inside))


def _live(path: str) -> str:
    """Return where a path without a drive is on this Windows."""
    from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - there only
        live_path,
    )

    return live_path(path)


def find_folder_in_image(
    root: str, users: str, further_homes: tuple[str, ...], names: tuple[str, ...], option: str
) -> str:
    """Return the one folder of a client in an image, or where the first would be.

    Args:
        root: What stands for ``/``.
        users: Where the homes are, in the image.
        further_homes: Homes elsewhere in the image.
        names: The folder's name in a home, and of what else shows that the client was used there.
        option: What chooses one of several folders.

    Raises:
        UsageError: There are several.
    """
    try:
        people = sorted(os.listdir(f"{root}{users}"))
    except OSError:
        people = []
    name, *traces = names
    homes = [f"{root}{home}" for home in further_homes]
    homes += [f"{root}{users}/{person}" for person in people]
    places = [f"{home}/{name}" for home in homes]
    found = [
        f"{home}/{name}"
        for home in homes
        if os.path.isdir(f"{home}/{name}")
        or any(os.path.lexists(f"{home}/{trace}") for trace in traces)
    ]
    if len(found) > 1:
        raise UsageError(
            f"{root} holds several homes of the client",
            expected="one of " + ", ".join(found),
            remedy=f"choose one by {option}",
        )
    return (found or places or [f"{root}{users}/nobody/{name}"])[0]


def _spell(name: str, folder: str) -> str:
    """Return a name as a folder has it, whatever its case; as it is where there is none."""
    if os.path.lexists(f"{folder}/{name}"):
        return name
    try:
        names = os.listdir(folder)
    except OSError:
        return name
    return next((name_here for name_here in names if name_here.casefold() == name.casefold()), name)
