"""Names of files that Tipstaff itself puts into a client's folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from tipstaff_policy.clients.interface.slots import ASIDE

if sys.platform != "win32":
    import fcntl

__all__ = ["ASIDE", "PREFIX", "unlink_further_names"]

PREFIX = ".tipstaff-login-"


def unlink_further_names(name: str, folder: int) -> None:
    """Remove the further names of a file that killed sign-ins have left in their folders.

    Raises:
        OSError: The file cannot be seen, or one of its names not removed.
    """
    if sys.platform == "win32":
        return
    file = os.stat(name, dir_fd=folder, follow_symlinks=False)
    for _, inside in _open_left_folders(folder):
        for other in os.listdir(inside):
            if os.path.samestat(file, os.stat(other, dir_fd=inside, follow_symlinks=False)):
                os.unlink(other, dir_fd=inside)


def _open_left_folders(folder: int) -> Iterator[tuple[str, int]]:
    """Give the name and a descriptor of each folder that belongs to no run any more."""
    if sys.platform == "win32":
        return
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
    for name in os.listdir(folder):
        if not name.startswith(PREFIX):
            continue
        with suppress(OSError):
            left = os.open(name, flags, dir_fd=folder)
            try:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(left).st_uid == os.geteuid():
                    yield name, left
            finally:
                os.close(left)
