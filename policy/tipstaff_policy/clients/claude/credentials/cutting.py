"""Members cut out of the client's JSON, and put into it; no start of the client loads it.

Source: tests/clients/claude/test_slots.py (client 2.1.332).
"""

import json
import re
from typing import Any

from tipstaff_policy.clients.claude.credentials.texts import MARK, parse_object
from tipstaff_policy.errors import ShapeError
from tipstaff_policy.parsing.json_members import without_member

BROKEN_KEY = re.compile(rb'("primaryApiKey"\s*:\s*)"(?!")(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)


def without_broken_key(data: bytes) -> bytes | None:
    """Return a document that is no JSON, with an empty text for its key; None where it has none.

    It may end in the middle of the key. Everything else stays, because a person may want it back.
    """
    new = BROKEN_KEY.sub(rb'\1""', data)
    return new if new != data else None


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
