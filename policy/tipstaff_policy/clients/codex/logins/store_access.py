"""Every store of the client's folder, read and written whatever its configuration says.

Source: tests/conformance/test_custody.py (client 0.169.0).
"""

import os
import stat

from tipstaff_policy.clients.codex.config.rules_in_force import rules_of
from tipstaff_policy.clients.codex.credentials import keyring, slots
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.clients.codex.credentials.stored_credentials import (
    SIZE_LIMIT,
    environment_credentials,
    file_credential,
)
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import CREDENTIAL_FILE, ENCRYPTED_FILE
from tipstaff_policy.clients.interface.slots import StoreSlot, file_slot
from tipstaff_policy.clients.interface.stores import (
    RESIDUE,
    Document,
    Setting,
    StoreContent,
    Stores,
)
from tipstaff_policy.clients.own_files import ASIDE
from tipstaff_policy.errors import EvaluationError, PolicyError
from tipstaff_policy.model.layers import faulty, merge
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import (
    Credential,
    Fault,
    HeldCredential,
    HostState,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.system.files import read_bounded, read_file_facts

SAVING = ".auth-"
"""How the name of the file begins that the client renames over its credential file."""
NEWEST: tuple[str, ...] = ()
"""The newest client knows every field."""
KEY = "cli_auth_credentials_store"


def every_store(request: Request) -> Stores:
    """Return every store of the client's folder with its content; asks for no unlocking.

    Raises:
        EvaluationError: The client's folder is named and is none.
        UsageError: A system root holds several homes and none was chosen.
    """
    settled = settle(request)
    request, found = settled.request, settled.home
    if found.fault:
        fault = found.fault
        raise EvaluationError(fault.what, where=fault.where, expected=fault.expected)
    home = found.path
    places = [
        _place(home, slots.FILE, file_credential(request, home, NEWEST).credential),
        _place(home, slots.ENCRYPTED, _read_encrypted(request, home)),
        _place(home, slots.KEYRING, _in_keyring(request, home)),
        *_find_residue(home),
    ]
    variables = tuple(
        credential.source for credential in environment_credentials(settled.variables)
    )
    return Stores(home, tuple(places), variables, keyring.keyring_traces(request, home))


def _read_encrypted(request: Request, home: str) -> Credential:
    found = keyring.read_encrypted_credential(request, home, NEWEST, unlocks=False).credential
    if isinstance(found.content, NoCredential):
        return found  # the client's own log-out leaves a file with nothing in it
    return found._replace(file=read_file_facts(f"{home}/{ENCRYPTED_FILE}", home))


def _in_keyring(request: Request, home: str) -> Credential:
    found = keyring.read_keyring_credential(request, home, NEWEST, unlocks=False).credential
    if _is_live(request) or not isinstance(found.content, UnreadableCredential):
        return found
    # The files of a keyring in an image show whether there is one.
    return found._replace(content=found.content._replace(present=False, unseen=False))


def _is_live(request: Request) -> bool:
    return request.system_root is None and request.platform == this_platform() != "windows"


def _place(home: str, slot: StoreSlot, found: Credential) -> StoreContent:
    changed = _read_change_time(f"{home}/{slot.name}") if slot.name else None
    return StoreContent(slot, str(found.path), found.content, found.file, changed)


def _read_change_time(path: str) -> int | None:
    try:
        return int(os.lstat(path).st_mtime)
    except OSError:
        return None


def _find_residue(home: str) -> list[StoreContent]:
    """Return what a client that was killed while it saved, or a log-out, has left in the folder."""
    try:
        names = sorted(filter(_is_residue, os.listdir(home)))
    except OSError:
        return []  # the credential file itself is then out of reach, and says so
    found = []
    for name in names:
        path = f"{home}/{name}"
        facts = read_file_facts(path, home)
        if facts is None or facts.type != "file":
            continue
        try:
            content = parse_auth_document(read_bounded(path, SIZE_LIMIT)).content
        except OSError:
            continue
        slot = file_slot(RESIDUE, name)
        found.append(StoreContent(slot, path, content, facts, _read_change_time(path)))
    return found


def _is_residue(name: str) -> bool:
    return name.startswith(SAVING) or name == CREDENTIAL_FILE + ASIDE


def read_document(request: Request, store: str, home: str) -> Document | None:
    """Return the login in a store as it stands there.

    Raises:
        EvaluationError: It cannot be read, or it is not enough to sign in.
    """
    where = f"{home}/{CREDENTIAL_FILE}" if store == "file" else "the keyring"
    if store == "file":
        text = _read_text_of_file(where)
    else:
        text = keyring.read_document(settle(request).request, home, store)
    if text is None:
        return None
    content = parse_auth_document(text.encode("utf-8", "surrogateescape")).content
    if not isinstance(content, HeldCredential):
        raise EvaluationError(
            f"the stored login {content.reason}",
            where=where,
            remedy="sign in again, or run `tipstaff logout`; nothing was moved",
        )
    return Document(text)


def _read_text_of_file(path: str) -> str | None:
    try:
        facts = os.lstat(path)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
            raise EvaluationError(
                "is a link, or has further names, where the login would stay",
                where=path,
                expected="a file of its own",
                remedy="replace it by a copy of its own, then run this again; nothing was moved",
            )
        return read_bounded(path, SIZE_LIMIT).decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EvaluationError(f"cannot be read: {error.strerror}", where=path) from error


def write_document(request: Request, store: str, home: str, document: Document) -> None:
    """Store a login in the keyring as the client does.

    Raises:
        KeyringError: It cannot be reached, or stays locked.
    """
    if store != keyring.KEYRING:
        raise ValueError(store)
    keyring.write_login(settle(request).request, home, document.reveal())


def setting_of(state: HostState) -> Setting:
    """Return where the client looks for a login.

    Raises:
        PolicyError: The configuration stops the client.
    """
    rules = rules_of(state.layers, state.platform, state.client.version)
    faults = [*state.faults, *(faulty_layer.fault for faulty_layer in faulty(state.layers))]
    if isinstance(rules, Fault):
        faults.append(rules)
    if isinstance(rules, Fault) or faults:
        first = faults[0]
        raise PolicyError(first.what, where=first.where, expected=first.expected)
    secure = keyring.ENCRYPTED if rules.encrypted else keyring.KEYRING
    looks_in = {"file": ("file",), "keyring": (secure,), "auto": (secure, "file")}
    required = merge(state.layers, "requirements").get(KEY)
    setting = required or merge(state.layers, "config").get(KEY)
    layer = setting.origin.layer if setting else ""
    # The system's file is a default, which the user's own beats.
    pinned = any(
        layer_read.name == layer != "system" and layer_read.administrators
        for layer_read in state.layers
    )
    return Setting(
        rules.store,
        looks_in.get(rules.store, ()),
        setting.origin if setting else None,
        pinned,
        f'{KEY} = "{{}}"',
        f"{state.home}/config.toml",
        moves_to="keyring" if rules.store == "auto" else None,
    )
