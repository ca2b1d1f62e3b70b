r"""What an installation does on a live Windows and on no other system.

`C:\ProgramData` lets every user make folders, so that one may have made Tipstaff's before it was
installed. Such a folder is never used: the installation stops and says how to go on.
"""

import contextlib
import os
import time
from collections.abc import Iterator

from tipstaff_policy.errors import AccessDeniedError, StoreLockedError
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.windows import folder_files, open_folders, security

LOCK, OLD = "install.lock", ".tipstaff-old-"


@contextlib.contextmanager
def run_alone_on_windows(folder: str, state: str, *, live: bool) -> Iterator[None]:
    """Let one installation run at a time, in a folder that administrators alone can change.

    Args:
        folder: Of the list of what was written.
        state: The same, for messages.
        live: Whether this is the Windows that is installed on, and not a tree.

    Raises:
        StoreLockedError: Another one is running.
        AccessDeniedError: Others can change the folder.
    """
    if not os.path.isdir(folder):
        security.make_folder(folder)
    if live and (loose := loose_places(folder, None, "windows")):
        raise AccessDeniedError(
            f"others than the administrators can change it: {loose[0]}",
            where=state,
            expected="a folder of SYSTEM or the administrators, which users can only read",
            remedy=f"look at what is in it, rename it (`ren {folder} Tipstaff.untrusted`), and "
            "run this again; nothing was changed",
        )
    descriptor = open_folders.open_folder(folder)
    try:
        lock = folder_files.open_lock(LOCK, descriptor)
        try:
            if not open_folders.lock(lock, time.monotonic()):
                raise StoreLockedError(
                    "another installation is running", where=state, remedy="wait until it ends"
                )
            yield
        finally:
            os.close(lock)
        with contextlib.suppress(OSError):
            folder_files.unlink(LOCK, descriptor)
    finally:
        os.close(descriptor)


def take_place(new: str, place: str) -> None:
    """Rename a file over another one, also over a program that runs.

    Windows lets nothing replace such a program, but lets it be renamed. For an instant nothing has
    its name; what is left of it is removed with the next installation.

    Raises:
        OSError: As the system reports it; the old file has its name.
    """
    try:
        os.replace(new, place)
    except PermissionError:
        old = f"{place}{OLD}{os.getpid()}"
        os.rename(place, old)
        try:
            os.rename(new, place)
        except OSError:
            os.rename(old, place)
            raise
    clear_old(place)


def clear_old(place: str) -> None:
    """Remove what is left of programs that ran when they were replaced, if they have ended."""
    folder, name = os.path.split(place)
    with contextlib.suppress(OSError):
        for entry in os.listdir(folder):
            if entry.startswith(f"{name}{OLD}"):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(folder, entry))
