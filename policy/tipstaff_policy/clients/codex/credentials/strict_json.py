"""JSON as strictly as the client reads it, where Python's own reader is more forgiving.

Source: tests/conformance/cases_credentials.py (client 0.169.0).
"""

import json
import re
from typing import Any

from tipstaff_policy.errors import ShapeError

HALF = "[\ud800-\udfff]"
"""Half of a character; compiled only for a text that is not ASCII."""


class Members(dict[str, Any]):
    """An object that remembers which names were given twice."""

    doubled: frozenset[str] = frozenset()


def parse_json(text: str) -> Any:
    """Return the value of a JSON text, without what nests too deep to matter.

    Raises:
        ShapeError: Not JSON as the client understands it.
        RecursionError: This process has no room to follow what is left.
    """
    try:
        return _parse(text)
    except RecursionError:
        # The client passes over a field that it does not know, however deep that nests.
        from tipstaff_policy.clients.codex.credentials.json_skim import skim  # noqa: PLC0415 - rare

        return _parse(skim(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass"))


def _parse(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_no_constant,
            parse_int=float,
            parse_float=float,
        )
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise ShapeError("is not JSON" + (f" (line {line})" if line else "")) from None


def struct(value: Any, fields: tuple[str, ...], what: str, *, least: int = 0) -> dict[str, Any]:
    """Return the members of an object, or of a list that gives them in the client's order.

    Args:
        least: How many members a list must give.
    Raises:
        ShapeError: Neither of the two, a known member twice, or a name that is no text.
    """
    if isinstance(value, list) and least <= len(value) <= len(fields):
        return dict(zip(fields, value, strict=False))
    if not isinstance(value, Members):
        raise ShapeError(f"{what} is not an object")
    if value.doubled & set(fields):
        raise ShapeError(f"{what} names a field twice")
    require_text("".join(value), what)
    return value


def optional_text(members: dict[str, Any], name: str, what: str) -> str | None:
    """Return a member that is text or missing."""
    value = members.get(name)
    return None if value is None else require_text(value, f"{what} {name}")


def require_text(value: Any, what: str) -> str:
    """Return a value that must be text made of real characters."""
    if not isinstance(value, str):
        raise ShapeError(f"{what} is not text")
    if not value.isascii() and re.search(HALF, value):
        raise ShapeError(f"{what} holds half a character")
    return value


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) < len(pairs):
        once: set[str] = set()
        twice: set[str] = set()
        for name, _ in pairs:
            (twice if name in once else once).add(name)
        members.doubled = frozenset(twice)
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
