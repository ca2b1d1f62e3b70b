"""Every store of the client's folder with its content, whatever its settings say.

Source: tests/clients/claude/test_custody.py (client 2.1.332).
"""

import json
import os
from typing import Any

from tipstaff_policy.clients.claude import slots
from tipstaff_policy.clients.claude.credentials.cutting import with_members
from tipstaff_policy.clients.claude.credentials.keychain import keychain_credential
from tipstaff_policy.clients.claude.credentials.members import (
    ACCOUNT,
    DOCUMENT_LOGINS,
    GLOBAL_LOGINS,
    KEY,
    LOGIN,
    OAUTH_KIND,
    OF_SERVERS,
    holds_login,
)
from tipstaff_policy.clients.claude.credentials.places import (
    DOCUMENT,
    Places,
    list_backups,
    places_of,
)
from tipstaff_policy.clients.claude.credentials.profiles import every_profile, folder_of
from tipstaff_policy.clients.claude.credentials.reading import read_places
from tipstaff_policy.clients.claude.credentials.stored import SIZE_LIMIT
from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.clients.claude.locations import in_home
from tipstaff_policy.clients.interface.slots import StoreSlot
from tipstaff_policy.clients.interface.stores import (
    Document,
    Relation,
    Setting,
    StoreContent,
    Stores,
)
from tipstaff_policy.errors import EvaluationError, ShapeError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.folder_files import give_to_owner, rewrite, write_all

UNREAD = "holds no document that the client reads"
OTHER_LOGINS = HeldCredential(OAUTH_KIND, "claudeai", usable=False, identity=())
"""A document that holds other logins, and not the one itself."""
ACCOUNT_ONLY = HeldCredential("none", "console", usable=False, identity=())
"""A global file that only says who was signed in."""


def every_store(request: Request) -> Stores:
    """Return every store of the client's folder with its content.

    Raises:
        EvaluationError: Nothing names a home.
        UsageError: A system root holds several homes and none was chosen.
    """
    places = places_of(request)
    found = {place.source: place for place in read_places(request, {}) if place.is_stored}
    entries = keychain_credential(request.read_with(unlocks=False), places)
    found |= {entry.source: entry for entry in reversed(entries)}
    contents = [
        _content(request, places, slot, found[slot.store])
        for slot in slots.SLOTS
        if slot.store in found
    ]
    variables = tuple(
        place.source
        for place in read_places(request, {})
        if place.place == "variable" and isinstance(place.content, HeldCredential)
    )
    return Stores(places.config, tuple(contents), variables)


def read_document(request: Request, store: str, home: str) -> Document | None:
    """Return the login in a store as it stands there, as the members that are one.

    Raises:
        EvaluationError: It cannot be read, or is no document that the client reads.
    """
    names = DOCUMENT_LOGINS if store == slots.DOCUMENT_SLOT.store else GLOBAL_LOGINS
    path = path_of(request, store, home)
    try:
        data = read_bounded(in_home(path, request), SIZE_LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EvaluationError(f"cannot be read: {error.strerror}", where=path) from None
    members = parse_object(data, mark=True)
    if members is None:
        raise EvaluationError(UNREAD, where=path)
    login = {name: members[name] for name in names if name in members}
    if login and store == slots.DOCUMENT_SLOT.store:
        known = parse_object(_data(request, places_of(request, home).main), mark=True) or {}
        # It says whose the login is, and goes along where the login is put elsewhere.
        login |= {ACCOUNT: known[ACCOUNT]} if ACCOUNT in known else {}
    return Document(json.dumps(login, sort_keys=True)) if login else None


def path_of(request: Request, store: str, home: str) -> str:
    """Return the document of a store.

    Raises:
        EvaluationError: It has no document of its own.
    """
    places = places_of(request, home)
    found = {
        slots.DOCUMENT_SLOT.store: places.document,
        slots.MAIN_SLOT.store: places.main,
        slots.LEGACY_SLOT.store: places.legacy,
    }
    if store not in found:
        raise EvaluationError("a login is not read from copies or profiles", where=store)
    return found[store]


def write_document(request: Request, store: str, home: str, document: Document) -> None:
    """Put a login into its store, in place of the one there; all else of the document stays.

    The client's locks are held by who calls it.

    Raises:
        EvaluationError: It cannot be written; the store is as it was.
    """
    members = parse_object(document.reveal().encode("utf-8", "surrogatepass")) or {}
    path = path_of(request, store, home)
    names = _names(path)
    mine = {name: members[name] for name in names if name in members}
    replaced = tuple(name for name in names if name in mine or name not in OF_SERVERS)
    _write(path, mine, replaced)
    if store == slots.DOCUMENT_SLOT.store and ACCOUNT in members:
        account = places_of(request, home).main
        if os.path.exists(account):
            _write(account, {ACCOUNT: members[ACCOUNT]}, (ACCOUNT,))


def _write(path: str, members: dict[str, Any], names: tuple[str, ...]) -> None:
    name = os.path.basename(path)
    try:
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise EvaluationError(f"cannot be written: {error.strerror}", where=path) from None
    try:
        create_plain(name, folder, b"{}")
        rewrite(name, folder, lambda data: with_members(data or b"{}", members, names))
    except ShapeError as error:
        raise EvaluationError(f"{error}, so that no login can be put there", where=path) from None
    except OSError as error:
        raise EvaluationError(f"cannot be written: {error.strerror}", where=path) from None
    finally:
        os.close(folder)


def create_plain(name: str, folder: int, data: bytes) -> None:
    """Make a file that only its user can read, where there is none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(name, flags, 0o600, dir_fd=folder)
    except FileExistsError:
        return
    try:
        give_to_owner(file, folder)
        write_all(file, data)
    finally:
        os.close(file)


def relation(one: Document, other: Document) -> Relation:
    """Return how a login stands to another."""
    if one == other or set(secrets_of(one)) & set(secrets_of(other)):
        return "same login"
    mine, theirs = _account(one), _account(other)
    return "same account, another token" if mine and mine == theirs else "another login"


def supersedes(one: Document, other: Document) -> bool | None:
    """Return whether a login is the newer state of another; no document says which is."""
    return False if secrets_of(one) == secrets_of(other) else None


def setting_of(state: HostState) -> Setting:
    """Return where the client looks for a login: no setting changes it."""
    del state
    looks_in = (slots.DOCUMENT_SLOT.store, slots.MAIN_SLOT.store)
    return Setting(looks_in[0], looks_in, None, pinned=True, write="", where="")


def secrets_of(document: Document) -> tuple[str, ...]:
    """Return the secrets of a login, in the order of its document."""
    members = parse_object(document.reveal().encode("utf-8", "surrogatepass")) or {}
    found = [members.get(KEY)]
    login = members.get(LOGIN)
    if isinstance(login, dict):
        found += [login.get("refreshToken"), login.get("accessToken")]
    return tuple(token for token in found if isinstance(token, str) and token)


def _account(document: Document) -> str | None:
    members = parse_object(document.reveal().encode("utf-8", "surrogatepass")) or {}
    account = members.get(ACCOUNT)
    named = account.get("accountUuid") if isinstance(account, dict) else None
    return named if isinstance(named, str) and named else None


def _content(request: Request, places: Places, slot: StoreSlot, found: Credential) -> StoreContent:
    """Return a store with what a log-out would have to empty, usable or not."""
    content = found.content
    if isinstance(content, NoCredential):
        content = _unusable(request, places, slot) or content
    path = str(found.path)
    return StoreContent(slot, path, content, found.file, _read_change_time(path, request))


def _unusable(
    request: Request, places: Places, slot: StoreSlot
) -> HeldCredential | UnreadableCredential | None:
    """Return what a store holds besides a usable login; None for nothing."""
    if slot is slots.DOCUMENT_SLOT:
        return _in_document(request, places.document)
    paths: list[str] = []
    if slot in (slots.MAIN_SLOT, slots.LEGACY_SLOT):
        paths = [places.main if slot is slots.MAIN_SLOT else places.legacy]
    elif slot is slots.BACKUP_SLOT:
        paths = _copies(request, places.backups)
    elif slot is slots.OTHER_SLOT:
        paths = [*places.others]
        paths += [path for folder in places.other_backups for path in _copies(request, folder)]
    elif slot is slots.PROFILE_SLOT:
        inside = folder_of(request, places, request.env)
        found = any(every_profile(request, inside))
        return HeldCredential("user_oauth", "profile", usable=False, identity=()) if found else None
    held = any(holds_login(_data(request, path), _names(path)) for path in paths)
    return ACCOUNT_ONLY if held else None


def _in_document(request: Request, path: str) -> HeldCredential | UnreadableCredential | None:
    data = _data(request, path)
    if os.path.islink(in_home(os.path.dirname(path), request) + "/" + os.path.basename(path)):
        return OTHER_LOGINS if data else None
    if data and parse_object(data) is None:
        return UnreadableCredential(UNREAD, "unknown")
    return OTHER_LOGINS if holds_login(data, DOCUMENT_LOGINS) else None


def _names(path: str) -> tuple[str, ...]:
    return DOCUMENT_LOGINS if path.endswith(DOCUMENT) else GLOBAL_LOGINS


def _copies(request: Request, folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in list_backups(folder, request)]
    except OSError:
        return []  # the place itself then says that it cannot be read


def _data(request: Request, path: str) -> bytes:
    try:
        return read_bounded(in_home(path, request), SIZE_LIMIT)
    except OSError:
        return b""


def _read_change_time(path: str, request: Request) -> int | None:
    try:
        return int(os.lstat(in_home(path, request)).st_mtime)
    except OSError:
        return None
