"""Taking a member out of a JSON document, so that every other byte of it stays as it is.

Comments and commas behind the last member, which some clients allow in their settings, are kept.
"""

import json
import re

from tipstaff_policy.errors import ShapeError

SPACE = re.compile(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
PLAIN = re.compile(r"(?:true|false|null|-?[0-9][0-9.eE+-]*)(?=[\s,\]}/]|\Z)")
MARK = "\ufeff"
DEPTH_LIMIT = 200


def without_member(data: bytes, path: tuple[str, ...]) -> bytes | None:
    """Return a document without a member, also where it stands there twice; None without one.

    Args:
        path: The names of the objects around it, then its own.

    Raises:
        ShapeError: It is no document of members; the message never quotes it.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ShapeError("is no UTF-8") from None
    spans = _Reader(text).spans(path)
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text.encode() if spans else None


class _Reader:
    """Goes through a document once, and notes what is to be cut."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[tuple[int, int]] = []

    def spans(self, path: tuple[str, ...]) -> list[tuple[int, int]]:
        """Return what to cut, in the order of the document; the parts never overlap."""
        start = self._skip(len(MARK) if self._text.startswith(MARK) else 0)
        end = self._skip(self._value(start, path, DEPTH_LIMIT))
        if end != len(self._text):
            raise ShapeError("continues after its end")
        return self._found

    def _skip(self, at: int) -> int:
        found = SPACE.match(self._text, at)
        return found.end() if found else at

    def _value(self, at: int, path: tuple[str, ...], depth: int) -> int:
        """Return where a value ends; the members on a path below it are noted."""
        if not depth:
            raise ShapeError("is nested too deeply")
        match self._text[at : at + 1]:
            case "{":
                return self._object(at + 1, path, depth - 1)
            case "[":
                return self._array(at + 1, depth - 1)
            case '"':
                return self._string(at)
            case _:
                return self._end_of(PLAIN, at)

    def _string(self, at: int) -> int:
        return self._end_of(STRING, at)

    def _end_of(self, pattern: re.Pattern[str], at: int) -> int:
        found = pattern.match(self._text, at)
        if not found:
            raise ShapeError("is no JSON")
        return found.end()

    def _array(self, at: int, depth: int) -> int:
        at = self._skip(at)
        while self._text[at : at + 1] != "]":
            at = self._skip(self._value(at, (), depth))
            at = self._next(at, "]")
        return at + 1

    def _next(self, at: int, closing: str) -> int:
        """Return where the next item begins, or where the closing mark stands."""
        if self._text[at : at + 1] == ",":
            return self._skip(at + 1)
        if self._text[at : at + 1] != closing:
            raise ShapeError("is no JSON")
        return at

    def _object(self, at: int, path: tuple[str, ...], depth: int) -> int:
        at = self._skip(at)
        kept: int | None = None
        while self._text[at : at + 1] != "}":
            end_of_name = self._string(at)
            name = _name(self._text[at:end_of_name])
            colon = self._skip(end_of_name)
            if self._text[colon : colon + 1] != ":":
                raise ShapeError("is no JSON")
            below = path[1:] if path and name == path[0] else ()
            end = self._value(self._skip(colon + 1), below, depth)
            following = self._next(self._skip(end), "}")
            if path == (name,):
                self._cut(at, end, following, kept)
            else:
                kept = end
            at = following
        return at + 1

    def _cut(self, at: int, end: int, following: int, kept: int | None) -> None:
        """Note a member with the comma behind it; with the one before it, where it is the last.

        Args:
            kept: Where the last member before it ends that stays; None where there is none.
        """
        is_last = self._skip(end) == following
        span = (kept, end) if is_last and kept is not None else (at, following)
        while self._found and self._found[-1][0] >= span[0]:
            self._found.pop()
        self._found.append(span)


def _name(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        raise ShapeError("is no JSON") from None
