"""Stored logins, as the commands about them ask."""

import json
import os

from scribe.credentials import (
    BACKUP_SLOT,
    NAMES,
    SLOTS,
    copied_credential,
    environment_credentials,
    read_login,
    stored_credential,
    with_login,
)
from scribe.places import SETTINGS, STATE, find_home
from scribe.rules import rules_of
from tipstaff_policy.clients.interface.slots import file_slot
from tipstaff_policy.clients.interface.stores import (
    RESIDUE,
    Copy,
    CredentialStores,
    Document,
    Found,
    Movable,
    Relation,
    Setting,
    StoreContent,
    Stores,
)
from tipstaff_policy.errors import EvaluationError, PolicyError
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, UnreadableCredential
from tipstaff_policy.system.file_walk import Scope, Walk
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.folder_files import write_all

UNFINISHED = ".vault-tipstaff"


def every_store(request: Request) -> Stores:
    """Return every store of the client's folder."""
    home = find_home(request)
    if home.fault:
        raise EvaluationError(home.fault.what, where=home.fault.where)
    places = [_place(request, home.path, slot) for slot in SLOTS if slot.store in NAMES]
    copied = copied_credential(request, home.path)
    places.append(StoreContent(BACKUP_SLOT, str(copied.path), copied.content))
    if os.path.exists(f"{home.path}/{UNFINISHED}"):
        unread = UnreadableCredential("was left by a move that was stopped", "unknown")
        slot = file_slot(RESIDUE, UNFINISHED)
        places.append(StoreContent(slot, f"{home.path}/{UNFINISHED}", unread))
    variables = tuple(credential.source for credential in environment_credentials(request))
    return Stores(home.path, tuple(places), variables)


def _place(request: Request, home: str, slot) -> StoreContent:
    found = stored_credential(request, home, slot.store)
    try:
        changed = int(os.lstat(str(found.path)).st_mtime)
    except OSError:
        changed = None
    return StoreContent(slot, str(found.path), found.content, found.file, changed)


def read_document(request: Request, store: str, home: str) -> Document | None:
    """Return the login of a store as text."""
    try:
        login = read_login(request, home, store)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise EvaluationError("cannot be read", where=f"{home}/{NAMES[store]}") from error
    return None if login is None else Document(json.dumps(login, sort_keys=True))


def write_document(request: Request, store: str, home: str, document: Document) -> None:
    """Put a login into the state document, and keep all else in it."""
    del request
    if store != "state":
        raise ValueError(store)
    path = f"{home}/{STATE}"
    try:
        data = read_bounded(path, 1 << 24)
    except FileNotFoundError:
        data = b"{}"
    new = with_login(data, json.loads(document.reveal()))
    descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, new)
    finally:
        os.close(descriptor)
    os.rename(f"{path}.new", path)


def relation(one: Document, other: Document) -> Relation:
    """Return how two logins stand to each other."""
    if one == other:
        return "same login"
    first, second = (json.loads(document.reveal()) for document in (one, other))
    same = first.get("account") and first.get("account") == second.get("account")
    return "same account, another token" if same else "another login"


def supersedes(one: Document, other: Document) -> bool | None:
    """Return whether the first is the newer of the same login."""
    return False if one == other else None


def setting_of(state: HostState) -> Setting:
    """Return where the client looks for a login."""
    faults = faulty(state.layers)
    if faults:
        fault = faults[0].fault
        raise PolicyError(fault.what, where=fault.where, expected=fault.expected)
    rules = rules_of(state.layers)
    origin = rules.store_origin
    pinned = any(
        layer.administrators and origin and layer.path == origin.path for layer in state.layers
    )
    where = f"{state.home}/{SETTINGS}"
    return Setting(rules.store, (rules.store,), origin, bool(pinned), '"store": "{}"', where)


def find_copies(request: Request, scope: Scope) -> Found:
    """Return files outside of the stores in which the secret of a stored login stands."""
    stores = every_store(request)
    known = [
        (place.store, document)
        for place in stores.places
        if place.store in NAMES
        if (document := read_document(request, place.store, stores.home))
    ]
    walk = Walk(scope, ("scribe",))
    own = {place.path for place in stores.places}
    roots = scope.roots or (os.path.dirname(stores.home),)
    copies = [
        Copy(seen.path, "same login")
        for root in roots
        for seen in walk.through(root)
        if seen.path not in own and _holds(seen.path, known)
    ]
    compared = (*(name for name, _ in known), *stores.variables)
    return Found(tuple(roots), compared, walk.entries, walk.files, tuple(copies), walk.unseen)


def _holds(path: str, known) -> bool:
    try:
        text = read_bounded(path, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return False
    return any(json.loads(document.reveal())["secret"] in text for _, document in known)


STORES = CredentialStores(
    every_store=every_store,
    read_document=read_document,
    write_document=write_document,
    relation=relation,
    supersedes=supersedes,
    setting_of=setting_of,
    find_copies=find_copies,
    movable={
        "vault": Movable("state", ("vault",)),
        "state": Movable("vault", ("state",)),
    },
    unfinished=UNFINISHED,
)
