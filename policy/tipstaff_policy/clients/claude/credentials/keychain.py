"""The entries of the macOS keychain in which the client keeps its two logins there.

Their names follow from the folder; their content is never seen from here.
Source: docs/clients/claude.md, "Stores" (the program as shipped; macOS was not run).
"""

from tipstaff_policy.clients.claude.credentials.places import SECURE_VARIABLE, Places, is_own
from tipstaff_policy.clients.claude.locations import HOME_VARIABLE
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import IMAGE_HIDES, Credential, UnreadableCredential

STORE = "keychain"
SERVICES = ("Claude Code-credentials", "Claude Code")
FURTHER = "._-"
"""What an account may hold besides letters and digits."""
UNNAMED = "claude-code-user"


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
    """Return the place of the keychain's entries; nothing on other platforms, which have none."""
    if request.platform != "macos":
        return ()
    user = places.config.rstrip("/").split("/")[-2:-1]
    account = account_of(user[0] if user else "")
    entries = " and ".join(services_of(request, places))
    reason = f"is kept in the keychain (account {account}: {entries}), {IMAGE_HIDES}"
    unread = UnreadableCredential(reason, "unknown", present=False)
    return (Credential(STORE, "login keychain", unread),)
