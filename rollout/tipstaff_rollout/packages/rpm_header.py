"""The header of an RPM package (format 4): tags with typed values, sealed by a region."""

import struct
from typing import NamedTuple

from tipstaff_rollout.packages.pieces import make_damage_error, piece

MAGIC = bytes.fromhex("8eade80100000000")
INTRO_SIZE = 16
ENTRY_SIZE = 16
REGION_OF_SIGNATURE = 62
REGION_OF_HEADER = 63
BINARY = 7
STRING = 6


class Value(NamedTuple):
    """A tag's value, encoded."""

    kind: int
    items: int
    data: bytes
    alignment: int = 1


def int16s(*numbers: int) -> Value:
    """Return numbers of 16 bits."""
    return Value(3, len(numbers), struct.pack(f">{len(numbers)}H", *numbers), 2)


def int32s(*numbers: int) -> Value:
    """Return numbers of 32 bits."""
    return Value(4, len(numbers), struct.pack(f">{len(numbers)}I", *numbers), 4)


def string(text: str) -> Value:
    """Return a text."""
    return Value(STRING, 1, text.encode() + b"\0")


def strings(*texts: str) -> Value:
    """Return several texts."""
    return Value(8, len(texts), b"".join(text.encode() + b"\0" for text in texts))


def translatable(text: str) -> Value:
    """Return a text that could stand in several languages, in one."""
    return Value(9, 1, text.encode() + b"\0")


def seal(tags: dict[int, Value], region: int) -> bytes:
    """Return a header of tags.

    The region's tag comes first, its value last; the value is an index entry again, whose offset
    is the negative length of the index.
    """
    index, store = [], b""
    for tag, value in sorted(tags.items()):
        store += bytes(-len(store) % value.alignment)
        index.append(struct.pack(">IIiI", tag, value.kind, len(store), value.items))
        store += value.data
    size = ENTRY_SIZE * (len(index) + 1)
    first = struct.pack(">IIiI", region, BINARY, len(store), ENTRY_SIZE)
    store += struct.pack(">IIiI", region, BINARY, -size, ENTRY_SIZE)
    intro = MAGIC + struct.pack(">II", len(index) + 1, len(store))
    return b"".join([intro, first, *index, store])


class Header(NamedTuple):
    """A header as it was read."""

    data: bytes
    places: dict[int, int]
    """Of each tag's value in the data."""
    where: str

    def text(self, tag: int) -> str:
        """Return the text of a tag, the first where there are several."""
        return self.data[self._place(tag) :].partition(b"\0")[0].decode("utf-8", "replace")

    def number(self, tag: int) -> int:
        """Return the number of a tag, of 32 bits."""
        return int.from_bytes(piece(self.data, self._place(tag), 4, self.where), "big")

    def _place(self, tag: int) -> int:
        if tag not in self.places:
            raise make_damage_error(f"lacks the tag {tag}", self.where)
        return self.places[tag]


def parse(data: bytes, start: int, where: str) -> Header:
    """Return the header that begins at a byte.

    Raises:
        ArtefactError: It is cut off, or there is none.
    """
    intro = piece(data, start, INTRO_SIZE, where)
    if not intro.startswith(MAGIC):
        raise make_damage_error(f"has no header at byte {start}", where)
    count, size = struct.unpack(">II", intro[len(MAGIC) :])
    store = INTRO_SIZE + ENTRY_SIZE * count
    whole = piece(data, start, store + size, where)
    entries = struct.iter_unpack(">IIII", whole[INTRO_SIZE:store])
    return Header(whole, {tag: store + offset for tag, _, offset, _ in entries}, where)
