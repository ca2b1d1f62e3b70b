"""The client's entries in a keyring, and the file that one of them encrypts.

Source: tests/conformance/test_keyring.py (client 0.169.0).
"""

import os
import sys
from contextlib import suppress

from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.clients.codex.credentials.stored import Stored, keys_of
from tipstaff_policy.clients.codex.credentials.strict_json import parse_json, struct
from tipstaff_policy.clients.codex.locations import ENCRYPTED_FILE, user_home
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import (
    IMAGE_HIDES,
    Credential,
    Effect,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.parsing.sha256 import sha256
from tipstaff_policy.system.files import NotRegularFileError, is_shortage, read_bounded
from tipstaff_policy.system.secret_service import (
    Entry,
    KeyringError,
    read_entry,
    remove_entry,
    write_entry,
)
from tipstaff_policy.system.session_bus import session_bus

KEYRING, ENCRYPTED = "keyring", "encrypted"
DIGITS = 16
SIZE_LIMIT = 4 << 20
NEWEST_VERSION = 1
NAME = "global/CODEX_AUTH"
LIBRARY = "keyring v3.6.3"
ATTRIBUTES = {"application": "rust-keyring"}
"""What the client's library adds to an item of its own."""
KEYRING_FILES = ("keyrings", "kwalletd")
"""Where the keyrings of Linux keep their files, below a user's data folder."""
TOO_COSTLY = "Excessive work"
"""How the library begins to say so."""
MEASUREMENTS = 5
"""How often the library may measure what the machine affords, which one busy moment can spoil."""
IN_IMAGE = f"is in the keyring of a live session, {IMAGE_HIDES}"


def login_entry(home: str) -> Entry:
    """Return the entry that holds the login of a client's folder."""
    return Entry("Codex Auth", f"cli|{_digest(home)}")


def passphrase_entry(home: str) -> Entry:
    """Return the entry that holds the passphrase of the encrypted file."""
    return Entry("codex", f"secrets|{_digest(home)}")


def _digest(home: str) -> str:
    """Return how the client names a folder: links followed, except for an absent folder."""
    with suppress(OSError):
        home = _canonical(home)
    return sha256(home.encode("utf-8", "surrogateescape")).hexdigest()[:DIGITS]


def _canonical(home: str) -> str:
    """Return a folder as the client's `canonicalize` names it.

    Raises:
        OSError: It does not exist.
    """
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import open_folders  # noqa: PLC0415 - there only

        return open_folders.canonical(home)
    return os.path.realpath(home, strict=True)


def read_keyring_credential(
    request: Request, home: str, unknown_fields: tuple[str, ...], *, unlocks: bool = True
) -> Stored:
    """Return the content of the keyring.

    Args:
        unlocks: Whether the service may ask the person to unlock it; else it stays locked.
    """
    entry = login_entry(home)
    path = f"keyring entry {entry.account} of {entry.service}"
    try:
        secret = read_document(request, home, KEYRING, unlocks=unlocks)
    except KeyringError as error:
        return Stored(Credential(KEYRING, path, _unreadable(error), removable=False))
    if secret is None:
        return Stored(Credential(KEYRING, path, NoCredential()))
    login = parse_auth_document(secret.encode(), unknown_fields, keys_of(request))
    return Stored(Credential(KEYRING, path, login.content), login.user)


def read_encrypted_credential(
    request: Request, home: str, unknown_fields: tuple[str, ...], *, unlocks: bool = True
) -> Stored:
    """Return the content of the encrypted file, whose passphrase is in the keyring."""
    path = f"{home}/{ENCRYPTED_FILE}"
    try:
        document = read_document(request, home, ENCRYPTED, unlocks=unlocks)
    except FileNotFoundError:
        return Stored(Credential(ENCRYPTED, path, NoCredential()))
    except KeyringError as error:
        # Without its passphrase the file is still there.
        content = _unreadable(error)._replace(present=True, unseen=False)
        return Stored(Credential(ENCRYPTED, path, content, removable=False))
    except ShapeError as error:
        content = UnreadableCredential(str(error), "refuse")
        return Stored(Credential(ENCRYPTED, path, content, removable=False))
    except OSError as error:
        unclear = isinstance(error, NotRegularFileError) and not os.path.isdir(path)
        effect: Effect = "unknown" if unclear or is_shortage(error) else "refuse"
        content = UnreadableCredential(
            f"cannot be read: {error.strerror}", effect, unseen=is_shortage(error)
        )
        return Stored(Credential(ENCRYPTED, path, content, removable=False))
    if document is None:
        return Stored(Credential(ENCRYPTED, path, NoCredential()))
    login = parse_auth_document(document.encode(), unknown_fields, keys_of(request))
    return Stored(Credential(ENCRYPTED, path, login.content), login.user)


def read_document(request: Request, home: str, store: str, *, unlocks: bool = True) -> str | None:
    """Return the document in the keyring or in the encrypted file; None where there is none.

    Raises:
        KeyringError: The keyring cannot be read.
        ShapeError: The file cannot be decrypted, for the client neither.
        OSError: The file cannot be read.
    """
    if store == KEYRING:
        return _read(request, login_entry(home), unlocks=unlocks)
    return read_encrypted(request, f"{home}/{ENCRYPTED_FILE}", home, unlocks=unlocks)


def read_encrypted(request: Request, path: str, home: str, *, unlocks: bool = True) -> str | None:
    """Return the document in an encrypted file, opened by the passphrase of a client's folder.

    Raises:
        As `read_document`.
    """
    data = read_bounded(path, SIZE_LIMIT)
    return _login(_decrypt(data, _read(request, passphrase_entry(home), unlocks=unlocks)))


def keyring_traces(request: Request, home: str) -> tuple[str, ...]:
    """Return the files by which a keyring that is out of reach may still hold a login."""
    if request.platform != "linux":
        return ("the system",)
    user = os.path.dirname(home) if request.system_root else user_home(request)
    data = None if request.system_root else request.env.get("XDG_DATA_HOME")
    folders = (f"{data or user + '/.local/share'}/{file}" for file in KEYRING_FILES)
    return tuple(folder for folder in folders if _has_entries(folder))


def _has_entries(folder: str) -> bool:
    try:
        return bool(os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # that there are none cannot be known


def without_session(request: Request, home: str, found: Credential) -> Credential:
    """Return a keyring that is not in force, as what it is worth where there is no session.

    Where no session runs and no file shows that there ever was a keyring, there is none.
    """
    content = found.content
    if (
        isinstance(content, UnreadableCredential)
        and content.unseen
        and request.options.unasked
        and session_bus(request.env) is None
        and not keyring_traces(request, home)
    ):
        return found._replace(content=content._replace(unseen=False))
    return found


def empty_keyring(request: Request, home: str, *, every: bool = False) -> None:
    """Remove the client's login from the keyring.

    Args:
        every: Whether one that is held twice is removed twice.

    Raises:
        KeyringError: The keyring cannot be reached, is locked, or holds it twice.
    """
    if request.platform == this_platform() == "macos":
        from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

        if request.options.unasked and not keychain.has_session():
            raise KeyringError(keychain.NO_SESSION, "unknown")
        keychain.remove(login_entry(home), every=every)
        return
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import credential_manager  # noqa: PLC0415 - there only

        credential_manager.remove_entry(login_entry(home))
        return
    remove_entry(request.env, login_entry(home), every=every, unlocks=request.options.unlocks)


def holds_login(request: Request, home: str) -> bool:
    """Return whether the keyring has the client's login; asks for no unlocking.

    Raises:
        KeyringError: The keyring cannot be read.
    """
    if request.platform == this_platform() == "macos":
        from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

        if request.options.unasked and not keychain.has_session():
            return keychain.is_there_without_session(login_entry(home))
        return keychain.is_there(login_entry(home))
    return read_document(request, home, KEYRING, unlocks=False) is not None


def write_login(request: Request, home: str, document: str) -> None:
    """Store a document in the keyring exactly where and how the client does it.

    Raises:
        KeyringError: The keyring cannot be reached, is locked, or holds it twice; or it is a Mac's,
        where only the client itself can store what it may then read without being asked.
    """
    if request.platform == "macos":
        raise KeyringError(
            "takes a login from the client alone: sign in again by it", "unknown", there=False
        )
    entry = login_entry(home)
    if sys.platform == "win32":
        from tipstaff_policy.system.windows import credential_manager  # noqa: PLC0415 - there only

        comment = (
            f"{entry.account}@{entry.service}:{credential_manager.target_of(entry)} ({LIBRARY})"
        )
        credential_manager.write_entry(entry, document, comment=comment)
        return
    label = f"{entry.account}@{entry.service}:default ({LIBRARY})"
    write_entry(request.env, entry, document, label=label, attributes=ATTRIBUTES)


def _read(request: Request, entry: Entry, *, unlocks: bool = True) -> str | None:
    if request.system_root is not None:
        raise KeyringError(IN_IMAGE, "unknown")
    if request.platform == this_platform() == "macos":
        return _read_keychain(request, entry, unlocks=unlocks)
    if sys.platform == "win32" and request.platform == "windows":
        from tipstaff_policy.system.windows import credential_manager  # noqa: PLC0415 - there only

        return credential_manager.read_entry(entry)
    if request.platform != "linux":
        raise KeyringError(f"is that of {request.platform}: not evaluated yet", "unknown")
    if request.options.unasked and session_bus(request.env) is None:
        # The client starts in a session, which may have a keyring that cannot be read now.
        raise KeyringError("cannot be read: no session", "unknown")
    return read_entry(request.env, entry, unlocks=unlocks and request.options.unlocks)


def _read_keychain(request: Request, entry: Entry, *, unlocks: bool) -> str | None:
    from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

    if request.options.unasked and not keychain.has_session():
        keychain.require_none_without_session(entry)
        return None
    prompts = unlocks and request.options.unlocks and not request.options.unasked
    return keychain.read_secret(entry, prompts=prompts)


def _unreadable(error: KeyringError) -> UnreadableCredential:
    return UnreadableCredential(
        error.what,
        error.effect,
        bool(error.there),
        needs_library=error.needs_library,
        unseen=error.there is None,
    )


def _decrypt(data: bytes, secret: str | None) -> str:
    """Decrypt the file (age, with a passphrase).

    Raises:
        ShapeError: It cannot be decrypted, for the client neither.
        KeyringError: The library is missing, or finds the passphrase too costly to try: it measures
        the machine, so a later attempt may succeed.
    """
    try:
        from pyrage import DecryptError, passphrase  # noqa: PLC0415 - heavy and rarely needed
    except ImportError:
        raise KeyringError("needs the full program", "unknown", needs_library=True) from None
    if secret is None:
        raise ShapeError("is encrypted, and the keyring has no passphrase for it")
    for _ in range(MEASUREMENTS):
        try:
            return str(passphrase.decrypt(data, secret), "utf-8")
        except (DecryptError, ValueError) as error:
            if TOO_COSTLY not in str(error):
                what = "cannot be decrypted with the passphrase in the keyring"
                raise ShapeError(what) from None
    raise KeyringError(
        "needs more work to decrypt than this machine can afford now, so it was not tried",
        "unknown",
        there=True,
    )


def _login(text: str) -> str | None:
    members = struct(parse_json(text), ("version", "secrets"), "the encrypted document")
    version, secrets = members.get("version"), members.get("secrets")
    if not isinstance(version, int | float) or isinstance(version, bool):
        raise ShapeError("holds an encrypted document without a version")
    if version > NEWEST_VERSION:
        raise ShapeError(f"is of version {version:g}, newer than the client knows")
    if not isinstance(secrets, dict) or not all(isinstance(v, str) for v in secrets.values()):
        raise ShapeError("holds an encrypted document without secrets")
    return secrets.get(NAME)
