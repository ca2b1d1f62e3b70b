"""A user's keychain, by the system's own program `security`; no secret is in its words.

Whether there is an entry is asked without its secret, which needs no permission. The secret
of an entry that another program made is shown only after the person has allowed that: macOS asks
in a window, and `security` waits. So it is read only where the person may be asked, or where
`security` itself made the entry and the keychain is open.

No test has run on a Mac: a fake stands for `security`, and answers as its manual page says.

Source: security(1); SecBase.h for the numbers, of which an exit code is the last eight bits.
"""

import os
import time

from tipstaff_policy.model.state import Effect
from tipstaff_policy.system.mac.asking import (
    LATE,
    LIMIT_S,
    NOT_STARTED,
    Answer,
    ask_frameworks,
    ask_program,
)
from tipstaff_policy.system.secret_service import Entry, KeyringError

SECURITY = "/usr/bin/security"
LAUNCHCTL = "/bin/launchctl"
PROMPT_LIMIT_S = 30.0
"""For the person in front of the system's window."""
SILENCE_S = 60.0
"""How long a person who closed a window, or left it, is not asked again by this process."""
NOT_FOUND = 44
"""errSecItemNotFound, -25300."""
REASONS: dict[int, tuple[str, Effect]] = {
    36: ("is locked, and no window can ask for its password here", "unknown"),
    51: ("is locked, or its password was wrong", "unknown"),
    128: ("is locked or not for this program, and its window was dismissed", "unknown"),
    50: ("is no keychain that can be opened", "unknown"),
    53: ("cannot be reached: no keychain is available", "unknown"),
    LATE: ("gave no answer within its time limit", "unknown"),
    NOT_STARTED: ("cannot be asked: `security` is missing, or others could change it", "unknown"),
}
"""errSecInteractionNotAllowed -25308, errSecAuthFailed -25293, errSecUserCanceled -128,
errSecNoSuchKeychain -25294, errSecNotAvailable -25291."""
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
SEVERAL = 8
"""How many entries of one name are removed; the keychains of a user are few."""
LOGIN_KEYCHAIN = "Library/Keychains/login.keychain-db"
NO_SESSION = "cannot be read: no session"
CLOSED = "has a login that may be shown only after the person allowed it; it was not asked for"


_unasked_until: dict[Entry, float] = {}
"""By entry."""


def has_session() -> bool:
    """Return whether this process is in a session with a screen, whose login keychain is open.

    A daemon, and what it starts with a user's rights, is in none (launchctl(1), `managername`).
    """
    answer = ask_program((LAUNCHCTL, "managername"))
    return answer.code == 0 and answer.out.strip() == b"Aqua"


def is_there(entry: Entry, files: tuple[str, ...] = ()) -> bool:
    """Return whether a keychain of the user has an entry; a person is never asked.

    Args:
        files: The keychains to look into; those that a session searches where none is named.

    Raises:
        KeyringError: The keychain cannot be read.
    """
    answer = ask_program((SECURITY, "find-generic-password", *_names(entry), *files))
    if answer.code == NOT_FOUND:
        return False
    _require(answer, there=None)
    return True


def read_secret(entry: Entry, *, prompts: bool, made_by_security: bool = False) -> str | None:
    """Return the secret of an entry, or None where there is none.

    Args:
        prompts: Whether the person may be asked; else a closed entry stays unread.
        made_by_security: Whether it shows its secret to `security` while the keychain is open.

    Raises:
        KeyringError: The keychain is locked, the person refuses, or it does not answer.
    """
    if not is_there(entry):
        return None
    if not prompts and not (made_by_security and _is_open()):
        raise KeyringError(CLOSED, "unknown", there=True)
    if prompts and time.monotonic() < _unasked_until.get(entry, 0.0):
        raise KeyringError("was asked for a moment ago, and stayed closed", "unknown", there=True)
    limit = PROMPT_LIMIT_S if prompts else LIMIT_S
    answer = ask_program((SECURITY, "find-generic-password", "-w", *_names(entry)), limit)
    if answer.code == NOT_FOUND:
        return None  # it was removed meanwhile
    if prompts and answer.code != 0:
        _unasked_until[entry] = time.monotonic() + SILENCE_S
    _require(answer, there=True)
    return _text(answer.out.removesuffix(b"\n"))


def is_there_without_session(entry: Entry) -> bool:
    """Return whether one of the user's keychains has an entry, where no session searches them.

    Each is named by its file: what only a session searches could else be taken for empty. The
    names of entries are not encrypted, so that a locked keychain shows them too.

    Raises:
        KeyringError: It cannot be known which keychains the user has, or what is in them.
    """
    files = _files()
    return bool(files) and is_there(entry, files)


def require_none_without_session(entry: Entry) -> None:
    """Refuse to say what an entry holds, where there is one.

    Raises:
        KeyringError: There is one, whose secret only a session shows; or that cannot be known.
    """
    if is_there_without_session(entry):
        raise KeyringError(NO_SESSION, "unknown", there=True)


def _files() -> tuple[str, ...]:
    """Return the keychains that the user has named for a search, and the one of every account.

    Raises:
        KeyringError: The list cannot be read.
    """
    answer = ask_program((SECURITY, "list-keychains", "-d", "user"))
    if answer.code != 0:
        raise KeyringError(NO_SESSION, "unknown")
    lines = answer.out.decode("utf-8", "surrogateescape").splitlines()
    named = [line.strip().strip('"') for line in lines]
    own = os.path.expanduser(f"~{_account()}/{LOGIN_KEYCHAIN}")
    return tuple(dict.fromkeys(file for file in (own, *named) if os.path.isfile(file)))


def _account() -> str:
    import pwd  # noqa: PLC0415 - a Mac alone

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise KeyringError(NO_SESSION, "unknown") from None


def remove(entry: Entry, *, every: bool) -> None:
    """Remove an entry; that there is none is no error.

    Args:
        every: Whether those of further keychains of the user go too.

    Raises:
        KeyringError: The keychain is locked, or does not answer.
    """
    for _ in range(SEVERAL if every else 1):
        answer = ask_program((SECURITY, "delete-generic-password", *_names(entry)))
        if answer.code == NOT_FOUND:
            return
        _require(answer, there=True)


def _names(entry: Entry) -> tuple[str, ...]:
    return "-s", entry.service, "-a", entry.account


def _is_open() -> bool:
    """Return whether the default keychain is known to be open."""
    answer = ask_frameworks("keychain")
    return bool(answer and answer.get("unlocked") is True)


def _require(answer: Answer, *, there: bool | None) -> None:
    if answer.code != 0:
        what, effect = REASONS.get(answer.code, (f"fails: exit code {answer.code}", "unknown"))
        raise KeyringError(what, effect, there=there)


def _text(shown: bytes) -> str:
    """Return a secret as it is kept: `security` shows one that is not plain text in hexadecimal.

    Raises:
        KeyringError: It is no UTF-8.
    """
    try:
        text = shown.decode()
    except UnicodeDecodeError:
        raise KeyringError("contains an entry that is not UTF-8", "refuse", there=True) from None
    if not text or len(text) % 2 or not set(text) <= HEXADECIMAL:
        return text
    try:
        kept = bytes.fromhex(text).decode()
    except UnicodeDecodeError:
        return text
    return text if kept.isascii() and kept.isprintable() else kept
