"""The entries of the macOS keychain in which the client keeps its two logins there.

Their names follow from the folder. The client lets `/usr/bin/security` store them, which may
therefore show them while the keychain is open.
Source: docs/clients/claude.md, "Stores" (the program as shipped; macOS was not run).
"""

from typing import TYPE_CHECKING

from tipstaff_policy.clients.claude.credentials import stored
from tipstaff_policy.clients.claude.credentials.members import KEY, key_in
from tipstaff_policy.clients.claude.credentials.places import SECURE_VARIABLE, Places, is_own
from tipstaff_policy.clients.claude.locations import HOME_VARIABLE
from tipstaff_policy.model.request import Request, this_platform
from tipstaff_policy.model.state import (
    IMAGE_HIDES,
    Credential,
    HeldCredential,
    NoCredential,
    UnreadableCredential,
)

if TYPE_CHECKING:
    from tipstaff_policy.system.secret_service import Entry, KeyringError

STORE = "keychain"
SERVICES = ("Claude Code-credentials", "Claude Code")
FURTHER = "._-"
"""What an account may hold besides letters and digits."""
UNNAMED = "claude-code-user"
PLACE = "login keychain"


def account_of(user: str) -> str:
    """Return the account of an entry; a user name with further characters has none of its own."""
    plain = all(character.isalnum() or character in FURTHER for character in user)
    return user if user and user.isascii() and plain else UNNAMED


def services_of(request: Request, places: Places) -> tuple[str, ...]:
    """Return the names of the two entries, which differ for a folder that a variable names."""
    named = request.env.get(SECURE_VARIABLE) if is_own(request) else None
    moved = request.env.get(HOME_VARIABLE) if is_own(request) and named is None else named
    if not moved:
        return SERVICES
    from tipstaff_policy.parsing.sha256 import sha256  # noqa: PLC0415 - a named folder alone

    folder = moved if named else places.config
    digest = sha256(folder.encode()).hexdigest()[:8]
    return tuple(f"{service}-{digest}" for service in SERVICES)


def keychain_credential(request: Request, places: Places) -> tuple[Credential, ...]:
    """Return what the keychain's entries hold; nothing on other platforms, which have none."""
    if request.platform != "macos":
        return ()
    if is_live(request):
        return _read_entries(request, places)
    account = account_of(_user(places))
    entries = " and ".join(services_of(request, places))
    reason = f"is kept in the keychain (account {account}: {entries}), {IMAGE_HIDES}"
    unread = UnreadableCredential(reason, "unknown", present=False)
    return (Credential(STORE, PLACE, unread),)


def is_live(request: Request) -> bool:
    """Return whether the keychain of this machine is meant, and this machine is a Mac."""
    return request.system_root is None and request.platform == this_platform() == "macos"


def entries_of(request: Request, places: Places) -> "tuple[tuple[Entry, bool], ...]":
    """Return every entry that a start of the client could use, each with whether it is a key.

    Those that a variable leaves behind stay usable for the next start without it.
    """
    from tipstaff_policy.system.secret_service import Entry  # noqa: PLC0415 - a Mac alone

    named = request.env.get("USER", "") if is_own(request) else ""
    users = (named, _user(places)) if named else (_user(places),)
    accounts = dict.fromkeys(account_of(user) for user in users)
    pairs = dict.fromkeys((services_of(request, places), SERVICES))
    return tuple(
        (Entry(service, account), is_key)
        for account in accounts
        for pair in pairs
        for service, is_key in zip(pair, (False, True), strict=True)
    )


def _user(places: Places) -> str:
    user = places.config.rstrip("/").split("/")[-2:-1]
    return user[0] if user else ""


def _read_entries(request: Request, places: Places) -> tuple[Credential, ...]:
    """Return each login of the keychain; one place without a login where there is none."""
    in_session = has_session(request)
    read = [
        Credential(
            STORE,
            f"{PLACE}: {entry.service}, {entry.account}",
            _content(request, entry, is_key=is_key, in_session=in_session),
        )
        for entry, is_key in entries_of(request, places)
    ]
    found = [credential for credential in read if not isinstance(credential.content, NoCredential)]
    return tuple(found) or (Credential(STORE, PLACE, NoCredential()),)


def _content(
    request: Request, entry: "Entry", *, is_key: bool, in_session: bool
) -> NoCredential | HeldCredential | UnreadableCredential:
    """Return what an entry holds."""
    from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone
    from tipstaff_policy.system.secret_service import KeyringError  # noqa: PLC0415 - a Mac alone

    prompts = request.options.unlocks and not request.options.unasked
    try:
        if not in_session:
            keychain.require_none_without_session(entry)
            return NoCredential()
        secret = keychain.read_secret(entry, prompts=prompts, made_by_security=True)
    except KeyringError as error:
        return _make_unreadable(error)
    if secret is None:
        return NoCredential()
    known = key_in({KEY: secret}) if is_key else stored.read_document(secret.encode())
    if known is None:
        return NoCredential()
    return stored.with_fingerprint(known, request.policy_inputs.fleet_key)


def has_session(request: Request) -> bool:
    """Return whether a session of the person's searches the keychains here."""
    from tipstaff_policy.system.mac import keychain  # noqa: PLC0415 - a Mac alone

    return not request.options.unasked or keychain.has_session()


def _make_unreadable(error: "KeyringError") -> UnreadableCredential:
    return UnreadableCredential(
        error.what, error.effect, bool(error.there), unseen=error.there is None
    )
