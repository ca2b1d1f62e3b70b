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
HINT = "refresh_token"
FURTHER = ("designOauth", "chatHistoryOauth", "cloudSessionsOauth", "hybridOauth", "mcpOAuth")
"""Other logins of the document, each with a grant of its own at its issuer."""
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
    """Return what revokes the login of a document's members."""
    further = [name for name in FURTHER if members.get(name)]
    nearby = f"{', '.join(further)} stays valid until it is revoked by itself" if further else ""
    login = members.get(LOGIN)
    refresh = login.get("refreshToken") if isinstance(login, dict) else None
    if isinstance(login, dict) and isinstance(refresh, str) and refresh:
        own = login.get("clientId")
        body = {
            "token": refresh,
            "token_type_hint": HINT,
            "client_id": own if isinstance(own, str) and own else CLIENT_ID,
        }
        return Revocable(Sealed(json.dumps(body, separators=(",", ":")).encode()), nearby)
    if members.get(KEY):
        return NotRevocable(CONSOLE)
    return NotRevocable(nearby or "holds no refresh token, and the client revokes no other")


ISSUER = Issuer(
    url=URL,
    content_type="application/json",
    overrides=("CLAUDE_CODE_CUSTOM_OAUTH_URL",),
    read=read_revocable,
    ca_variable=bundle_variable,
    authorities=authorities,
)
