"""The client's JSON, as its own parser takes it, and members cut out of it.

Source: tests/clients/claude/test_credentials.py (client 2.1.332).
"""

import json
from typing import Any

MARK = b"\xef\xbb\xbf"
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


def _parse(data: bytes, *, mark: bool) -> Any:
    text = (data.removeprefix(MARK) if mark else data).decode("utf-8", "replace")
    return json.loads(text, parse_constant=_no_constant, parse_int=_number)


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < LONGEST_NUMBER else float("inf")
