"""Reading a text of a hive, the file in which Windows keeps a part of its registry.

Only what a look-up needs: named keys, their lists of keys and values, and a text of a value.

Source: the format as the Windows kernel writes it (signature `regf`, cells from 0x1000 on).
"""

import struct
from collections.abc import Iterator

BASE = 0x1000
"""Where the cells begin; every reference counts from there."""
NONE = 0xFFFFFFFF
TEXTS = (1, 2)
"""REG_SZ and REG_EXPAND_SZ."""
INLINE = 0x80000000
BIG, PART = 16344, b"db"
"""Data above this size is kept in parts."""
DEPTH = 4


def read_text_value(data: bytes, path: tuple[str, ...], name: str) -> str | None:
    """Return the text of a value below a key; None where there is no such key or value.

    Names are compared without case, as Windows does.

    Raises:
        ValueError: It is no hive, or it is cut off.
    """
    if data[:4] != b"regf":
        raise ValueError("is no hive of the registry")
    hive = _Hive(data)
    try:
        key = hive.number(0x24)
        for part in path:
            found = [cell for cell in hive.keys_of(key) if hive.name_of(cell) == part.casefold()]
            if not found:
                return None
            key = found[0]
        return hive.text_of(key, name.casefold())
    except (struct.error, IndexError, UnicodeDecodeError):
        raise ValueError("is a damaged hive of the registry") from None


class _Hive:
    """The cells of a hive."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, at: int, form: str = "<I") -> int:
        return int(struct.unpack_from(form, self.data, at)[0])

    def cell(self, reference: int) -> int:
        """Return where the content of a cell begins."""
        return BASE + reference + 4

    def name_of(self, key: int) -> str:
        at = self.cell(key)
        length = self.number(at + 0x48, "<H")
        raw = self.data[at + 0x4C : at + 0x4C + length]
        compressed = self.number(at + 2, "<H") & 0x20
        return raw.decode("latin-1" if compressed else "utf-16-le").casefold()

    def keys_of(self, key: int) -> Iterator[int]:
        at = self.cell(key)
        if self.number(at + 0x14) and self.number(at + 0x1C) != NONE:
            yield from self._list_keys(self.number(at + 0x1C), DEPTH)

    def _list_keys(self, reference: int, depth: int) -> Iterator[int]:
        at = self.cell(reference)
        kind, count = self.data[at : at + 2], self.number(at + 2, "<H")
        step = {b"lf": 8, b"lh": 8, b"li": 4, b"ri": 4}.get(kind)
        if step is None or not depth:
            raise IndexError(reference)
        for number in range(count):
            inner = self.number(at + 4 + number * step)
            if kind == b"ri":
                yield from self._list_keys(inner, depth - 1)
            else:
                yield inner

    def text_of(self, key: int, name: str) -> str | None:
        at = self.cell(key)
        count, values = self.number(at + 0x24), self.number(at + 0x28)
        for number in range(count if values != NONE else 0):
            value = self.cell(self.number(self.cell(values) + number * 4))
            if self._value_name(value) == name:
                return self._text(value)
        return None

    def _value_name(self, at: int) -> str:
        length, compressed = self.number(at + 2, "<H"), self.number(at + 0x10, "<H") & 1
        raw = self.data[at + 0x14 : at + 0x14 + length]
        return raw.decode("latin-1" if compressed else "utf-16-le").casefold()

    def _text(self, at: int) -> str | None:
        size, where, kind = self.number(at + 4), self.number(at + 8), self.number(at + 0xC)
        if kind not in TEXTS:
            return None
        if size & INLINE:
            raw = self.data[at + 8 : at + 8 + (size & 0xF)]
        elif size > BIG and self.data[self.cell(where) : self.cell(where) + 2] == PART:
            raw = b"".join(self._parts(self.cell(where)))[:size]
        else:
            raw = self.data[self.cell(where) : self.cell(where) + size]
        return raw.decode("utf-16-le").rstrip("\0")

    def _parts(self, at: int) -> Iterator[bytes]:
        count, listed = self.number(at + 2, "<H"), self.cell(self.number(at + 4))
        for number in range(count):
            start = self.cell(self.number(listed + number * 4))
            yield self.data[start : start + BIG]
