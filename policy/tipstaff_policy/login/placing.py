"""Putting a login into the client's own store, so that the earlier one is there until it is."""

import os
from contextlib import suppress

from tipstaff_policy.clients.model import Adapter
from tipstaff_policy.errors import AccessDeniedError
from tipstaff_policy.login.aside import Aside
from tipstaff_policy.values import Credential, HostState

EARLIER = "earlier"
"""The name by which the file that is replaced is kept aside until all is well."""


class FilePlacing:
    """A login that is a file: it moves by its name, in one step of the file system."""

    def __init__(self, adapter: Adapter, aside: Aside, source: str) -> None:
        self._name = adapter.files[source]
        self._aside = aside
        self._kept = False

    def put(self) -> None:
        """Put the new login in place.

        Raises:
            AccessDeniedError: Nothing was changed.
        """
        name, folder, inside = self._name, self._aside.folder, self._aside.inside
        try:
            with suppress(FileNotFoundError):
                os.link(name, EARLIER, src_dir_fd=folder, dst_dir_fd=inside, follow_symlinks=False)
                self._kept = True
            os.rename(name, name, src_dir_fd=inside, dst_dir_fd=folder)
            os.fsync(folder)
        except OSError as error:
            raise AccessDeniedError(
                f"the login cannot be put in place: {error.strerror}",
                where=os.path.join(os.path.dirname(self._aside.path), name),
                remedy="the earlier login is as it was; correct that, then sign in again",
            ) from error

    def undo(self) -> None:
        """Put the earlier login back, or take the new one away where there was none.

        Raises:
            OSError: The new one stays.
        """
        name, folder, inside = self._name, self._aside.folder, self._aside.inside
        if self._kept:
            os.rename(EARLIER, name, src_dir_fd=inside, dst_dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
        os.fsync(folder)


def stored(state: HostState, source: str) -> Credential | None:
    """Return what a store holds by any account of it; None where it holds nothing."""
    found = next((each for each in state.credentials if each.source == source), None)
    return None if found is None or found.content.state == "absent" else found
