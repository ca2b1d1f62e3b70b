"""Compare two logins in memory; only a word about their relation leaves this module.

Source: tests/policy/clients/test_logins.py.
"""

from typing import Any

from tipstaff_policy.clients.codex.credentials.auth_document import (
    BEDROCK_FIELDS,
    parse_auth_document,
)
from tipstaff_policy.clients.codex.credentials.strict_json import parse_json
from tipstaff_policy.clients.interface.stores import Document, Relation
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.model.state import HeldCredential
from tipstaff_policy.record import Record

SHORTEST = 12
"""Characters of a secret below which finding it somewhere would prove nothing."""
TOKENS = ("refresh_token", "access_token")
"""An id token alone is not enough to sign in."""
CONTAINERS = ("tokens", *BEDROCK_FIELDS, "agent_identity")
SECRET_NAMES = (
    *TOKENS,
    "OPENAI_API_KEY",
    "personal_access_token",
    "agent_identity",
    "private_key",
    "api_key",
    "secret_access_key",
    "session_token",
)


class Known(Record):
    """A login to compare with; it appears in no output."""

    document: Document
    secrets: tuple[Document, ...]


class _Identity(Record):
    kind: str
    user: str | None
    account: str | None
    moments: tuple[int | None, int | None]
    """When it was last refreshed, and when its access token ends."""


def know_login(document: Document) -> Known:
    """Return a login with the secrets by which a copy of it is found."""
    texts = dict.fromkeys(_secrets(_members(document)))
    return Known(document, tuple(Document(text) for text in texts if len(text) >= SHORTEST))


def identify_text(secret: str) -> Known:
    """Return a login that is one text, as a variable holds it."""
    secrets = (Document(secret),) if len(secret) >= SHORTEST else ()
    return Known(Document(""), secrets)


def relation(one: Document, other: Document) -> Relation:
    """Return how a login stands to another."""
    mine, theirs = set(_secrets(_members(one))), set(_secrets(_members(other)))
    if one == other or mine & theirs:
        return "same login"
    here, there = _identity(one), _identity(other)
    if here is None or there is None or not _same_account(here, there):
        return "another login"
    words: dict[bool | None, Relation] = {
        True: "same account, newer token",
        False: "same account, older token",
        None: "same account, another token",
    }
    return words[_is_newer(here, there)]


def supersedes(one: Document, other: Document) -> bool | None:
    """Return whether a login is the newer state of another; None if unknown."""
    if set(_secrets(_members(one))) == set(_secrets(_members(other))):
        return False
    here, there = _identity(one), _identity(other)
    if here is None or there is None or not _same_account(here, there):
        return None
    return _is_newer(here, there)


def _is_newer(one: _Identity, other: _Identity) -> bool | None:
    for mine, theirs in zip(one.moments, other.moments, strict=True):
        if mine is not None and theirs is not None and mine != theirs:
            return mine > theirs
    return None


def _same_account(one: _Identity, other: _Identity) -> bool:
    """Return whether both name the same user in the same workspace; a key names no user."""
    named = one.user is not None and one.kind == other.kind == "chatgpt"
    return named and (one.user, one.account) == (other.user, other.account)


def _identity(document: Document) -> _Identity | None:
    login = parse_auth_document(document.reveal().encode("utf-8", "surrogateescape"))
    held = login.content
    if not isinstance(held, HeldCredential):
        return None
    kind = "chatgpt" if held.kind == "chatgptAuthTokens" else held.kind
    return _Identity(kind, login.user, held.claims.id_token, (held.last_refresh, held.expires_at))


def is_login(document: Document) -> bool:
    """Return whether a user could sign in by a document."""
    login = parse_auth_document(document.reveal().encode("utf-8", "surrogateescape"))
    held = login.content
    return isinstance(held, HeldCredential) and any(_secrets(_members(document)))


def _members(document: Document) -> dict[str, Any]:
    try:
        value = parse_json(document.reveal())
    except (ShapeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _secrets(members: dict[str, Any]) -> list[str]:
    """Return every secret of a document, whatever its kind."""
    places = [members, *(members.get(container) for container in CONTAINERS)]
    found = (
        place.get(name) for place in places if isinstance(place, dict) for name in SECRET_NAMES
    )
    return [secret for secret in found if isinstance(secret, str) and secret]
