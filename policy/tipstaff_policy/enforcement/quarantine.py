"""Judging a credential file without the client's lock, where another process holds it too long.

The file is renamed aside in its own folder, so that no process uses or changes it meanwhile,
decided on, and removed or put back; never over a newer one. A run that was killed in between
leaves the file under its second name, and the next one puts it back first (ADR 0019).
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from tipstaff_policy.clients.interface.slots import ASIDE, StoreSlot


def put_aside(slots: Iterable[StoreSlot], folder: int) -> bool:
    """Rename the files of slots; return whether all of them are renamed now, else none is."""
    slots = tuple(slots)
    try:
        put_back(slots, folder)
        for slot in slots:
            _rename(str(slot.name), folder)
    except OSError:
        with suppress(OSError):  # else the next run puts them back
            put_back(slots, folder)
        return False
    return bool(slots)


def put_back(slots: Iterable[StoreSlot], folder: int) -> None:
    """Give quarantined files their names again; if a newer file has the name, that one stays.

    Raises:
        OSError: The folder cannot be written.
    """
    for slot in slots:
        name = str(slot.name)
        if sys.platform == "win32":
            _put_back_on_windows(name, folder)
            continue
        try:
            with suppress(FileExistsError):  # a sign-in meanwhile has replaced this login
                os.link(
                    name + ASIDE, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False
                )
            os.unlink(name + ASIDE, dir_fd=folder)
        except FileNotFoundError:
            continue
        os.fsync(folder)


def _rename(name: str, folder: int) -> None:
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

        folder_files.rename(name, name + ASIDE, folder)
        return
    os.rename(name, name + ASIDE, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _put_back_on_windows(name: str, folder: int) -> None:
    from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

    with suppress(FileNotFoundError):
        try:
            folder_files.rename(name + ASIDE, name, folder)
        except FileExistsError:  # a sign-in meanwhile has replaced this login
            folder_files.unlink(name + ASIDE, folder)
