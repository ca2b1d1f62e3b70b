"""A store as slots: places of the client's folder or of a keyring that hold a login of one kind.

How a slot is emptied comes with it, so that nothing else asks of what kind a store is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from tipstaff_policy.model.request import Request
from tipstaff_policy.record import Record

ASIDE = ".tipstaff-aside"
"""How the name of a file goes on while it is judged without the client's lock."""


NO_FOLDER = -1
"""The descriptor where there is no folder, which an entry of a keyring does not ask for."""


class Folder(Record):
    """The client's folder, as a log-out holds it."""

    request: Request
    home: str
    descriptor: int
    on_request: bool = False
    """Whether the person asks for it, so that also what was not judged is emptied."""


class StoreSlot(Record):
    """A place that holds a login, and how it is taken from there."""

    store: str
    """The source of the credential in it."""
    kind: Literal["file", "member", "entry"]
    """A whole file, a member of a larger document, or an entry of a keyring."""
    name: str | None
    """Of the file, inside the client's folder; None for an entry."""
    eraser: Callable[[Folder, str], None]
    reader: Callable[[Folder, str], bool]
    can_be_quarantined: bool = False
    """Whether it can be renamed while it is judged, if a lock is never released."""
    plain: bool = False
    """Whether the login is stored there as plain text."""

    def erase(self, folder: Folder) -> None:
        """Empty it for good.

        Raises:
            FileNotFoundError: It is empty already.
            OSError, EvaluationError: It could not be emptied; it is as it was.
        """
        self.eraser(folder, self.name_in(folder))

    def read_back(self, folder: Folder) -> bool:
        """Return whether there is something.

        Raises:
            OSError, EvaluationError: That cannot be seen.
        """
        return self.reader(folder, self.name_in(folder))

    def name_in(self, folder: Folder) -> str:
        """Return the name of the file as it is called now; empty for an entry."""
        aside = self.can_be_quarantined and folder.request.options.aside
        return (self.name or "") + (ASIDE if aside else "")


def is_in_larger(slots: Iterable[StoreSlot], store: str) -> bool:
    """Return whether a store is a member of a larger document, the rest of which stays."""
    return any(slot.kind == "member" for slot in slots if slot.store == store)


def file_slot(
    store: str, name: str, *, can_be_quarantined: bool = False, plain: bool = True
) -> StoreSlot:
    """Return a slot that is a whole file; a link is removed itself, never what it leads to."""
    return StoreSlot(store, "file", name, _unlink, _is_there, can_be_quarantined, plain)


def member_slot(store: str, name: str, without: Callable[[bytes], bytes | None]) -> StoreSlot:
    """Return a slot that is a part of a larger document, all else of which stays.

    Args:
        without: Returns the document without the login, None where it holds none; raises
            ShapeError where it cannot be read.
    """

    def erase(folder: Folder, name: str) -> None:
        from tipstaff_policy.system.folder_files import rewrite  # noqa: PLC0415 - only a log-out

        if not rewrite(name, folder.descriptor, lambda data: _read_changed(data, without)):
            raise FileNotFoundError

    def holds(folder: Folder, name: str) -> bool:
        from tipstaff_policy.system.folder_files import read_plain  # noqa: PLC0415 - only a log-out

        try:
            data = read_plain(name, folder.descriptor)
        except FileNotFoundError:
            return False
        return _read_changed(data, without) is not None

    return StoreSlot(store, "member", name, erase, holds, plain=True)


def entry_slot(
    store: str, delete: Callable[[Folder], None], holds: Callable[[Folder], bool]
) -> StoreSlot:
    """Return a slot that is an entry of a keyring, which the client's library knows to find."""
    return StoreSlot(
        store,
        "entry",
        None,
        lambda folder, _name: delete(folder),
        lambda folder, _name: holds(folder),
    )


def slot_of(slots: tuple[StoreSlot, ...], store: str) -> StoreSlot:
    """Return the slot of a store.

    Raises:
        ValueError: There is no such store.
    """
    for slot in slots:
        if slot.store == store:
            return slot
    raise ValueError(store)


def _read_changed(data: bytes, without: Callable[[bytes], bytes | None]) -> bytes | None:
    from tipstaff_policy.errors import EvaluationError, ShapeError  # noqa: PLC0415 - see callers

    try:
        return without(data)
    except ShapeError as error:
        raise EvaluationError(f"it {error}, so that nothing was taken out") from None


def _unlink(folder: Folder, name: str) -> None:
    from tipstaff_policy.system.folder_files import unlink  # noqa: PLC0415 - only a log-out

    unlink(name, folder.descriptor)


def _is_there(folder: Folder, name: str) -> bool:
    import os  # noqa: PLC0415 - only a log-out
    import sys  # noqa: PLC0415 - as above

    if sys.platform == "win32":
        from tipstaff_policy.system.windows import folder_files  # noqa: PLC0415 - there only

        return folder_files.is_there(name, folder.descriptor)
    try:
        os.stat(name, dir_fd=folder.descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
