"""The client's JSON, as its own parser takes it, and members cut out of it.

Source: tests/clients/claude/test_credentials.py (client 2.1.332).
"""

import json
import re
from typing import Any

from tipstaff_policy.errors import ShapeError
from tipstaff_policy.parsing.json_members import without_member

MARK = b"\xef\xbb\xbf"
BROKEN_KEY = re.compile(rb'("primaryApiKey"\s*:\s*)"(?!")(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
LONGEST_NUMBER = 400
"""Digits; Python refuses to read much longer ones, which the client reads."""


def parse_object(data: bytes, *, mark: bool = False) -> dict[str, Any] | None:
    """Return the members of a document; None for what the client takes for no object.

    Args:
        mark: Whether a byte order mark may stand before it.

    Raises:
        RecursionError: It is nested deeper than can be read here.
    """
    try:
        found = _parse(data, mark=mark)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def is_value(data: bytes, *, mark: bool = False) -> bool:
    """Return whether a document is JSON, of any kind.

    Raises:
        RecursionError: It is nested deeper than can be read here.
    """
    try:
        _parse(data, mark=mark)
    except ValueError:
        return False
    return True


def without_broken_key(data: bytes) -> bytes | None:
    """Return a document that is no JSON, with an empty text for its key; None where it has none.

    It may end in the middle of the key. Everything else stays, because a person may want it back.
    """
    new = BROKEN_KEY.sub(rb'\1""', data)
    return new if new != data else None


def _parse(data: bytes, *, mark: bool) -> Any:
    text = (data.removeprefix(MARK) if mark else data).decode("utf-8", "replace")
    return json.loads(text, parse_constant=_no_constant, parse_int=_number)


def without_members(data: bytes, names: tuple[str, ...]) -> bytes | None:
    """Return a document without some members, every other byte as it was; None without any.

    Raises:
        ShapeError: It is no document of members; the message never quotes it.
    """
    mark = MARK if data.startswith(MARK) else b""
    # Byte for byte, because the client also reads what is no UTF-8.
    text = data[len(mark) :].decode("latin-1").encode()
    changed = False
    for name in names:
        rest = without_member(text, (name,))
        text, changed = (text, changed) if rest is None else (rest, True)
    return mark + text.decode().encode("latin-1") if changed else None


def with_members(data: bytes, members: dict[str, Any], names: tuple[str, ...]) -> bytes:
    """Return a document with some members, and without the earlier ones of some names.

    Raises:
        ShapeError: It is no document of members.
    """
    rest = without_members(data, names) or data
    if parse_object(rest, mark=True) is None:
        raise ShapeError("is no JSON object")
    if not members:
        return rest
    start = rest.index(b"{") + 1
    comma = b"" if rest[start:].strip() == b"}" else b","
    return rest[:start] + json.dumps(members)[1:-1].encode() + comma + rest[start:]


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < LONGEST_NUMBER else float("inf")
