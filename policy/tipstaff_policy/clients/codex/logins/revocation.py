"""What the client's own `logout` asks the issuer to revoke, and how.

The client revokes one stored login. Here each store that is emptied is asked for, and tokens that
an API key in the same document hides are revoked as well.

Source: tests/conformance/test_revocation.py (client 0.130.0 to 0.169.0).
"""

import json
from typing import Any

from tipstaff_policy.clients.codex.credentials.stored_credentials import read_file_store
from tipstaff_policy.clients.codex.credentials.strict_json import parse_json
from tipstaff_policy.clients.codex.facts.bundle import authorities, bundle_variable
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.interface.issuer import Issuer, NotRevocable, Revocable, Sealed
from tipstaff_policy.errors import EvaluationError, ShapeError
from tipstaff_policy.model.request import Request

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
LENT = "chatgptAuthTokens"
KEYS = (
    "OPENAI_API_KEY",
    "personal_access_token",
    "agent_identity",
    "bedrock_api_key",
    "bedrock_access_keys",
)


def read_revocable(request: Request, home: str, store: str) -> Revocable | NotRevocable:
    """Return what revokes the credential of a store.

    Raises:
        EvaluationError, OSError: The store cannot be read, or holds no document of the client's.
    """
    try:
        text = _text(request, home, store)
        return NotRevocable("holds no credential") if text is None else revocable(text)
    except (ShapeError, RecursionError):
        raise EvaluationError("it holds no document that the client reads") from None


def _text(request: Request, home: str, store: str) -> str | None:
    if store == "file":
        return read_file_store(request, home).decode("utf-8", "replace")
    from tipstaff_policy.clients.codex.credentials import keyring  # noqa: PLC0415 - rarely needed

    return keyring.read_document(settle(request).request, home, store)


def revocable(text: str) -> Revocable | NotRevocable:
    """Return what revokes the tokens of a document.

    Raises:
        ShapeError: It is no JSON as the client reads it.
    """
    document = parse_json(text)
    members = document if isinstance(document, dict) else {}
    keys = [name for name in KEYS if members.get(name)]
    nearby = f"{', '.join(keys)} stays valid until it is revoked where it was made" if keys else ""
    if members.get("auth_mode") == LENT:
        return NotRevocable("its tokens belong to the program that lent them")
    body = _body(members.get("tokens"))
    if body is None:
        return NotRevocable(nearby or "holds no token")
    return Revocable(Sealed(json.dumps(body, separators=(",", ":")).encode()), nearby)


def _body(tokens: Any) -> dict[str, str] | None:
    """Return what the client sends: without its own name where it has the access token alone."""
    found = tokens if isinstance(tokens, dict) else {}
    refresh, access = found.get("refresh_token"), found.get("access_token")
    if isinstance(refresh, str) and refresh:
        return {"token": refresh, "token_type_hint": "refresh_token", "client_id": CLIENT_ID}
    if isinstance(access, str) and access:
        return {"token": access, "token_type_hint": "access_token"}
    return None


ISSUER = Issuer(
    url="https://auth.openai.com/oauth/revoke",
    content_type="application/json",
    overrides=(
        "CODEX_REVOKE_TOKEN_URL_OVERRIDE",
        "CODEX_REFRESH_TOKEN_URL_OVERRIDE",
        "CODEX_APP_SERVER_LOGIN_CLIENT_ID",
    ),
    read=read_revocable,
    ca_variable=lambda request: bundle_variable(settle(request).request),
    authorities=lambda request: authorities(settle(request).request),
)
