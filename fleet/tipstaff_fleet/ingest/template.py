r"""What a simulation reads of a report, apart from what differs between equal hosts.

The state of every host is another text, because it holds the person's home and moments; with these
taken out, most hosts of a fleet share a few. A template is that text with marks in their place, and
filling the marks in again gives the text back, byte for byte.

JSON without white space holds no control characters, so that those in a template are marks alone.
"""

import hashlib
import re
from typing import NamedTuple

import msgspec

PERSON, FOLDER = b"\x01", b"\x02"
"""The person's home, and the folder where the client ran."""
VALUES = (
    (b'"evaluated_at":', b"\x03"),
    (b'"last_refresh":', b"\x04"),
    (b'"expires_at":', b"\x05"),
    (b'"fingerprint":"', b"\x06"),
    (b'"sha256":"', b"\x07"),
    (b'"line":', b"\x08"),
    (b'"owner":', b"\x0b"),
    (b'"owner_expected":', b"\x0c"),
)
"""What stands before a number or a digest, and its mark."""
IDS = tuple(b'"%s":"' % name for name in (b"id_token", b"access_token", b"account_id", b"value"))
"""What stands before the id of whose login it is."""
ID_MARKS = tuple(bytes([code]) for code in range(0x0E, 0x1E))
"""One for each id, in their order; what is beyond them stays in the template."""
_ID_LENGTH = 36
OFTEN = 64
"""Texts of a template after which its pattern is made, which takes as long as 200 texts."""
PATTERNS = 8
"""Each is tried, one after the other."""
TEMPLATES_COUNTED = 10_000
_KEYS = tuple(key[1:] for key in (*(key for key, _ in VALUES), *IDS))
_TAKEN = re.compile(
    b'("(?=[%s])(?:%s))([0-9a-f-]+)(?=[,}"])'
    % (b"".join(sorted({key[:1] for key in _KEYS})), b"|".join(map(re.escape, _KEYS)))
)
"""Whole values alone, so that a mark is never put into another kind of value.

The first letters stand before the keys because most keys begin with another one.
"""
_MARKS = {key: (place, mark) for place, (key, mark) in enumerate(VALUES)}
_PLACES = {mark: place for place, mark in enumerate((*(mark for _, mark in VALUES), *ID_MARKS))}
_MARK = re.compile(b"([%s])" % b"".join(map(re.escape, _PLACES)))


class Marks(NamedTuple):
    """What the marks of a template stand for."""

    person: str
    """The person's home."""
    cwd: str
    """The folder where the client ran."""
    values: tuple[tuple[str, ...], ...]
    """One for each of `VALUES`, in the order of the text."""
    ids: tuple[str, ...]
    """The ids of workspaces, accounts and the like."""


_DECODE = msgspec.json.Decoder(Marks).decode
_ENCODE = msgspec.json.Encoder().encode


class Split(NamedTuple):
    """A text as a template, and what its marks stand for."""

    state_id: str
    template: str
    person: str
    """The person's home."""
    marks: str
    """`Marks` as a JSON array."""


class _Found(NamedTuple):
    """A text without home and folder as a template, and what its other marks stand for."""

    state_id: str
    template: str
    values: list[list[str]]
    ids: list[str]


class Splitter:
    """Splits texts; those of the first few templates that come often in a third of the time."""

    def __init__(self) -> None:
        self._patterns: list[_Pattern] = []
        """The one that was found last comes first."""
        self._counts: dict[str, int] = {}

    def split(self, text: bytes, home: str, cwd: str) -> Split:
        """Return a text as a template and marks.

        Args:
            text: JSON.
            home: The client's folder, which is in the person's home.
            cwd: Where the client ran.
        """
        person = person_of(home)
        if len(cwd) > 1 and cwd != person:
            text = text.replace(b'"' + in_json(cwd) + b'"', b'"' + FOLDER + b'"')
        text = text.replace(in_json(person), PERSON)
        found = self._match(text) or self._find(text)
        marks = _ENCODE((person, cwd, found.values, found.ids)).decode()
        return Split(found.state_id, found.template, person, marks)

    def _match(self, text: bytes) -> _Found | None:
        """Return a text by the pattern of its template."""
        for place, pattern in enumerate(self._patterns):
            found = pattern.read(text)
            if found is not None:
                if place:
                    self._patterns.insert(0, self._patterns.pop(place))
                return found
        return None

    def _find(self, text: bytes) -> _Found:
        """Return a text by finding each mark."""
        parts = _TAKEN.split(text)
        values: list[list[str]] = [[] for _ in VALUES]
        ids: dict[bytes, None] = {}
        for at in range(1, len(parts), 3):
            key, value = parts[at], parts[at + 1]
            if key in _MARKS:
                place, parts[at + 1] = _MARKS[key]
                values[place].append(value.decode())
            elif len(value) == _ID_LENGTH:
                ids[value] = None
        text = b"".join(parts)
        kept = tuple(ids)[: len(ID_MARKS)]
        for identity, mark in zip(kept, ID_MARKS, strict=False):
            text = text.replace(identity, mark)
        state_id = hashlib.sha256(text).hexdigest()[:32]
        if len(self._patterns) < PATTERNS:
            self._count(text, state_id)
        return _Found(state_id, text.decode(), values, [identity.decode() for identity in kept])

    def _count(self, template: bytes, state_id: str) -> None:
        """Count a template; make a pattern of one that comes often."""
        if len(self._counts) >= TEMPLATES_COUNTED:
            self._counts.clear()
        count = self._counts[state_id] = self._counts.get(state_id, 0) + 1
        if count == OFTEN:
            self._patterns.insert(0, _Pattern(template, state_id))


class _Pattern:
    """A template as a pattern, which finds the same marks as `Splitter` does by itself."""

    def __init__(self, template: bytes, state_id: str) -> None:
        self._state_id = state_id
        self._text = template.decode()
        self._template = template
        self._places: list[int] = []
        """What each group of the pattern is: a place in `VALUES`, or one of an id behind these."""
        first, *others = _MARK.split(template)
        pattern = [re.escape(first)]
        for mark, literal in zip(others[::2], others[1::2], strict=True):
            pattern += (self._group(_PLACES[mark]), re.escape(literal))
        self._matches = re.compile(b"".join(pattern)).fullmatch

    def _group(self, place: int) -> bytes:
        if place < len(VALUES):
            self._places.append(place)
            return b"([0-9a-f-]++)"
        if place in self._places:
            return b"(?P=id%d)" % place
        self._places.append(place)
        return b"(?P<id%d>[0-9a-f-]{%d})" % (place, _ID_LENGTH)

    def read(self, text: bytes) -> _Found | None:
        """Return a text of this template; None for any other."""
        found = self._matches(text)
        if found is None:
            return None
        values: list[list[str]] = [[] for _ in VALUES]
        ids: dict[int, bytes] = {}
        for place, value in zip(self._places, found.groups(), strict=True):
            if place < len(VALUES):
                values[place].append(value.decode())
            else:
                ids[place] = value
        if len(set(ids.values())) < len(ids) or any(
            identity in self._template for identity in ids.values()
        ):
            return None  # an id stands in another place too, and so the template is another one
        kept = [ids[place].decode() for place in sorted(ids)]
        return _Found(self._state_id, self._text, values, kept)


def read_marks(marks: str) -> Marks:
    """Return what the marks of a template stand for.

    Raises:
        ValueError: They are none, or of another release.
    """
    try:
        found = _DECODE(marks)
    except msgspec.DecodeError:
        raise ValueError("the marks of the state are no marks, or of another release") from None
    if len(found.values) != len(VALUES) or len(found.ids) > len(ID_MARKS):
        raise ValueError("the marks of the state are those of another release")
    return found


def fill(template: str, marks: str) -> bytes:
    """Return the text that a template and its marks were made from.

    Raises:
        ValueError: They are not of one text.
    """
    return fill_in(template.encode(), read_marks(marks))


def fill_in(text: bytes, marks: Marks) -> bytes:
    """Return a text with its marks replaced by what they stand for.

    Raises:
        ValueError: They are not of this text.
    """
    for (_, mark), found in zip(VALUES, marks.values, strict=True):
        parts = text.split(mark)
        if len(parts) != len(found) + 1:
            raise ValueError("the marks of the state are those of another template")
        filled = [parts[0]]
        for value, part in zip(found, parts[1:], strict=True):
            filled += (value.encode(), part)
        text = b"".join(filled)
    for mark, identity in zip(ID_MARKS, marks.ids, strict=False):
        text = text.replace(mark, identity.encode())
    return text.replace(PERSON, in_json(marks.person)).replace(FOLDER, in_json(marks.cwd))


def person_of(home: str) -> str:
    """Return the person's home: what is above the client's folder, where that is a hidden one."""
    above, _, name = home.rstrip("/").rpartition("/")
    return above if above and name.startswith(".") else home


def in_json(text: str) -> bytes:
    """Return a text as it stands inside of a JSON string."""
    return msgspec.json.encode(text)[1:-1]
