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
_TAKEN = re.compile(
    b'("(?:%s))([0-9a-f-]+)(?=[,}"])'
    % b"|".join(re.escape(key[1:]) for key in (*(key for key, _ in VALUES), *IDS))
)
"""Whole values alone, so that a mark is never put into another kind of value."""
_MARKS = {key: (place, mark) for place, (key, mark) in enumerate(VALUES)}


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


class Split(NamedTuple):
    """A text as a template, and what its marks stand for."""

    state_id: str
    template: str
    person: str
    """The person's home."""
    marks: str
    """`Marks` as a JSON array."""


def split(text: bytes, home: str, cwd: str) -> Split:
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
    digest = hashlib.sha256(text).hexdigest()[:32]
    marks = Marks(
        person, cwd, tuple(map(tuple, values)), tuple(identity.decode() for identity in kept)
    )
    return Split(digest, text.decode(), person, msgspec.json.encode(marks).decode())


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
