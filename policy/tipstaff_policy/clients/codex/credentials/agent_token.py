"""The identity of an agent as a token: whose it is, once the vendor's keys verify it.

The client reads nothing of it before. A token that it cannot use is not judged: under a forced
workspace the client does not start with it, under an allowed one it starts signed out, and keeps
it.

Source: tests/conformance/test_agent_tokens.py (clients 0.169.0 and 0.171.0).
"""

import binascii
import json
from importlib.util import find_spec
from typing import Any

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.parsing.token_signatures import STANDARD, verify

ISSUER = "https://chatgpt.com/codex-backend/agent-identity"
AUDIENCE = "codex-app-server"
ALGORITHM = "RS256"
LEEWAY_S = 60
"""How long after its end the client still takes a token."""


class UnverifiedError(EvaluationError):
    """The client would not use the token; holds no part of it."""


def can_verify() -> bool:
    """Return whether the library that verifies signatures is there."""
    return find_spec("jwt") is not None


def account_of_token(token: Secret[str], keys: bytes, now: int) -> str:
    """Return the account that a token names.

    Args:
        keys: What the service publishes (RFC 7517).
        now: Seconds since 1970.

    Raises:
        UnverifiedError: The client would not use the token.
        ValueError: The keys are none.
    """
    header, claims = _parts(token.reveal())
    if header.get("alg") != ALGORITHM or not isinstance(header.get("kid"), str):
        raise UnverifiedError("The token is not signed as the vendor signs those of agents")
    named = (key for key in _keys(keys) if key.get("kid") == header["kid"])
    key = next(named, None)
    if key is None or verify(token.reveal(), [json.dumps(key)]) != "trusted":
        raise UnverifiedError("The keys that the vendor publishes do not verify the token")
    if claims.get("iss") != ISSUER or claims.get("aud") != AUDIENCE:
        raise UnverifiedError("The vendor has not made the token for this client")
    ends = claims.get("exp")
    if not isinstance(ends, int) or ends < now - LEEWAY_S:
        raise UnverifiedError("The token has expired")
    account = claims.get("account_id")
    if not isinstance(account, str) or not account:
        raise UnverifiedError("The token names no workspace")
    return account


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the claims of a token, unverified."""
    parts = token.split(".")
    try:
        header, claims = (_document(part) for part in parts[:2])
    except (ValueError, RecursionError):
        raise UnverifiedError("The token is none that the client reads") from None
    return header, claims


def _document(part: str) -> dict[str, Any]:
    raw = part.encode("ascii").translate(STANDARD)
    found = json.loads(binascii.a2b_base64(raw + b"=" * (-len(raw) % 4)))
    if not isinstance(found, dict):
        raise ValueError  # noqa: TRY004 - one fault for every text that is no token
    return found


def _keys(published: bytes) -> list[dict[str, Any]]:
    document = json.loads(published)
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError("no keys")  # noqa: TRY004 - as where it is no JSON
    return [key for key in keys if isinstance(key, dict)]
