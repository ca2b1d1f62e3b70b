"""Taking a client's own locks as the client takes them, for a limited time, never through a link.

Clients lock in three ways: by `flock` on files of their folder, by a folder that they make and
that counts as forgotten from an age on, or not at all.
"""

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tipstaff_policy.errors import AccessDeniedError, StoreLockedError
from tipstaff_policy.system.folder_files import give_to_owner

if sys.platform != "win32":
    import fcntl

POLL_S = 0.05
FOLDER_MODE = 0o777


@contextmanager
def hold_files(
    files: tuple[tuple[str, int], ...], folder: int, path: str, *, timeout_s: float
) -> Iterator[None]:
    """Hold the lock files of a client's folder by `flock`, in their order.

    The files stay, as the client expects. One limit serves for all of them.

    Args:
        files: The name of each, and the mode with which the client makes it.
        folder: Descriptor of the folder.
        path: Of the same folder, for messages.
    Raises:
        StoreLockedError: Another process held one of them past the limit.
        AccessDeniedError: A lock file cannot be opened, or is no regular file.
    """
    deadline = time.monotonic() + timeout_s
    descriptors: list[int] = []
    try:
        for name, mode in files:
            descriptors.append(_open(name, mode, folder, path))
            _wait(descriptors[-1], f"{path}/{name}", deadline)
        yield
    finally:
        for descriptor in reversed(descriptors):
            os.close(descriptor)


@contextmanager
def hold_folder(
    name: str, folder: int, path: str, *, timeout_s: float, stale_after_s: float
) -> Iterator[None]:
    """Hold a lock that is a folder, as clients do that make one and remove it when they are done.

    It is not made younger while it is held: what is done under it takes less than such an age.

    Args:
        name: Of the lock inside the client's folder.
        folder: Descriptor of the client's folder.
        path: Of the same folder, for messages.
        stale_after_s: From which age on a lock counts as left behind by a process that was killed.
    Raises:
        StoreLockedError: Another process held it past the limit.
        AccessDeniedError: It cannot be made.
    """
    where = f"{path}/{name}"
    deadline = time.monotonic() + timeout_s
    while not _make(name, folder, where, stale_after_s):
        if time.monotonic() >= deadline:
            raise _make_locked_error(where)
        time.sleep(POLL_S)
    made = os.stat(name, dir_fd=folder, follow_symlinks=False)
    try:
        yield
    finally:
        with suppress(OSError):
            # One that took ours for stale has a lock of its own there by now.
            if os.path.samestat(made, os.stat(name, dir_fd=folder, follow_symlinks=False)):
                os.rmdir(name, dir_fd=folder)


@contextmanager
def hold_nothing(folder: int, path: str, *, timeout_s: float) -> Iterator[None]:
    """Stand for the lock of a client that takes none."""
    del folder, path, timeout_s
    yield


def _make(name: str, folder: int, where: str, stale_after_s: float) -> bool:
    """Make the folder of a lock; return whether it is ours now."""
    try:
        os.mkdir(name, FOLDER_MODE, dir_fd=folder)
    except FileExistsError:
        _remove_stale(name, folder, where, stale_after_s)
        return False
    except OSError as error:
        raise _explain_denied(where, error) from error
    with suppress(OSError):
        _give_folder_to_owner(name, folder)
    return True


def _remove_stale(name: str, folder: int, where: str, stale_after_s: float) -> None:
    """Remove a lock that is too old to be held; the process that makes the next one holds it.

    It is renamed first, so that a new lock that another process made meanwhile is never removed.
    """
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISDIR(facts.st_mode):
            raise AccessDeniedError("the client's lock is no folder", where=where)
        if time.time() - facts.st_mtime <= stale_after_s:
            return
        taken = f"{name}.tipstaff-{os.getpid()}"
        os.rename(name, taken, src_dir_fd=folder, dst_dir_fd=folder)
        if os.path.samestat(facts, os.stat(taken, dir_fd=folder, follow_symlinks=False)):
            _remove_or_give_back(taken, name, folder)
        else:
            os.rename(taken, name, src_dir_fd=folder, dst_dir_fd=folder)
    except FileNotFoundError:
        return  # given back just now
    except OSError as error:
        raise _explain_denied(where, error) from error


def _remove_or_give_back(taken: str, name: str, folder: int) -> None:
    try:
        os.rmdir(taken, dir_fd=folder)
    except OSError:  # it is not empty
        os.rename(taken, name, src_dir_fd=folder, dst_dir_fd=folder)
        raise


def _give_folder_to_owner(name: str, folder: int) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    made = os.open(name, flags, dir_fd=folder)
    try:
        give_to_owner(made, folder)
    finally:
        os.close(made)


def _open(name: str, mode: int, folder: int, path: str) -> int:
    if sys.platform == "win32":
        return _open_on_windows(name, folder, path)
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(name, flags | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder)
        except FileExistsError:
            descriptor = os.open(name, flags, dir_fd=folder)
        else:
            give_to_owner(descriptor, folder)
    except OSError as error:
        raise _explain_denied(f"{path}/{name}", error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise AccessDeniedError("the client's lock is no regular file", where=f"{path}/{name}")
    return descriptor


def _open_on_windows(name: str, folder: int, path: str) -> int:
    from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

    try:
        return folder_files.open_lock(name, folder)
    except OSError as error:
        raise _explain_denied(f"{path}/{name}", error) from error


def _wait(descriptor: int, where: str, deadline: float) -> None:
    if sys.platform == "win32":
        _wait_on_windows(descriptor, where, deadline)
        return
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                raise _explain_denied(where, error) from error
        else:
            return
        if time.monotonic() >= deadline:
            raise _make_locked_error(where)
        time.sleep(POLL_S)


def _wait_on_windows(descriptor: int, where: str, deadline: float) -> None:
    from tipstaff_policy.system.windows import open_folders  # noqa: PLC0415 - there only

    try:
        held = open_folders.lock(descriptor, deadline)
    except OSError as error:
        raise _explain_denied(where, error) from error
    if not held:
        raise _make_locked_error(where)


def _explain_denied(where: str, error: OSError) -> AccessDeniedError:
    return AccessDeniedError(f"the client's lock cannot be taken: {error.strerror}", where=where)


def _make_locked_error(where: str) -> StoreLockedError:
    return StoreLockedError(
        "another process holds the client's lock",
        where=where,
        remedy="end the client that holds it, then run this again",
    )
