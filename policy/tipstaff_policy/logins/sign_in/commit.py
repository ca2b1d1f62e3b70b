"""Putting a login into the client's own store, so that the earlier one is there until it is."""

import os
from contextlib import suppress
from typing import Protocol

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.sign_in import Place
from tipstaff_policy.clients.interface.slots import Folder, slot_of
from tipstaff_policy.clients.interface.stores import Document
from tipstaff_policy.errors import AccessDeniedError, EvaluationError
from tipstaff_policy.logins.sign_in.staging import Aside
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HostState

EARLIER = "earlier"
"""The name by which the file that is replaced is kept aside until all is well."""


class Placing(Protocol):
    """How a staged login gets into a store."""

    def put(self) -> None:
        """Put the new login in place; raises EvaluationError where nothing was changed."""

    def undo(self) -> None:
        """Put the earlier login back; raises OSError or EvaluationError where the new one stays."""

    def finish(self) -> None:
        """Remove what the client removes once it has stored a login; raises like `undo`."""


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
        with suppress(OSError):  # aside, where it is found to be revoked
            os.link(name, name, src_dir_fd=folder, dst_dir_fd=inside, follow_symlinks=False)
        if self._kept:
            os.rename(EARLIER, name, src_dir_fd=inside, dst_dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
        os.fsync(folder)

    def finish(self) -> None:
        """Remove nothing: this store is all that the client writes."""


class DocumentPlacing:
    """A login that is an entry of a keyring, or a member of a larger document."""

    def __init__(
        self,
        adapter: Adapter,
        request: Request,
        aside: Aside,
        source: str,
        emptied: tuple[str, ...],
    ) -> None:
        self._custody = adapter.custody()
        self._emptied = [slot_of(adapter.slots, store) for store in emptied]
        self._slot = slot_of(adapter.slots, source)
        self._request = request
        self._aside = aside
        self._source = source
        self._home = os.path.dirname(aside.path)
        self._earlier: Document | None = None

    def put(self) -> None:
        """Put the new login in place of the earlier one.

        Raises:
            EvaluationError: The store or its content cannot be read, or not written.
        """
        read = self._custody.read_document
        new = read(self._request, self._source, self._aside.path)
        if new is None:
            raise EvaluationError(
                "the new login disappeared from the store", remedy="sign in again"
            )
        self._earlier = read(self._request, self._source, self._home)
        self._custody.write_document(self._request, self._source, self._home, new)

    def undo(self) -> None:
        """Put the earlier login back, or take the new one away where there was none.

        Raises:
            EvaluationError: The new one stays.
        """
        if self._earlier is None:
            self._slot.erase(self._folder())
        else:
            self._custody.write_document(self._request, self._source, self._home, self._earlier)

    def finish(self) -> None:
        """Empty the stores that the client empties when it has stored a login in this one.

        Raises:
            OSError: One stays as it is.
        """
        for slot in self._emptied:
            with suppress(FileNotFoundError):
                slot.erase(self._folder())

    def _folder(self) -> Folder:
        return Folder(self._request, self._home, self._aside.folder, on_request=True)


def find_placing(adapter: Adapter, request: Request, aside: Aside, place: Place) -> Placing:
    """Return how a login gets into a store."""
    if slot_of(adapter.slots, place.source).kind == "file":
        return FilePlacing(adapter, aside, place.source)
    return DocumentPlacing(adapter, request, aside, place.source, place.empties)


def read_stored(state: HostState, source: str) -> Credential | None:
    """Return what a store holds by any account of it; None where it holds nothing."""
    found = next(
        (credential for credential in state.credentials if credential.source == source), None
    )
    return None if found is None or found.content.state == "absent" else found
