"""What the client's own log-out asks the issuer to revoke, and how.

Source: tests/clients/claude/test_revocation.py (client 2.1.332).
"""

import json
from typing import Any

from tipstaff_policy.clients.claude.ca_bundle import authorities, bundle_variable
from tipstaff_policy.clients.claude.credentials.members import KEY, LOGIN
from tipstaff_policy.clients.claude.credentials.profiles import STORE as PROFILES
from tipstaff_policy.clients.claude.credentials.texts import parse_object
from tipstaff_policy.clients.claude.logins.stores import read_document
from tipstaff_policy.clients.claude.slots import DOCUMENT_SLOT, LEGACY_SLOT, MAIN_SLOT
from tipstaff_policy.clients.interface.issuer import Issuer, NotRevocable, Revocable, Sealed
from tipstaff_policy.model.request import Request

CLIENT_ID = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
URL = "https://platform.claude.com/v1/oauth/token/revoke"
STAMP = "request-id"
GRANTS = {
    LOGIN: ("refreshToken", "refresh_token"),
    "designOauth": ("refreshToken", "refresh_token"),
    "chatHistoryOauth": ("accessToken", "access_token"),
    "cloudSessionsOauth": ("refreshToken", "refresh_token"),
}
"""The logins of the document that the client revokes, each with its token and what that is."""
FURTHER = ("hybridOauth", "mcpOAuth")
"""Those of other issuers, which are not asked."""
CONSOLE = "an API key is revoked in the Console, where it was made"
NOWHERE = "its tokens are those of another tool, which revokes them"


def read_revocable(request: Request, home: str, store: str) -> Revocable | NotRevocable:
    """Return what revokes the login of a store.

    Raises:
        EvaluationError, OSError: The store cannot be read, or holds no document of the client's.
    """
    if store == PROFILES:
        return NotRevocable(NOWHERE)
    if store not in (DOCUMENT_SLOT.store, MAIN_SLOT.store, LEGACY_SLOT.store):
        return NotRevocable(CONSOLE)
    document = read_document(request, store, home)
    if document is None:
        return NotRevocable("holds no credential")
    members = parse_object(document.reveal().encode("utf-8", "surrogatepass")) or {}
    return revocable(members)


def revocable(members: dict[str, Any]) -> Revocable | NotRevocable:
    """Return what revokes the logins of a document's members."""
    further = [name for name in FURTHER if members.get(name)]
    nearby = f"{', '.join(further)} stays valid until it is revoked by itself" if further else ""
    found = [grant for name in GRANTS if (grant := _grant(name, members.get(name)))]
    if found:
        first, *others = found
        said = "; ".join(part for part in (first.nearby, nearby) if part)
        return first._replace(nearby=said, others=tuple(others))
    if members.get(KEY):
        return NotRevocable(CONSOLE)
    return NotRevocable(nearby or "holds no refresh token, and the client revokes no other")


def _grant(name: str, login: Any) -> Revocable | None:
    field, hint = GRANTS[name]
    token = login.get(field) if isinstance(login, dict) else None
    if not isinstance(token, str) or not token:
        return None
    own = login.get("clientId")
    client = own if isinstance(own, str) and own else CLIENT_ID
    body = {"token": token, "token_type_hint": hint, "client_id": client}
    sealed = Sealed(json.dumps(body, separators=(",", ":")).encode())
    return Revocable(sealed, "" if name == LOGIN else f"of {name}")


ISSUER = Issuer(
    url=URL,
    content_type="application/json",
    overrides=("CLAUDE_CODE_CUSTOM_OAUTH_URL",),
    read=read_revocable,
    ca_variable=bundle_variable,
    authorities=authorities,
    stamp=STAMP,
)
