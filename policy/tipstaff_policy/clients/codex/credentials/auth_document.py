"""``auth.json``: from bytes to a credential that holds no secret.

Source: tests/conformance/cases_credentials.py (client 0.169.0).
"""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.credentials.strict_json import (
    optional_text,
    parse_json,
    require_text,
    struct,
)
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.state import HeldCredential, UnreadableCredential, WorkspaceClaims
from tipstaff_policy.parsing.masks import mask_text
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # loaded only where there is a policy, or a token
    from tipstaff_policy.clients.codex.credentials.fingerprints import Keys
    from tipstaff_policy.clients.codex.credentials.tokens import Claims

METHOD_OF_KIND = {
    "apikey": "api",
    "bedrockApiKey": "api",
    "bedrockAccessKeys": "api",
    "chatgpt": "chatgpt",
    "chatgptAuthTokens": "chatgpt",
    "agentIdentity": "chatgpt",
    "personalAccessToken": "chatgpt",
}
KINDS = (*METHOD_OF_KIND, "headers")
FIELDS = (
    "auth_mode",
    "OPENAI_API_KEY",
    "tokens",
    "last_refresh",
    "agent_identity",
    "personal_access_token",
    "bedrock_api_key",
    "bedrock_access_keys",
)
BEDROCK_FIELDS = {
    "bedrock_api_key": ("api_key", "region"),
    "bedrock_access_keys": ("access_key_id", "secret_access_key", "region", "session_token"),
}
TOKEN_FIELDS = (
    "id_token",
    "access_token",
    "refresh_token",
    "account_id",
    "oauth_provenance",
    "login_owner_id",
)
PROVENANCE_FIELDS = ("issuer", "client_id")
SKIMMED_ABOVE = 1 << 16
"""Bytes. Above, what the client passes over is cut off before anything else is looked at."""
CHUNK = 1 << 20
MATERIAL = {
    "apikey": "OPENAI_API_KEY",
    "personalAccessToken": "personal_access_token",
    "agentIdentity": "agent_identity",
    "bedrockApiKey": "bedrock_api_key",
    "bedrockAccessKeys": "bedrock_access_keys",
}
"""The field without which a document of that kind is unreadable."""
ASKS = {"personalAccessToken": "whoami", "agentIdentity": "jwks"}

UNSENDABLE = frozenset(map(chr, (*range(9), *range(10, 32), 127)))
"""What no header of a request carries: control characters, the tab apart."""
TIME = (
    r"\s*([+-]\d+|\d{1,4})-(\d{1,2})-(\d{1,2})[Tt\s]\s*(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?\s*"
    r"(?:[Zz]|([+\-\u2212])(\d\d)\s*:?\s*(\d\d))\s*"
)
"""RFC 3339, and what the client's parser also accepts."""


class Login(Record):
    """A credential with its owner, which must not go into any value that is kept."""

    content: HeldCredential | UnreadableCredential
    user: str | None = None


def parse_auth_document(
    data: bytes, unknown_fields: tuple[str, ...] = (), keys: "Keys | None" = None
) -> Login:
    """Return the credential of a document; no part of a secret is kept.

    Args:
        unknown_fields: Those that the version of the client does not know.
        keys: The organisation's, where a policy names any.
    """
    fields = _without(FIELDS, unknown_fields)
    try:
        document = struct(parse_json(_text(data, fields)), fields, "the document", least=2)
        members = _only(document, fields)
        login = _credential(members, unknown_fields)
        return login._replace(content=_with_key_facts(login.content, members, keys))
    except UnicodeDecodeError:
        return Login(UnreadableCredential("is not UTF-8", "refuse"))
    except ShapeError as error:
        return Login(UnreadableCredential(str(error), "refuse"))
    except RecursionError:
        return Login(UnreadableCredential("is nested too deeply to be followed", "unknown"))


def _text(data: bytes, fields: tuple[str, ...]) -> str:
    if len(data) > SKIMMED_ABOVE:
        from tipstaff_policy.clients.codex.credentials.json_skim import skim  # noqa: PLC0415 - rare

        _require_utf8(data)
        data = skim(data, fields)
    return data.decode("utf-8")


def _require_utf8(data: bytes) -> None:
    """Read a document as text piece by piece, because it may be larger than it can be kept twice.

    Raises:
        UnicodeDecodeError: It is none.
    """
    from codecs import getincrementaldecoder  # noqa: PLC0415 - rare

    decoder = getincrementaldecoder("utf-8")()
    for begin in range(0, len(data), CHUNK):
        decoder.decode(data[begin : begin + CHUNK])
    decoder.decode(b"", final=True)


def _with_key_facts(
    found: HeldCredential | UnreadableCredential, document: dict[str, Any], keys: "Keys | None"
) -> HeldCredential | UnreadableCredential:
    if keys is None or not isinstance(found, HeldCredential):
        return found
    from tipstaff_policy.clients.codex.credentials.fingerprints import (  # noqa: PLC0415 - only with a policy
        add_key_facts,
    )

    return add_key_facts(found, _secret(document, MATERIAL.get(found.kind, "tokens")), keys)


def _secret(document: dict[str, Any], field: str) -> Any:
    """Return a field that was read before: text, or the members of a record by name."""
    value = document.get(field)
    if value is None or isinstance(value, str):
        return value
    return struct(value, BEDROCK_FIELDS.get(field, TOKEN_FIELDS), "the field")


def _without(fields: tuple[str, ...], unknown: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field for field in fields if field not in unknown)


def _only(members: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: members[name] for name in fields if name in members}


def _credential(document: dict[str, Any], unknown_fields: tuple[str, ...]) -> Login:
    mode = _mode(document.get("auth_mode"))
    if mode and MATERIAL.get(mode) in unknown_fields:
        raise ShapeError("the field auth_mode names a kind that this version does not know")
    for field in ("OPENAI_API_KEY", "personal_access_token"):
        optional_text(document, field, "the field")
    for field, members in BEDROCK_FIELDS.items():
        _require_bedrock(document.get(field), members)
    refreshed = _time(document.get("last_refresh"))
    tokens = _tokens(document.get("tokens"), unknown_fields)
    account = _agent_account(document.get("agent_identity"))
    kind = mode or _infer_kind(document)
    if kind == "headers":
        what = "holds headers, which the client never loads"
        return Login(UnreadableCredential(what, "refuse", method="chatgpt"))
    if kind in MATERIAL and document.get(MATERIAL[kind]) is None:
        what = f"is of kind {kind} and has no {MATERIAL[kind]}"
        return Login(UnreadableCredential(what, "refuse", method=METHOD_OF_KIND[kind]))
    held = _make_held(kind, tokens, refreshed, document.get("last_refresh") is not None)
    if kind == "agentIdentity" and account is not None:
        held = held._replace(claims=WorkspaceClaims(account_id=account))
    held = held._replace(sendable=_is_sendable(kind, document))
    return Login(held, tokens[1].user if tokens else None)


def _agent_account(value: Any) -> str | None:
    """Return the account of an agent's identity; None for a token, which only the service reads."""
    if value is None or isinstance(value, str):
        require_text(value or "", "the field agent_identity")
        return None
    from tipstaff_policy.clients.codex.credentials.agent_record import (  # noqa: PLC0415 - rare
        account_of,
    )

    return account_of(value)


def _make_held(
    kind: str,
    tokens: "tuple[WorkspaceClaims, Claims, Claims] | None",
    refreshed: int | None,
    has_refresh: bool,  # noqa: FBT001 - one of two facts about the same field
) -> HeldCredential:
    method = METHOD_OF_KIND[kind]
    if kind in MATERIAL:
        ask = ASKS.get(kind)
        return HeldCredential(kind, method, ask=ask)
    if tokens is None:
        return HeldCredential(kind, method, usable=False, last_refresh=refreshed)
    workspace, identity, access = tokens
    return HeldCredential(
        kind,
        method,
        usable=has_refresh,
        claims=workspace,
        plan=identity.plan and mask_text(identity.plan),
        last_refresh=refreshed,
        expires_at=access.expires_at,
    )


def _is_sendable(kind: str, document: dict[str, Any]) -> bool:
    """Return whether the client can put the secret into the header of a request.

    Source: tests/conformance/test_sendable.py (client 0.169.0).
    """
    tokens = document.get("tokens")
    secret = document.get("OPENAI_API_KEY") if kind == "apikey" else None
    if kind in ("chatgpt", "chatgptAuthTokens") and isinstance(tokens, dict):
        secret = tokens.get("access_token")
    return not (isinstance(secret, str) and not UNSENDABLE.isdisjoint(secret))


def _mode(value: Any) -> str | None:
    if isinstance(value, dict) and len(value) == 1 and None in value.values():
        value = next(iter(value))
    if value is not None and value not in KINDS:
        raise ShapeError("the field auth_mode names no kind of credential")
    return value  # type: ignore[no-any-return]


def _infer_kind(document: dict[str, Any]) -> str:
    order = ("personalAccessToken", "bedrockApiKey", "bedrockAccessKeys", "apikey")
    present = (kind for kind in order if document.get(MATERIAL[kind]) is not None)
    return next(present, "chatgpt")


def _require_bedrock(value: Any, fields: tuple[str, ...]) -> None:
    if value is None:
        return
    members = struct(value, fields, "a Bedrock credential")
    for name in fields:
        if name != "session_token":
            require_text(members.get(name), "a Bedrock credential's field")
    optional_text(members, "session_token", "a Bedrock credential's")


def _tokens(
    value: Any, unknown_fields: tuple[str, ...]
) -> "tuple[WorkspaceClaims, Claims, Claims] | None":
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ShapeError("the field tokens is not an object")
    from tipstaff_policy.clients.codex.credentials.tokens import (  # noqa: PLC0415 - not for a key
        Claims,
        read_claims,
    )

    fields = _without(TOKEN_FIELDS, unknown_fields)
    members = _only(struct(value, fields, "the field tokens"), fields)
    for name in TOKEN_FIELDS[:3]:
        require_text(members.get(name), f"tokens.{name}")
    account = optional_text(members, "account_id", "tokens")
    optional_text(members, "login_owner_id", "tokens")
    if members.get("oauth_provenance") is not None:
        provenance = struct(members["oauth_provenance"], PROVENANCE_FIELDS, "oauth_provenance")
        for name in PROVENANCE_FIELDS:
            require_text(provenance.get(name), f"oauth_provenance.{name}")
    identity = read_claims(members["id_token"])
    try:
        access = read_claims(members["access_token"])
    except (ShapeError, RecursionError):
        access = Claims()  # an access token may be readable only by the service
    same_user = identity.user == access.user
    claims = WorkspaceClaims(
        identity.workspace and mask_text(identity.workspace),
        access.workspace and mask_text(access.workspace),
        account and mask_text(account),
        same_user,
    )
    return claims, identity, access


def _time(value: Any) -> int | None:
    """Return seconds since 1970; None for no time, or for one beyond Python's calendar."""
    if value is None:
        return None
    text = require_text(value, "the field last_refresh").strip(WHITE_SPACE)
    usual = _usual_time(text)
    return _any_time(text) if usual is None else usual


def _usual_time(text: str) -> int | None:
    """Return what a time as the client itself writes it means; None for any other text.

    No more than a start of the guard needs: making the pattern for all times takes longer than
    everything else that is done with the document.
    """
    whole, dot, part = text.removesuffix("Z").partition(".")
    fits = len(whole) == 19 and whole[4::3] == "--T::" and text.isascii() and text[-1] == "Z"
    if not fits or (dot and not part.isdigit()):
        return None
    try:
        return int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    except ValueError:
        return None


def _any_time(text: str) -> int | None:
    found = re.fullmatch(TIME, text)
    if not found:
        raise ShapeError("the field last_refresh is not a time by RFC 3339")
    year, month, day, hour, minute, second = (int(group) for group in found.groups()[:6])
    sign, hours, minutes = found[8], int(found[9] or 0), int(found[10] or 0)
    # A calendar repeats every 400 years, so that any year is checked by one that Python has.
    familiar = 2000 + year % 400
    try:
        moment = datetime(familiar, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        offset = timedelta(hours=hours, minutes=minutes)
    except ValueError:
        raise ShapeError("the field last_refresh is no moment of the calendar") from None
    if second > 60 or hours > 23 or minutes > 59:
        raise ShapeError("the field last_refresh is no moment of the clock")
    try:
        moment = moment.replace(year=year)
    except ValueError:
        return None
    return int(moment.timestamp()) + (1 if sign in ("-", "\u2212") else -1) * int(
        offset.total_seconds()
    )
