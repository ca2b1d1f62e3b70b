"""What the organisation's keys show of a credential: who signed its tokens, and its fingerprint.

Source: tests/policy/clients/test_keyed.py.
"""

from typing import Any

from tipstaff_policy.clients.codex.credentials.tokens import Claims, read_claims
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.model.state import HeldCredential, Signature
from tipstaff_policy.parsing.token_signatures import is_signed_token, verify, worst
from tipstaff_policy.record import Record


class Keys(Record):
    """The keys that the organisation's policy names."""

    trusted: tuple[str, ...] | None
    fleet: FleetKey | None


def add_key_facts(held: HeldCredential, secret: Any, keys: Keys) -> HeldCredential:
    """Return a credential with these facts; nothing of the secret is kept.

    Args:
        secret: The tokens of a login; of another kind the text or the record that is the secret.
    """
    tokens = secret if held.method == "chatgpt" and isinstance(secret, dict) else None
    if tokens and keys.trusted is not None:
        held = held._replace(signature=_signature(tokens, keys.trusted))
    if secret and keys.fleet:
        parts = _same_over_a_refresh(tokens) if tokens else (held.kind, *_texts(secret))
        held = held._replace(fingerprint=_fingerprint(parts, keys.fleet))
    return held


def _signature(tokens: dict[str, Any], trusted: tuple[str, ...]) -> Signature:
    """Judge the id token, and the access token wherever its claims could count."""
    identity, access = tokens["id_token"], tokens["access_token"]
    judged = [identity]
    if is_signed_token(access) or _claims(access) is not None:
        judged.append(access)
    return worst(verify(signed, trusted) for signed in judged)


def _same_over_a_refresh(tokens: dict[str, Any]) -> tuple[str, ...]:
    """Return user, account and session; nothing if they would not distinguish two logins."""
    found = [_claims(tokens[name]) or Claims() for name in ("id_token", "access_token")]
    user, account, session = (
        next((claim for claim in claims if claim is not None), None)
        for claims in (
            [claims.user for claims in found],
            [claims.workspace for claims in found],
            [claims.session for claims in found],
        )
    )
    if user is None and session is None:
        return ()
    return ("chatgpt", *(part or "" for part in (user, account, session)))


def _claims(token: str) -> Claims | None:
    try:
        return read_claims(token)
    except (ShapeError, RecursionError):
        return None


def _texts(secret: Any) -> tuple[str, ...]:
    """Return the parts of a secret by name, without a session's, which changes by itself."""
    if isinstance(secret, str):
        return (secret,)
    return tuple(str(secret[name]) for name in sorted(secret) if name != "session_token")


def _fingerprint(parts: tuple[str, ...], key: FleetKey) -> str | None:
    if not parts:
        return None
    import hashlib  # noqa: PLC0415 - only where a policy has a fleet key
    import hmac  # noqa: PLC0415

    # Each part with its length, so that no two lists of parts run together alike.
    message = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return hmac.new(key.reveal().encode(), message, hashlib.sha256).hexdigest()
