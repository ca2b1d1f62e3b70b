"""The Credential Manager of Windows: one generic credential, read, written or removed by its name.

The names and the form of the content are those of the library that a client uses; Rust's
`keyring` 3 names a credential `ACCOUNT.SERVICE` and stores a password as UTF-16, and so does
`entry_of`. Every error but "not found" leaves the content unknown: it never counts as no login.
Source: <https://learn.microsoft.com/windows/win32/api/wincred/> and `src/windows.rs` of
`keyring` 3.6.3.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tipstaff_policy.model.state import Effect
from tipstaff_policy.system.secret_service import Entry, KeyringError
from tipstaff_policy.system.windows.api import (
    ACCESS_DENIED,
    CREDENTIALW,
    DWORD,
    LPBYTE,
    NO_LOGON_SESSION,
    NOT_FOUND,
    PCREDENTIALW,
    function,
    last_error,
)

GENERIC = 1
"""CRED_TYPE_GENERIC."""
PERSIST_ENTERPRISE = 3
BLOB_LIMIT = 5 * 512
"""CRED_MAX_CREDENTIAL_BLOB_SIZE."""
WORDS: dict[int, tuple[str, Effect]] = {
    NO_LOGON_SESSION: ("cannot be read: no session", "unknown"),
    ACCESS_DENIED: ("cannot be read: access is denied", "unknown"),
}
"""What an error says of the content, and what the client would do with it. Another session of the
same user may read it, so it is not certain."""


def target_of(entry: Entry) -> str:
    """Return the name under which the library keeps an entry."""
    return f"{entry.account}.{entry.service}"


def read_entry(entry: Entry) -> str | None:
    """Return the secret of an entry, or None where there is none.

    Raises:
        KeyringError: It cannot be read, or is not what the library writes.
    """
    with _read(target_of(entry)) as found:
        if found is None:
            return None
        blob = ctypes.string_at(found.CredentialBlob, found.CredentialBlobSize)
    try:
        return blob.decode("utf-16-le")
    except UnicodeDecodeError:
        what = "contains an entry that is not UTF-16"
        raise KeyringError(what, "refuse", there=True) from None


def holds_entry(entry: Entry) -> bool:
    """Return whether there is an entry, whatever its content.

    Raises:
        KeyringError: That cannot be seen.
    """
    with _read(target_of(entry)) as found:
        return found is not None


def remove_entry(entry: Entry) -> None:
    """Remove an entry; that there is none is no error.

    Raises:
        KeyringError: The system refuses.
    """
    if not function("CredDeleteW")(target_of(entry), GENERIC, 0):
        code = last_error()
        if code != NOT_FOUND:
            raise _error(code, there=None)


def write_entry(entry: Entry, secret: str, *, comment: str) -> None:
    """Store a secret as the library does.

    Raises:
        KeyringError: It is too long for the system, or the system refuses.
    """
    blob = secret.encode("utf-16-le")
    if len(blob) > BLOB_LIMIT:
        what = f"takes at most {BLOB_LIMIT // 2} characters, and this login is longer"
        raise KeyringError(what, "refuse", there=False)
    content = (ctypes.c_ubyte * max(1, len(blob)))(*blob)
    credential = CREDENTIALW(
        Type=GENERIC,
        TargetName=target_of(entry),
        Comment=comment,
        CredentialBlobSize=len(blob),
        CredentialBlob=ctypes.cast(content, LPBYTE),
        Persist=PERSIST_ENTERPRISE,
        UserName=entry.account,
    )
    if not function("CredWriteW")(ctypes.byref(credential), 0):
        raise _error(last_error(), there=None)


def list_targets(prefix: str = "") -> tuple[str, ...]:
    """Return the names of the generic credentials that begin so; no secret is read out.

    Raises:
        KeyringError: They cannot be listed.
    """
    count, listed = DWORD(), ctypes.POINTER(PCREDENTIALW)()
    pattern = f"{prefix}*" if prefix else None
    if not function("CredEnumerateW")(pattern, 0, ctypes.byref(count), ctypes.byref(listed)):
        code = last_error()
        if code == NOT_FOUND:
            return ()
        raise _error(code, there=None)
    try:
        found = [listed[number].contents for number in range(count.value)]
        return tuple(credential.TargetName for credential in found if credential.Type == GENERIC)
    finally:
        function("CredFree")(listed)


@contextmanager
def _read(target: str) -> Iterator[Any]:
    """Give a credential for as long as its memory is held; None for none."""
    found = PCREDENTIALW()
    read: Callable[..., Any] = function("CredReadW")
    if not read(target, GENERIC, 0, ctypes.byref(found)):
        code = last_error()
        if code != NOT_FOUND:
            raise _error(code, there=None)
        yield None
        return
    try:
        yield found.contents
    finally:
        function("CredFree")(found)


def _error(code: int, *, there: bool | None) -> KeyringError:
    words, effect = WORDS.get(code, (f"fails: error {code} of Windows", "unknown"))
    return KeyringError(words, effect, there=there)
