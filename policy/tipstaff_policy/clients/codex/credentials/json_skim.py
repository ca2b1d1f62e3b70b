"""JSON of any size and depth, cut down to what matters: one pass, without recursion.

The client passes over fields that it does not know, however large they are and however deep they
nest; Python's own reader keeps all of them and stops at some depth. What is cut off is held to
JSON's grammar as strictly as the rest. The text may be of any encoding that ASCII is part of.

Source: tests/conformance/cases_credentials.py (client 0.171.0).
"""

import json
import re
from collections.abc import Collection

from tipstaff_policy.errors import ShapeError

DEEPEST = 128
"""Levels that are kept. The client follows 127 in the one field whose depth it counts."""
FEW = 32

_SPACE = rb"[ \t\n\r]*+"
_TEXT = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_SCALAR = (
    rb"(?:" + _TEXT + rb"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
    rb"|true|false|null)"
)
_NAME = _SPACE + _TEXT + _SPACE + rb":"

# Text without brackets, so the brackets around it can be matched by themselves.
_PLAIN = rb'"[^"\\\[\]{}\x00-\x1f]*+"'
_PLAIN_SCALAR = _SCALAR.replace(_TEXT, _PLAIN)
_PLAIN_NAME = _SPACE + _PLAIN + _SPACE + rb":"
_NEXT = _SPACE + _PLAIN_SCALAR + _SPACE + rb","
_ARRAY = rb"\[(?:" + _NEXT + rb")*+"
_OBJECT = rb"\{" + _PLAIN_NAME + rb"(?:" + _NEXT + _PLAIN_NAME + rb")*+"

SPACE = re.compile(_SPACE)
TEXT = re.compile(_SPACE + rb"(" + _TEXT + rb")")
COLON = re.compile(_SPACE + rb":")
COMMA = re.compile(_SPACE + rb",")
SCALAR = re.compile(_SPACE + _SCALAR)
ARRAY = re.compile(_SPACE + rb"\[")
OBJECT = re.compile(_SPACE + rb"\{")
NAME = re.compile(_NAME)
NEXT_NAME = re.compile(_SPACE + rb"," + _NAME)
END_OF_ARRAY = re.compile(_SPACE + rb"\]")
END_OF_OBJECT = re.compile(_SPACE + rb"\}")
# One step of the machine underneath goes over what would take Python one for each value.
_OPENING = rb"(?:" + _SPACE + rb"(?:" + _ARRAY + rb"|" + _OBJECT + rb"))"
OPENING = re.compile(_OPENING + rb"++")
OPENING_FEW = re.compile(_OPENING + b"{1,%d}+" % FEW)
CLOSING = re.compile(rb"(?:" + _SPACE + rb"[\]}])++")
ITEMS = re.compile(rb"(?:" + _SPACE + rb"," + _SPACE + _SCALAR + rb")++")
MEMBERS = re.compile(rb"(?:" + _SPACE + rb"," + _NAME + _SPACE + _SCALAR + rb")++")

BUT_OPENING = bytes({*range(256)} - {*b"[{"})
BUT_CLOSING = bytes({*range(256)} - {*b"]}"})
OPENED_BY = bytes.maketrans(b"]}", b"[{")
ARRAY_MARK, OBJECT_MARK = b"["[0], b"{"[0]


def skim(text: bytes, fields: Collection[str] | None = None) -> bytes:
    """Return a document without members that are too deep to matter.

    Args:
        text: Without half a character outside of an escape, which the caller has decoded.
        fields: The members of the outermost object that count; None keeps them all.
    Raises:
        ShapeError: It is no JSON.
    """
    walk = _Walk(text)
    if fields is None or not OBJECT.match(text):
        walk.skim_value(keep=True)
    else:
        walk.skim_members(frozenset(fields))
    walk.end()
    return b"".join(walk.kept)


class _Walk:
    """The place reached in a document, and what is kept of the part before it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0
        self.kept: list[bytes] = []

    def end(self) -> None:
        """Require that nothing follows."""
        self._take(SPACE)
        if self.at != len(self.text):
            raise self._fault()

    def skim_members(self, fields: frozenset[str]) -> None:
        """Go over an object, and keep those of its members that count."""
        others = _members_but(fields)
        self._require(OBJECT)
        self.kept.append(b"{")
        if not self._take(END_OF_OBJECT):
            follows, before = True, b""
            while follows:
                name = self._name()
                if name in fields:
                    self.kept += [before, json.dumps(name).encode(), b":"]
                    before = b","
                self.skim_value(keep=name in fields)
                self._take(others)
                follows = self._take(COMMA)
            self._require(END_OF_OBJECT)
        self.kept.append(b"}")

    def _name(self) -> str:
        """Return the name of a member, which must be of whole characters."""
        found = self._require(TEXT)
        if b"\\" not in found[1]:
            name = found[1][1:-1].decode("utf-8", "surrogatepass")
        else:
            name = json.loads(found[1].decode("utf-8", "surrogatepass"))
        if not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name):
            raise ShapeError("the document holds half a character")
        self._require(COLON)
        return name

    def skim_value(self, *, keep: bool) -> None:
        """Go over one value, and keep it as deep as it matters."""
        room = DEEPEST if keep else -1
        around = bytearray()
        follows = True
        while follows:
            if self._take(SCALAR, keep=len(around) <= room) or not self._open(around, room):
                follows = self._go_on(around, room)

    def _open(self, around: bytearray, room: int) -> bool:
        """Enter arrays and objects; return whether a value follows inside."""
        depth = len(around)
        if depth == room:
            self.kept.append(b"0")  # in place of a member that is too deep
        if depth < room < depth + FEW:
            return self._open_one(around)
        found = (OPENING_FEW if depth < room else OPENING).match(self.text, self.at)
        if found is None:  # an empty object, or a name with a bracket in it
            return self._open_one(around, keep=depth < room)
        if depth < room:
            self.kept.append(found[0])
        around += found[0].translate(None, BUT_OPENING)
        self.at = found.end()
        return not (found[0].endswith(b"[") and END_OF_ARRAY.match(self.text, self.at))

    def _open_one(self, around: bytearray, *, keep: bool = True) -> bool:
        if self._take(ARRAY, keep=keep):
            around.append(ARRAY_MARK)
            return not END_OF_ARRAY.match(self.text, self.at)
        self._require(OBJECT, keep=keep)
        around.append(OBJECT_MARK)
        if END_OF_OBJECT.match(self.text, self.at):
            return False
        self._require(NAME, keep=keep)
        return True

    def _go_on(self, around: bytearray, room: int) -> bool:
        """Leave what ends here and step to the next value; return whether there is one."""
        while around:
            inside = len(around) <= room
            in_array = around[-1] == ARRAY_MARK
            self._take(ITEMS if in_array else MEMBERS, keep=inside)
            if self._take(COMMA if in_array else NEXT_NAME, keep=inside):
                return True
            self._close(around, room)
        return False

    def _close(self, around: bytearray, room: int) -> None:
        marks = self._require(CLOSING)[0].translate(None, BUT_CLOSING)
        before = len(around)
        if len(marks) == before + 1:  # the last one belongs to the text around this value
            marks = marks[:-1]
            self.at -= 1
        if not around.endswith(marks[::-1].translate(OPENED_BY)):
            raise self._fault()
        del around[-len(marks) :]
        shown = min(before, room) - min(len(around), room)
        if shown:
            self.kept.append(marks[-shown:])

    def _take(self, pattern: re.Pattern[bytes], *, keep: bool = False) -> bool:
        found = pattern.match(self.text, self.at)
        if found is None:
            return False
        if keep:
            self.kept.append(found[0])
        self.at = found.end()
        return True

    def _require(self, pattern: re.Pattern[bytes], *, keep: bool = False) -> re.Match[bytes]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self._fault()
        if keep:
            self.kept.append(found[0])
        self.at = found.end()
        return found

    def _fault(self) -> ShapeError:
        line = self.text.count(b"\n", 0, self.at) + 1
        return ShapeError(f"is not JSON (line {line})")


def _members_but(fields: frozenset[str]) -> re.Pattern[bytes]:
    """Return a pattern that skips members that do not count, and are easy to recognise."""
    counting = b"|".join(re.escape(field.encode()) for field in sorted(fields))
    name = rb'"(?!(?:' + counting + rb')")[^"\\\x00-\x1f]*+"'
    member = _SPACE + rb"," + _SPACE + name + _SPACE + rb":" + _SPACE + _SCALAR
    return re.compile(rb"(?:" + member + rb")++")
