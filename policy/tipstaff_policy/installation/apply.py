"""Doing a step: whole, or not at all; on the disk before the next one begins."""

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator

from tipstaff_policy.errors import AccessDeniedError, StoreLockedError
from tipstaff_policy.installation.model import Seen, Step
from tipstaff_policy.installation.platforms.interface import Places
from tipstaff_policy.installation.survey import place_of

if sys.platform != "win32":
    import fcntl

FOLDER_MODE = 0o755
MAKING = os.O_WRONLY | os.O_CREAT | os.O_EXCL
for _flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    MAKING |= getattr(os, _flag, 0)  # Windows has the last one alone
SUFFIX = ".tipstaff-new"
"""The ending of a temporary name; one that a killed run left is reused."""


@contextlib.contextmanager
def run_alone(root: str | None, state: str) -> Iterator[None]:
    """Let one installation of a host run at a time.

    Args:
        state: The folder of its list, which is locked.

    Raises:
        StoreLockedError: Another one is running.
    """
    folder = place_of(root, state)
    if sys.platform == "win32":
        from tipstaff_policy.installation.windows_steps import (  # noqa: PLC0415 - there only
            run_alone_on_windows,
        )

        with run_alone_on_windows(folder, state, live=root is None):
            yield
        return
    make_folders(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreLockedError(
            "another installation is running", where=state, remedy="wait until it ends"
        ) from error
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def refusals(remedy: str) -> Iterator[None]:
    """Turn what the system refuses into an error that says where.

    Raises:
        AccessDeniedError: In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise AccessDeniedError(
            f"the system refused: {error.strerror}",
            where=str(error.filename or ""),
            remedy=remedy,
        ) from error


def apply_step(root: str | None, step: Step) -> None:
    """Do one step.

    Raises:
        OSError: It could not be done, and nothing has changed.
    """
    place = place_of(root, step.path)
    if step.action == "remove":
        os.unlink(place)
        sync_folder(os.path.dirname(place))
    elif step.action == "make":
        make_folders(os.path.dirname(place))
        os.mkdir(place, step.mode)
        os.chmod(place, step.mode)
        sync_folder(os.path.dirname(place))
    elif step.action == "put back":
        move(place_of(root, step.target), place)
    elif step.action in ("write", "link", "set aside"):
        make_folders(os.path.dirname(place))
        new = f"{place}{SUFFIX}"
        clear(new)
        try:
            _make(root, step, new)
            _take_place(new, place)
        finally:
            clear(new)
        sync_folder(os.path.dirname(place))


def _take_place(new: str, place: str) -> None:
    """Rename a file over another one."""
    if sys.platform == "win32":
        from tipstaff_policy.installation.windows_steps import (  # noqa: PLC0415 - there only
            take_place,
        )

        take_place(new, place)
    else:
        os.rename(new, place)


def _make(root: str | None, step: Step, new: str) -> None:
    if step.action == "link":
        os.symlink(step.target, new)
    elif step.action == "set aside":
        copy(place_of(root, step.target), new)
    else:
        descriptor = os.open(new, MAKING, 0o600)
        with open(descriptor, "wb") as file:
            file.write(step.content)
            file.flush()
            if sys.platform != "win32":  # the folder's access list says it there
                os.fchmod(descriptor, step.mode)
            os.fsync(descriptor)


def copy(source: str, new: str) -> None:
    """Give a file a second name; on another file system, a copy with the same owner and mode."""
    try:
        os.link(source, new, follow_symlinks=False)
    except OSError:
        _copy_whole(source, new)


def move(source: str, place: str) -> None:
    """Rename, also from one file system to another."""
    try:
        _take_place(source, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        new = f"{place}{SUFFIX}"
        clear(new)
        _copy_whole(source, new)
        _take_place(new, place)
        os.unlink(source)
    sync_folder(os.path.dirname(place))


def _copy_whole(source: str, new: str) -> None:
    shutil.copy2(source, new, follow_symlinks=False)
    if sys.platform == "win32":
        return
    facts = os.stat(source)
    os.chown(new, facts.st_uid, facts.st_gid)
    os.chmod(new, stat.S_IMODE(facts.st_mode))
    descriptor = os.open(new, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def clear(new: str) -> None:
    """Take away a name, if it is there."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(new)


def clear_unfinished(root: str | None, seen: Seen, places: Places) -> None:
    """Take away what a kill has left of files that were being written."""
    entries = [entry.path for entry in seen.entries]
    for path in (places.manifest, *seen.files, *entries, *map(places.aside_of, entries)):
        clear(f"{place_of(root, path)}{SUFFIX}")


def make_folders(folder: str) -> None:
    """Make a folder and those above it, readable by all users, whatever the caller's umask."""
    if os.path.isdir(folder):
        return
    make_folders(os.path.dirname(folder))
    os.mkdir(folder)
    os.chmod(folder, FOLDER_MODE)
    sync_folder(os.path.dirname(folder))


def remove_empty_folders(root: str | None, paths: Iterable[str], kept: tuple[str, ...]) -> None:
    """Remove the folders of paths that are gone, as far as they are empty.

    Args:
        kept: Folders that stay, though they be empty.
    """
    for path in paths:
        folder = os.path.dirname(path)
        while folder not in kept and folder != "/":
            with contextlib.suppress(OSError):
                os.rmdir(place_of(root, folder))
            folder = os.path.dirname(folder)


def sync_folder(folder: str) -> None:
    """Have the names in a folder on the disk before anything else is done."""
    if sys.platform == "win32":
        return  # a folder has nothing to write there; NTFS keeps its names in a journal
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
