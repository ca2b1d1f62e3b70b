"""The claims of a token, read as the client reads them: no signature is checked.

Source: tests/conformance/cases_credentials.py (client 0.169.0).
"""

import binascii

from tipstaff_policy.clients.codex.credentials.strict_json import optional_text, parse_json, struct
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.record import Record

CLAIMS = "https://api.openai.com/auth"
PROFILE = "https://api.openai.com/profile"
TOKEN_FIELDS = ("email", PROFILE, CLAIMS)
CLAIM_FIELDS = (
    "chatgpt_plan_type",
    "chatgpt_user_id",
    "user_id",
    "chatgpt_account_id",
    "chatgpt_account_is_fedramp",
)
SESSION_FIELDS = ("sid", "session_id")
LEAST_PARTS = 3
STANDARD = bytes.maketrans(b"-_", b"+/")


class Claims(Record):
    """What a token says of its owner; None where it says nothing."""

    workspace: str | None = None
    user: str | None = None
    plan: str | None = None
    expires_at: int | None = None
    session: str | None = None
    """The sign-in that it goes back to, which a refresh keeps."""


def read_claims(token: str) -> Claims:
    """Return the claims of a token.

    Raises:
        ShapeError: The client cannot read it.
    """
    parts = token.split(".")
    if len(parts) < LEAST_PARTS or not all(parts[:LEAST_PARTS]):
        raise ShapeError("a token does not have three parts")
    payload = parse_json(_decode(parts[1]))
    members = struct(payload, TOKEN_FIELDS, "a token")
    optional_text(members, "email", "a token's")
    if members.get(PROFILE) is not None:
        optional_text(struct(members[PROFILE], ("email",), "a token's profile"), "email", "its")
    if members.get(CLAIMS) is None:
        return Claims(expires_at=_expiry(members), session=_session(members))
    claims = struct(members[CLAIMS], CLAIM_FIELDS, "a token's claim")
    if not isinstance(claims.get("chatgpt_account_is_fedramp", False), bool):
        raise ShapeError("a token's claim chatgpt_account_is_fedramp is not true or false")
    texts = {name: optional_text(claims, name, "a token's claim") for name in CLAIM_FIELDS[1:4]}
    return Claims(
        workspace=texts["chatgpt_account_id"],
        user=texts["chatgpt_user_id"] if texts["chatgpt_user_id"] is not None else texts["user_id"],
        plan=_plan(claims.get("chatgpt_plan_type")),
        expires_at=_expiry(members),
        session=_session(members),
    )


def _decode(part: str) -> str:
    """Decode base64url without padding; like the client, refuse anything else."""
    try:
        raw = part.encode("ascii")
        if b"+" in raw or b"/" in raw or b"=" in raw:
            raise ShapeError("a token is not base64url")
        data = binascii.a2b_base64(raw.translate(STANDARD) + b"=" * (-len(raw) % 4))
        if binascii.b2a_base64(data, newline=False).rstrip(b"=") != raw.translate(STANDARD):
            raise ShapeError("a token is not base64url")
        return data.decode("utf-8")
    except ValueError:
        raise ShapeError("a token is not base64url of UTF-8") from None


def _plan(value: object) -> str | None:
    if isinstance(value, dict) and len(value) == 1 and None in value.values():
        return str(next(iter(value)))
    return optional_text({"plan": value}, "plan", "a token's claim")


def _session(members: dict[str, object]) -> str | None:
    found = (members.get(name) for name in SESSION_FIELDS)
    return next((session for session in found if isinstance(session, str) and session), None)


def _expiry(members: dict[str, object]) -> int | None:
    expiry = members.get("exp")
    plausible = isinstance(expiry, float) and 0 <= expiry < 1e11
    return int(expiry) if plausible and isinstance(expiry, float) else None
