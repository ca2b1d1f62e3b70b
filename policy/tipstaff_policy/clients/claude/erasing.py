"""How the stores of the client are emptied, and read back; only a log-out loads it.

What is not a login stays in its document byte for byte. Several files are one slot where the client
keeps them as one: its copies of the global file, the folders that a variable left behind.

Source: tests/clients/claude/test_slots.py, tests/clients/claude/test_log_out.py (client 2.1.332).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tipstaff_policy.clients.claude.credentials.cutting import without_broken_key, without_members
from tipstaff_policy.clients.claude.credentials.keychain import (
    entries_of,
    has_session,
    is_live,
)
from tipstaff_policy.clients.claude.credentials.members import (
    DOCUMENT_LOGINS,
    GLOBAL_LOGINS,
    KEY,
)
from tipstaff_policy.clients.claude.credentials.places import (
    DOCUMENT,
    Places,
    is_backup,
    places_of,
)
from tipstaff_policy.clients.claude.credentials.profiles import every_profile, folder_of
from tipstaff_policy.clients.claude.locations import in_home
from tipstaff_policy.clients.claude.locks import hold_storage
from tipstaff_policy.clients.interface.slots import NO_FOLDER, Folder
from tipstaff_policy.errors import EvaluationError, ShapeError
from tipstaff_policy.model.state import IMAGE_HIDES
from tipstaff_policy.system.folder_files import read_plain, rewrite, unlink

LOCK_LIMIT_S = 3.0
"""How long the lock of a folder that is not in use is waited for; the client goes on without it."""
FOLDER_FLAGS = os.O_RDONLY
for _flag in ("O_DIRECTORY", "O_CLOEXEC"):
    FOLDER_FLAGS |= getattr(os, _flag, 0)  # Windows has neither


def without_login(data: bytes) -> bytes | None:
    """Return a credential document without its logins; None where it has none.

    Raises:
        ShapeError: It is no document that the client reads.
    """
    return without_members(data, DOCUMENT_LOGINS)


def without_key(data: bytes, names: tuple[str, ...] = GLOBAL_LOGINS) -> bytes | None:
    """Return a global file, or a copy of one, without its login; None where it has none.

    A broken one keeps everything but the text of the key.
    """
    try:
        return without_members(data, names)
    except ShapeError:
        return without_broken_key(data)


def _names(folder: Folder) -> tuple[str, ...]:
    """Return what is taken out of a global file.

    Whose account it is stays where a login of that account does, which no rule wants gone.
    """
    if folder.on_request:
        return GLOBAL_LOGINS
    try:
        stays = document_holds(folder, DOCUMENT)
    except OSError:
        stays = False
    return (KEY,) if stays else GLOBAL_LOGINS


def erase_document(folder: Folder, _name: str) -> None:
    """Take the logins out of the credential document."""
    places = _places(folder)
    if os.path.dirname(places.document) == places.config:
        _erase_login(DOCUMENT, folder.descriptor, whole=folder.on_request)
        return
    with (
        _open(os.path.dirname(places.document), folder) as elsewhere,
        _hold_lock(elsewhere, places),
    ):
        _erase_login(DOCUMENT, elsewhere, whole=folder.on_request)


def _erase_login(name: str, folder: int, *, whole: bool) -> None:
    """Take the logins out of a document; a link to one is removed, as the client does.

    Args:
        whole: Whether one that the client cannot read is removed, as its own log-out does.
    """
    if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        unlink(name, folder)
        return
    try:
        changed = rewrite(name, folder, without_login)
    except (ShapeError, PermissionError) as error:
        if whole:
            unlink(name, folder)
            return
        if isinstance(error, PermissionError):
            raise
        raise EvaluationError(f"it {error}, so that nothing was taken out") from None
    if not changed:
        raise FileNotFoundError


def document_holds(folder: Folder, _name: str) -> bool:
    """Return whether the credential document has a login."""
    places = _places(folder)
    with (
        suppress(FileNotFoundError),
        _open(os.path.dirname(places.document), folder) as inside,
    ):
        return _holds_login(DOCUMENT, inside)
    return False


def _holds_login(name: str, folder: int) -> bool:
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(facts.st_mode):
        return True
    if stat.S_ISDIR(facts.st_mode):
        return False
    try:
        return without_login(read_plain(name, folder)) is not None
    except ShapeError:
        return facts.st_size > 0


def _erase_key(name: str, folder: int, names: tuple[str, ...] = GLOBAL_LOGINS) -> None:
    """Take the login out of a global file.

    Raises:
        FileNotFoundError: It holds none.
        OSError: It could not be changed, or is a link, whose target stays.
    """
    if not rewrite(name, folder, lambda data: without_key(data, names)):
        raise FileNotFoundError


def _erase_copy(name: str, folder: int) -> None:
    """Take the login out of a copy of a global file.

    Raises:
        FileNotFoundError, OSError: As for `_erase_key`.
        EvaluationError: It has further names, which still hold it.
    """
    further = os.stat(name, dir_fd=folder, follow_symlinks=False).st_nlink - 1
    _erase_key(name, folder)
    if further:
        what = f"{further} further name(s) of {name} still contain the credential"
        raise EvaluationError(what)


def _holds_key(name: str, folder: int, names: tuple[str, ...] = GLOBAL_LOGINS) -> bool:
    try:
        return without_key(read_plain(name, folder), names) is not None
    except (FileNotFoundError, IsADirectoryError):
        return False


def erase_main(folder: Folder, _name: str) -> None:
    """Take the login out of the global file."""
    path = _places(folder).main
    with _open(os.path.dirname(path), folder) as inside:
        _erase_key(os.path.basename(path), inside, _names(folder))


def main_holds(folder: Folder, _name: str) -> bool:
    """Return whether the global file has a login."""
    path = _places(folder).main
    with suppress(FileNotFoundError), _open(os.path.dirname(path), folder) as inside:
        return _holds_key(os.path.basename(path), inside, _names(folder))
    return False


def erase_legacy(folder: Folder, name: str) -> None:
    """Take the login out of the global file of earlier clients."""
    _erase_key(name, folder.descriptor, _names(folder))


def legacy_holds(folder: Folder, name: str) -> bool:
    """Return whether the global file of earlier clients has a login."""
    if folder.descriptor == NO_FOLDER:
        return False
    return _holds_key(name, folder.descriptor, _names(folder))


def erase_backups(folder: Folder, _name: str) -> None:
    """Take the login out of every copy of the global file."""
    _erase_every(_find_copies(_places(folder).backups, folder))


def backups_hold(folder: Folder, _name: str) -> bool:
    """Return whether a copy of the global file has a login."""
    return any(
        _holds_key(name, inside) for name, inside in _find_copies(_places(folder).backups, folder)
    )


def erase_others(folder: Folder, _name: str) -> None:
    """Empty every folder that a variable left behind."""
    places = _places(folder)
    failed: list[Exception] = []
    done = 0
    for path in places.others:
        try:
            _erase_other(path, folder)
            done += 1
        except FileNotFoundError:
            continue
        except (OSError, EvaluationError) as error:
            failed.append(error)
    for backups in places.other_backups:
        with suppress(FileNotFoundError):
            _erase_every(_find_copies(backups, folder))
            done += 1
    if failed:
        raise failed[0]
    if not done:
        raise FileNotFoundError


def _erase_other(path: str, folder: Folder) -> None:
    name = os.path.basename(path)
    with _open(os.path.dirname(path), folder) as inside:
        if name != DOCUMENT:
            _erase_copy(name, inside)
            return
        with _hold_lock(inside, path=os.path.dirname(path)):
            _erase_login(name, inside, whole=folder.on_request)


def others_hold(folder: Folder, _name: str) -> bool:
    """Return whether a folder that a variable left behind has a login."""
    places = _places(folder)
    for path in places.others:
        name = os.path.basename(path)
        holds = _holds_login if name == DOCUMENT else _holds_key
        with (
            suppress(FileNotFoundError, NotADirectoryError),
            _open(os.path.dirname(path), folder) as inside,
        ):
            if holds(name, inside):
                return True
    copies = (copy for backups in places.other_backups for copy in _find_copies(backups, folder))
    return any(_holds_key(name, inside) for name, inside in copies)


def erase_profiles(folder: Folder, _name: str) -> None:
    """Remove the tokens of every profile."""
    paths = _profile_files(folder)
    for path in paths:
        with _open(os.path.dirname(path), folder) as inside:
            unlink(os.path.basename(path), inside)
    if not paths:
        raise FileNotFoundError


def profiles_hold(folder: Folder, _name: str) -> bool:
    """Return whether a profile has tokens."""
    return bool(_profile_files(folder))


def _profile_files(folder: Folder) -> list[str]:

    request = folder.request
    inside = folder_of(request, _places(folder), request.env)
    return [profile.tokens for profile in every_profile(request, inside)]


def _erase_every(copies: Iterator[tuple[str, int]]) -> None:
    """Empty every copy, also where one of them fails.

    Raises:
        FileNotFoundError: None of them holds anything.
        OSError, EvaluationError: The first failure.
    """
    failed: list[Exception] = []
    done = 0
    for name, inside in copies:
        try:
            _erase_copy(name, inside)
            done += 1
        except FileNotFoundError:
            continue
        except (OSError, EvaluationError) as error:
            failed.append(error)
    if failed:
        raise failed[0]
    if not done:
        raise FileNotFoundError


def _find_copies(path: str, folder: Folder) -> Iterator[tuple[str, int]]:
    """Give the name of each copy, and a descriptor of its folder."""
    with suppress(FileNotFoundError, NotADirectoryError), _open(path, folder) as inside:
        for name in sorted(filter(is_backup, os.listdir(inside))):
            yield name, inside


@contextmanager
def _open(path: str, folder: Folder) -> Iterator[int]:
    descriptor = os.open(in_home(path, folder.request), FOLDER_FLAGS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _hold_lock(folder: int, places: Places | None = None, *, path: str = "") -> Iterator[None]:
    """Hold the lock of a folder that is not the client's; past its limit go on without it."""
    where = path or os.path.dirname(places.document if places else "")
    lock = hold_storage(folder, where, LOCK_LIMIT_S)
    try:
        lock.__enter__()
    except EvaluationError:
        yield
        return
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _places(folder: Folder) -> Places:
    return places_of(folder.request, folder.home)


def delete_entries(folder: Folder) -> None:
    """Remove the client's logins from a Mac's keychain.

    Raises:
        KeyringError: The keychain is locked.
        EvaluationError: No keychain is reached from here, because this is no session or no Mac.
    """
    if not is_live(folder.request):
        raise EvaluationError(f"it is kept in the keychain, {IMAGE_HIDES}")
    from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

    if not has_session(folder.request):
        raise EvaluationError(keychain.NO_SESSION)
    for entry, _ in entries_of(folder.request, _places(folder)):
        keychain.remove(entry, every=folder.on_request)


def keychain_holds(folder: Folder) -> bool:
    """Return whether a Mac's keychain has a login of the client's.

    Raises:
        KeyringError: The keychain cannot be read.
    """
    if not is_live(folder.request):
        return False
    from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

    in_session = has_session(folder.request)
    is_there = keychain.is_there if in_session else keychain.is_there_without_session
    return any(is_there(entry) for entry, _ in entries_of(folder.request, _places(folder)))
