"""What the client keeps in its two documents, by member.

Source: tests/clients/claude/test_credentials.py (client 2.1.332); the members that a sign-out takes
out are those that the client's own takes out when another person signs in.
"""

from typing import Any

from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.model.state import (
    HeldCredential,
    Identity,
    NoCredential,
    UnreadableCredential,
)
from tipstaff_policy.record import Record

LOGIN = "claudeAiOauth"
DOCUMENT_LOGINS = (
    LOGIN,
    "organizationUuid",
    "trustedDeviceToken",
    "trustedDeviceEnrolledAfterRefusalAtMs",
    "enterpriseGateway",
    "designOauth",
    "chatHistoryOauth",
    "cloudSessionsOauth",
    "cloudSessionsSignInEnded",
    "hybridOauth",
    "hybridGatewayAuth",
    "hybridGatewayIdp",
    "mcpOAuth",
    "mcpXaaIdp",
)
"""The members of the credential document that are logins, or belong to one. The identity of the
device (`coworkRemoteDevice`), secrets of plugins and settings of servers are none, and stay."""
OF_SERVERS = ("mcpOAuth", "mcpXaaIdp")
"""Those among them that are logins at other services, which a new sign-in leaves as they are."""
KEY = "primaryApiKey"
ACCOUNT = "oauthAccount"
GLOBAL_LOGINS = (KEY, ACCOUNT)
"""The members of the global file that are a login, or say whose it is."""
SCOPE = "user:inference"
ASKS = "organisation"
"""What only the service can tell."""
OAUTH_KIND, KEY_KIND = "claude.ai", "api_key"
TEXT_KIND = "claude.ai, scopes as a text"
"""A login that the client uses and that `enforceAnthropicSignIn` does not take for one."""
MILLISECONDS = 1000


NO_TEXT = "has a key that is no text, which the client does not send"
BLANK = "holds blanks alone"
"""A variable that is no credential, and was one to earlier versions of the client."""
EMPTY = "is set and empty"
"""The same, of a bearer alone."""


class Known(Record):
    """What is taken from a document, without what is secret."""

    content: NoCredential | HeldCredential | UnreadableCredential
    parts: tuple[str, ...] = ()
    """What a fingerprint is made of; never kept."""


def login_in(members: dict[str, Any]) -> Known:
    """Return the login of a credential document, as the client reads it.

    One without the scope that the client asks for is signed out, and still a login of its owner.
    """
    login = members.get(LOGIN)
    token = login.get("accessToken") if isinstance(login, dict) else None
    if not isinstance(login, dict) or not token:
        return Known(NoCredential())
    plan, expires = login.get("subscriptionType"), login.get("expiresAt")
    refresh = login.get("refreshToken")
    scopes = login.get("scopes")
    held = HeldCredential(
        TEXT_KIND if isinstance(scopes, str) else OAUTH_KIND,
        "claudeai",
        usable=_has_scope(scopes),
        plan=plan if isinstance(plan, str) else None,
        expires_at=_seconds(expires),
        ask=ASKS,
        identity=(Identity("organisation", None, "service"),),
    )
    return Known(held, (OAUTH_KIND, str(refresh or token)))


def key_in(members: dict[str, Any]) -> Known:
    """Return the Console key of a global file.

    A value that is no text, or blank, is none: the client signs in by nothing, and still takes it
    for a key where there is a cloud provider or a profile.
    """
    key = members.get(KEY)
    if key in (None, False, 0, ""):
        return Known(NoCredential())
    if not isinstance(key, str) or not key.strip():
        return Known(UnreadableCredential(NO_TEXT, "unknown", present=False))
    return Known(HeldCredential(KEY_KIND, "console", identity=()), (KEY_KIND, key))


def holds_login(data: bytes, names: tuple[str, ...]) -> bool:
    """Return whether a document has one of some members; None of them need be usable."""
    members = parse_object(data, mark=True)
    return members is not None and any(name in members for name in names)


def _has_scope(scopes: Any) -> bool:
    """Return whether a login is one for the client; a list or a text says what it is for."""
    if isinstance(scopes, str):
        return SCOPE in scopes.split()
    return isinstance(scopes, list) and SCOPE in scopes


def _seconds(moment: Any) -> int | None:
    is_number = isinstance(moment, (int, float)) and not isinstance(moment, bool)
    if not is_number or not 0 < moment < 1 << 60:
        return None
    return int(moment) // MILLISECONDS
