"""Where credentials lie: a member of state.json, vault.json, two variables, a helper program."""

import hmac
import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from scribe.config import HELPER_KEY, effective
from scribe.places import BACKUPS, STATE, VAULT
from tipstaff_policy.clients.interface.slots import (
    ASIDE,
    Folder,
    StoreSlot,
    file_slot,
    member_slot,
)
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Credential,
    FileFacts,
    HeldCredential,
    Identity,
    Layer,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.parsing.json_members import without_member
from tipstaff_policy.system.files import file_type, read_bounded, within
from tipstaff_policy.system.folder_files import read_plain, rewrite

MEMBER = "login"
KEY_VARIABLE, TOKEN_VARIABLE = "SCRIBE_KEY", "SCRIBE_TOKEN"
ASKS = "organisation"
"""What only the service knows."""
SIZE_LIMIT = 16 << 20
STATE_SLOT = member_slot("state", STATE, lambda data: without_member(data, (MEMBER,)))
VAULT_SLOT = file_slot("vault", VAULT, can_be_quarantined=True)
NAMES = {"state": STATE, "vault": VAULT}


def _without_login(data: bytes) -> bytes | None:
    return without_member(data, (MEMBER,))


def _copies(folder: Folder) -> Iterator[tuple[str, int]]:
    """Give the name of each copy, and a descriptor of the folder that it is in."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    inside = os.open(BACKUPS, flags, dir_fd=folder.descriptor)
    try:
        for name in sorted(os.listdir(inside)):
            yield name, inside
    finally:
        os.close(inside)


def _empty_copies(folder: Folder, _name: str) -> None:
    if not sum(rewrite(name, inside, _without_login) for name, inside in _copies(folder)):
        raise FileNotFoundError


def _copies_hold(folder: Folder, _name: str) -> bool:
    with suppress(FileNotFoundError):
        copies = (read_plain(name, inside) for name, inside in _copies(folder))
        return any(_without_login(data) is not None for data in copies)
    return False


BACKUP_SLOT = StoreSlot("backups", "member", BACKUPS, _empty_copies, _copies_hold, plain=True)
SLOTS = (STATE_SLOT, VAULT_SLOT, BACKUP_SLOT)


def environment_credentials(request: Request) -> tuple[Credential, ...]:
    """Return what the person's variables give, in the client's order."""
    if request.system_root or request.options.unasked:
        return ()
    found = []
    if key := request.env.get(KEY_VARIABLE, "").strip():
        found.append(Credential(KEY_VARIABLE, None, _held("key", "key", key, request)))
    if token := request.env.get(TOKEN_VARIABLE, "").strip():
        found.append(Credential(TOKEN_VARIABLE, None, _held("token", "token", token, request)))
    return tuple(found)


def helper_credential(layers: tuple[Layer, ...]) -> tuple[Credential, ...]:
    """Return the program that prints a key, where settings name one; it is never run."""
    named = effective(layers).get(HELPER_KEY)
    if named is None or not isinstance(named.value, str):
        return ()
    held = HeldCredential("helper", "key")
    return (Credential("keyHelper", named.origin.path, held, kind_of_place="helper", scrub=()),)


def stored_credential(request: Request, home: str, store: str) -> Credential:
    """Return what is in a store."""
    path = f"{home}/{NAMES[store]}"
    aside = ASIDE if request.options.aside and store == "vault" else ""
    facts = file_facts(path + aside, home)
    try:
        login = read_login(request, home, store)
    except FileNotFoundError:
        return Credential(store, path, NoCredential(), facts)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no JSON object"
        unread = UnreadableCredential(f"cannot be read: {why}", "unknown")
        return Credential(store, path, unread, facts)
    if login is None:
        return Credential(store, path, NoCredential(), facts)
    content = content_of(login, request)
    return Credential(store, path, content, facts)


def read_login(request: Request, home: str, store: str) -> dict[str, Any] | None:
    """Return the login of a store, None where it holds none.

    Raises:
        OSError, ValueError: It cannot be read.
    """
    aside = ASIDE if request.options.aside and store == "vault" else ""
    document = json.loads(
        read_bounded(_target(f"{home}/{NAMES[store]}{aside}", request), SIZE_LIMIT)
    )
    if not isinstance(document, dict):
        raise ValueError("no object")  # noqa: TRY004 - as the parser says it
    return document if store == "vault" else document.get(MEMBER)


def _target(path: str, request: Request) -> str:
    root = (request.system_root or "").rstrip("/")
    return within(root, path[len(root) :]) if root and path.startswith(f"{root}/") else path


def content_of(login: Any, request: Request) -> HeldCredential | UnreadableCredential:
    """Return a login without its secret."""
    method = login.get("method") if isinstance(login, dict) else None
    secret = login.get("secret") if isinstance(login, dict) else None
    if method not in ("team", "token", "key") or not isinstance(secret, str) or not secret:
        return UnreadableCredential("holds no login that the client knows", "unknown")
    account, saved = login.get("account"), login.get("savedAt")
    held = _held(method, method, secret, request)
    if isinstance(account, str) and method == "team":
        owners = (*(held.identity or ()), Identity("account", account, "claimed"))
        held = held._replace(identity=owners)
    return held._replace(last_refresh=saved if isinstance(saved, int) else None)


def _held(kind: str, method: str, secret: str, request: Request) -> HeldCredential:
    key = request.policy_inputs.fleet_key
    print_ = hmac.new(key.reveal().encode(), secret.encode(), "sha256").hexdigest() if key else None
    fingerprint = f"hmac-sha256:{print_}" if print_ else None
    if method == "key":
        return HeldCredential(kind, method, fingerprint=fingerprint, identity=())
    owner = Identity("organisation", None, "service")
    return HeldCredential(kind, method, ask=ASKS, fingerprint=fingerprint, identity=(owner,))


def copied_credential(request: Request, home: str) -> Credential:
    """Return the login that the newest copy of the state document holds."""
    path = f"{home}/{BACKUPS}"
    try:
        names = sorted(os.listdir(path), reverse=True)
        copies = (json.loads(read_bounded(f"{path}/{name}", SIZE_LIMIT)) for name in names)
        login = next((copy[MEMBER] for copy in copies if MEMBER in copy), None)
    except FileNotFoundError:
        login = None
    except (OSError, ValueError, TypeError):
        return Credential("backups", path, UnreadableCredential("cannot be read", "unknown"))
    content = NoCredential() if login is None else content_of(login, request)
    return Credential("backups", path, content)


def file_facts(path: str, home: str) -> FileFacts | None:
    """Return what the file system says of a file; None where there is none."""
    try:
        found, owner = os.lstat(path), os.stat(home).st_uid
    except OSError:
        return None
    kind = file_type(found.st_mode)
    target = os.readlink(path) if kind == "link" else None
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    return FileFacts(kind, mode, found.st_uid, owner, found.st_nlink, target)


def with_login(data: bytes, login: dict[str, Any]) -> bytes:
    """Return a state document with a login in it; every other member stays as it was."""
    try:
        rest = without_member(data, (MEMBER,)) or data
    except ShapeError:
        raise ValueError("no object") from None
    head = json.dumps({MEMBER: login})[:-1].encode()
    inside = rest[rest.index(b"{") + 1 :]
    comma = b"" if inside.strip() == b"}" else b","
    return head + comma + inside
