"""Taking the client's own locks: in its order, for a limited time, never through a link."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tipstaff_policy.clients.interface.adapter import Locks
from tipstaff_policy.errors import AccessDeniedError, StoreLockedError

POLL_S = 0.05


@contextmanager
def held(locks: Locks, folder: int, path: str, *, timeout_s: float) -> Iterator[None]:
    """Hold all locks of a client's folder.

    The lock files stay, as the client expects. One limit serves for all of them.

    Args:
        folder: Descriptor of the folder.
        path: Of the same folder, for messages.
    Raises:
        StoreLockedError: Somebody else held one of them past the limit.
        AccessDeniedError: A lock file cannot be opened, or is no regular file.
    """
    deadline = time.monotonic() + timeout_s
    descriptors: list[int] = []
    try:
        for name, mode in zip(locks.names, locks.modes, strict=True):
            descriptors.append(_open(name, mode, folder, path))
            _wait(descriptors[-1], f"{path}/{name}", deadline)
        yield
    finally:
        for descriptor in reversed(descriptors):
            os.close(descriptor)


def _open(name: str, mode: int, folder: int, path: str) -> int:
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(name, flags | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder)
        except FileExistsError:
            descriptor = os.open(name, flags, dir_fd=folder)
        else:
            give_to_owner(descriptor, folder)
    except OSError as error:
        raise AccessDeniedError(
            f"the client's lock cannot be taken: {error.strerror}", where=f"{path}/{name}"
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise AccessDeniedError("the client's lock is no regular file", where=f"{path}/{name}")
    return descriptor


def give_to_owner(descriptor: int, folder: int) -> None:
    """Let a file that root has just made belong to the folder's user, who needs it next."""
    owner = os.fstat(folder)
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _wait(descriptor: int, where: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                raise AccessDeniedError(
                    f"the client's lock cannot be taken: {error.strerror}", where=where
                ) from error
        else:
            return
        if time.monotonic() >= deadline:
            raise StoreLockedError(
                "another process holds the client's lock",
                where=where,
                remedy="end the client that holds it, then run this again",
            )
        time.sleep(POLL_S)
