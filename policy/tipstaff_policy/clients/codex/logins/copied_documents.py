"""Logins in the shapes in which other programs keep them, as documents of the client's own.

A switcher keeps a list of accounts, another editor names the fields otherwise, a database holds
the document as text. What is no login of this client is left alone: other programs sign in by
tokens of the same names.

Source: docs/credentials.md; tests/policy/clients/test_copied_documents.py.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tipstaff_policy.clients.codex.credentials.tokens import read_claims
from tipstaff_policy.clients.interface.stores import Document
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.record import Record

OWN_FIELDS = ("tokens", "OPENAI_API_KEY", "personal_access_token")
REFRESH = ("refresh_token", "refreshToken", "refresh")
ACCESS = ("access_token", "accessToken", "access")
IDENTITY = ("id_token", "idToken")
ACCOUNT = ("account_id", "accountId", "chatgpt_account_id")
KEY = ("key", "apiKey", "api_key")
SHORTEST = 12
"""Characters of a token; what is shorter is a word."""
OURS = re.compile(r"(?i)codex|openai|chatgpt")
"""Names that show whose logins are below them."""
BEGINNING = re.compile(
    rb'\{\s*\\?"(?:auth_mode|OPENAI_API_KEY|tokens|last_refresh|personal_access_token|id_token|'
    rb'refresh_token|access_token|bedrock_api_key|bedrock_access_keys|agent_identity)\\?"'
)
"""How a login begins that stands in the middle of another text."""
EMBEDDED_LIMIT = 16
VALUE_LIMIT = 200_000
"""Values of one JSON file that are looked at."""


class Kept(Record):
    """A login that another program keeps."""

    document: Document
    """The client's own document with the same secrets."""
    is_whole: bool = True
    """Whether it shows whose login it is; otherwise only its secrets can be compared."""


def find_kept(data: bytes, *, ours: bool = False) -> Iterator[Kept]:
    """Give every login in a text: one that is JSON, or holds some.

    Args:
        ours: Whether the place is one of this client's, or of a program for it.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = [*_find_embedded(data)]
    yield from _logins(value, ours=ours)


def _find_embedded(data: bytes) -> Iterator[Any]:
    """Give the objects that begin as a login does, each read as far as it goes."""
    reader = json.JSONDecoder()
    end = 0
    for number, found in enumerate(BEGINNING.finditer(data)):
        if number >= EMBEDDED_LIMIT:
            return
        if found.start() < end:
            continue
        escaped = b'\\"' in found[0]
        text = data[found.start() :].decode("utf-8", "replace")
        text = text.replace('\\"', '"') if escaped else text
        try:
            value, length = reader.raw_decode(text)
        except (ValueError, RecursionError):
            continue
        end = found.start() + length
        yield value


def _logins(value: Any, *, ours: bool) -> Iterator[Kept]:
    pending: list[tuple[Any, bool]] = [(value, ours)]
    for _ in range(VALUE_LIMIT):
        if not pending:
            return
        found_value, of_ours = pending.pop()
        if isinstance(found_value, list):
            pending += ((inner, of_ours) for inner in found_value)
        elif isinstance(found_value, str) and found_value.lstrip()[:1] in ("{", "["):
            inner = _parse(found_value)
            pending += [(inner, of_ours)] if inner is not None else []
        elif isinstance(found_value, dict):
            kept = _login(found_value, ours=of_ours)
            if kept is not None:
                yield kept
            pending += (
                (inner, of_ours or bool(OURS.search(name)))
                for name, inner in found_value.items()
                if name != "tokens" or kept is None
            )


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _login(record: dict[str, Any], *, ours: bool) -> Kept | None:
    """Return the login that a record is, None where it is none."""
    if any(field in record for field in OWN_FIELDS):
        return Kept(Document(json.dumps(record)))
    refresh, access = _text(record, REFRESH), _text(record, ACCESS)
    identity = _text(record, IDENTITY)
    moment = record.get("last_refresh")
    dated = {"last_refresh": moment} if isinstance(moment, str) else {}
    if {"id_token", "refresh_token", "access_token"} <= record.keys():
        return Kept(Document(json.dumps({**dated, "tokens": record})))
    if refresh or (access and _is_of_the_service(access)):
        named = next(
            (token for token in (identity, access) if token and _is_of_the_service(token)), ""
        )
        if not (ours or named):
            return None
        tokens = {"id_token": named, "access_token": access, "refresh_token": refresh}
        account = _text(record, ACCOUNT)
        tokens |= {"account_id": account} if account else {}
        return Kept(Document(json.dumps({**dated, "tokens": tokens})), bool(named))
    key = _text(record, KEY)
    if ours and key.startswith("sk-"):
        return Kept(Document(json.dumps({"OPENAI_API_KEY": key})))
    return None


def _text(record: dict[str, Any], names: tuple[str, ...]) -> str:
    found = (record.get(name) for name in names)
    return next((e for e in found if isinstance(e, str) and len(e) >= SHORTEST), "")


def _is_of_the_service(token: str) -> bool:
    """Return whether a token has the claims by which this client identifies its owner."""
    try:
        claims = read_claims(token)
    except (ShapeError, RecursionError):
        return False
    return any(claim is not None for claim in (claims.workspace, claims.user, claims.plan))
