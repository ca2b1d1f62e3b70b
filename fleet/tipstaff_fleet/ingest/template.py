r"""What a simulation reads of a report, apart from what differs between equal hosts.

The state of every host is another text, because it holds the person's home and moments; with these
taken out, most hosts of a fleet share a few. A template is that text with marks in their place, and
filling the marks in again gives the text back, byte for byte.

JSON holds no control characters, so that ``\x01`` to ``\x06`` in a template are marks alone.
"""

import hashlib
from typing import NamedTuple

import msgspec

PERSON, FOLDER = b"\x01", b"\x02"
"""The person's home, and the folder where the client ran."""
VALUES = (
    (b'"evaluated_at":', b"\x03"),
    (b'"last_refresh":', b"\x04"),
    (b'"expires_at":', b"\x05"),
    (b'"fingerprint":"', b"\x06"),
)
"""What stands before a moment or a fingerprint, and its mark."""
_PARTS = b"0123456789abcdef"
_DECODE = msgspec.json.Decoder(tuple[str, str, tuple[tuple[str, ...], ...]]).decode


class Split(NamedTuple):
    """A text as a template, and what its marks stand for."""

    state_id: str
    template: str
    person: str
    """The person's home."""
    marks: str
    """The person's home, the folder where the client ran and the values of each kind, as JSON."""


def split(text: bytes, home: str, cwd: str) -> Split:
    """Return a text as a template and marks.

    Args:
        text: JSON.
        home: The client's folder, which lies in the person's home.
        cwd: Where the client ran.
    """
    person = person_of(home)
    if len(cwd) > 1 and cwd != person:
        text = text.replace(b'"' + _in_json(cwd) + b'"', b'"' + FOLDER + b'"')
    text = text.replace(_in_json(person), PERSON)
    values = []
    for key, mark in VALUES:
        text, found = _take_out(text, key, mark)
        values.append(found)
    digest = hashlib.sha256(text).hexdigest()[:32]
    return Split(digest, text.decode(), person, msgspec.json.encode((person, cwd, values)).decode())


def fill(template: str, marks: str) -> bytes:
    """Return the text that a template and its marks were made from.

    Raises:
        ValueError: They are not of one text.
    """
    try:
        person, cwd, values = _DECODE(marks)
    except msgspec.DecodeError:
        raise ValueError("the marks of the state are no marks") from None
    if len(values) != len(VALUES):
        raise ValueError("the marks of the state are those of another release")
    text = template.encode()
    for (_, mark), found in zip(VALUES, values, strict=True):
        parts = text.split(mark)
        if len(parts) != len(found) + 1:
            raise ValueError("the marks of the state are those of another template")
        filled = [parts[0]]
        for value, part in zip(found, parts[1:], strict=True):
            filled += (value.encode(), part)
        text = b"".join(filled)
    return text.replace(PERSON, _in_json(person)).replace(FOLDER, _in_json(cwd))


def _take_out(text: bytes, key: bytes, mark: bytes) -> tuple[bytes, list[str]]:
    """Return a text with the values after a key taken out, and those values."""
    first, *others = text.split(key)
    if not others:
        return text, []
    parts, values = [first], []
    for other in others:
        rest = other.lstrip(_PARTS)
        value = other[: len(other) - len(rest)]
        # Only whole values, so that a mark is never put into another kind of value.
        if value and rest[:1] in (b",", b"}", b'"'):
            values.append(value.decode())
            parts += (key, mark, rest)
        else:
            parts += (key, other)
    return b"".join(parts), values


def person_of(home: str) -> str:
    """Return the person's home: what is above the client's folder, where that is a hidden one."""
    above, _, name = home.rstrip("/").rpartition("/")
    return above if above and name.startswith(".") else home


def _in_json(text: str) -> bytes:
    """Return a text as it stands inside of a JSON string."""
    return msgspec.json.encode(text)[1:-1]
