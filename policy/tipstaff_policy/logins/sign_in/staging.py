"""A private folder inside the client's own, in which a login is made and judged.

It is on the same file system, so a file moves by its name; it belongs to the user, and no other
user can read it. The next run removes what a killed run left.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tipstaff_policy.clients.own_files import PREFIX, _open_left_folders
from tipstaff_policy.errors import AccessDeniedError, EvaluationError, UsageError
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import open_folder

if sys.platform != "win32":
    import fcntl


class Aside(Record):
    """The folder, and the one around it."""

    path: str
    folder: int
    """Descriptor of the client's folder."""
    inside: int
    """Descriptor of the private one."""


@contextmanager
def make_aside(
    home: str, own_names: tuple[str, ...], forget: Callable[[str], None]
) -> Iterator[Aside]:
    """Make the folder, give it links to what a login reads, and remove it in the end.

    Args:
        forget: Removes what belongs to such a folder and is elsewhere; raises EvaluationError.

    Raises:
        UsageError: The client's folder belongs to another user.
        EvaluationError: It cannot be made there, or not removed.
    """
    folder = _open_folder(home)
    try:
        name, inside = _make_folder(home, folder, forget)
        try:
            _share(home, folder, inside, own_names)
            yield Aside(f"{home}/{name}", folder, inside)
        finally:
            os.close(inside)
            # First, because only its path leads there.
            forget(f"{home}/{name}")
            remove(f"{home}/{name}")
    finally:
        os.close(folder)


def remove(path: str) -> None:
    """Remove a folder and all in it, following no link.

    Raises:
        AccessDeniedError: Something in it stays.
    """
    import shutil  # noqa: PLC0415 - costs start-up

    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise AccessDeniedError(
            f"cannot be removed, and may contain a login: {error.strerror}",
            where=path,
            remedy="remove it",
        ) from error


def _open_folder(home: str) -> int:
    try:
        os.makedirs(home, 0o700, exist_ok=True)
        folder = open_folder(home)
    except OSError as error:
        raise AccessDeniedError(
            f"the client's folder cannot be used: {error.strerror}", where=home
        ) from error
    if os.fstat(folder).st_uid != os.geteuid():
        os.close(folder)
        raise UsageError(
            f"{home} belongs to another user",
            expected="a sign-in by the user whose folder it is",
            remedy="run this as that user",
        )
    return folder


def _make_folder(home: str, folder: int, forget: Callable[[str], None]) -> tuple[str, int]:
    """Sweep up, and make a folder that counts as in use until it is closed."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
    # No run cleans up while there is a folder that is not locked yet. No client locks the folder.
    fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        _sweep(home, folder, forget)
        name = f"{PREFIX}{os.urandom(8).hex()}"
        os.mkdir(name, 0o700, dir_fd=folder)
        inside = os.open(name, flags, dir_fd=folder)
        fcntl.flock(inside, fcntl.LOCK_EX)
    except OSError as error:
        raise AccessDeniedError(
            f"no folder can be made in it: {error.strerror}", where=home
        ) from error
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)
    return name, inside


def _sweep(home: str, folder: int, forget: Callable[[str], None]) -> None:
    """Remove what belongs to no run any more."""
    for name, _ in _open_left_folders(folder):
        with suppress(EvaluationError):
            forget(f"{home}/{name}")
            remove(f"{home}/{name}")


def _share(home: str, folder: int, inside: int, own_names: tuple[str, ...]) -> None:
    """Link to the configuration, and to files that it may name."""
    try:
        for name in os.listdir(folder):
            if name not in own_names and not name.startswith(PREFIX):
                os.symlink(f"../{name}", name, dir_fd=inside)
        if stat.S_IMODE(os.fstat(inside).st_mode) != 0o700:
            os.fchmod(inside, 0o700)
    except OSError as error:
        raise AccessDeniedError(f"cannot be linked to: {error.strerror}", where=home) from error
