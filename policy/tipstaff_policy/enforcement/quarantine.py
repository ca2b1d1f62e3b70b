"""Judging a credential file without the client's lock, where somebody holds it for ever.

The file is renamed aside in its own folder, so that nobody uses or changes it meanwhile, decided
on, and removed or put back; never over a newer one. A run that was killed in between leaves the
file under its second name, and the next one puts it back first (ADR 0019).
"""

import os
from contextlib import suppress

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.own_files import ASIDE

STORE = "file"


def put_aside(adapter: Adapter, folder: int) -> None:
    """Rename the credential file.

    Raises:
        OSError: There is none, or the folder cannot be written.
    """
    name = adapter.files[STORE]
    put_back(adapter, folder)
    os.rename(name, name + ASIDE, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def put_back(adapter: Adapter, folder: int) -> None:
    """Give a file that lies aside its name again; where a newer one has it, that one stays.

    Raises:
        OSError: The folder cannot be written.
    """
    name = adapter.files[STORE]
    try:
        with suppress(FileExistsError):  # whoever signed in meanwhile has replaced this login
            os.link(name + ASIDE, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        os.unlink(name + ASIDE, dir_fd=folder)
    except FileNotFoundError:
        return
    os.fsync(folder)
