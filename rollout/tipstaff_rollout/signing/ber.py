"""The tags and lengths of ASN.1: read from BER, as signers on macOS write it, given back as DER.

Only what a signed message needs: definite and indefinite lengths, tags of one byte. It decodes no
values but strings of bytes; certificates and numbers are read by `cryptography`.

Source: ITU-T X.690, sections 8.1 (BER), 8.14 and 10.1 (DER).
"""

from typing import NamedTuple

CONSTRUCTED = 0x20
LONG_TAG = 0x1F
LONG_LENGTH = INDEFINITE = 0x80
OCTET_STRING = 0x04
END_OF_CONTENTS = b"\0\0"
DEEPEST = 40
"""Levels of nesting; a signed message with its certificates has about ten."""


class Element(NamedTuple):
    """One value of ASN.1, not yet understood."""

    tag: int
    """The identifier's byte: class, whether it is constructed, number."""
    content: bytes
    """Of a primitive one."""
    parts: tuple["Element", ...] = ()
    """Of a constructed one."""

    def encode(self, tag: int | None = None) -> bytes:
        """Return it with definite lengths, under its own or another tag."""
        content = b"".join(part.encode() for part in self.parts) or self.content
        return bytes([self.tag if tag is None else tag]) + _length(len(content)) + content

    def octets(self) -> bytes:
        """Return what a string of bytes holds, also where it was written in pieces.

        Raises:
            ValueError: It is none.
        """
        if self.tag == OCTET_STRING:
            return self.content
        if self.tag == OCTET_STRING | CONSTRUCTED:
            return b"".join(part.octets() for part in self.parts)
        raise ValueError("no string of bytes")


def parse(data: bytes) -> Element:
    """Return the one value that data is made of, to its last byte.

    Raises:
        ValueError: It is cut off, goes on, or is no ASN.1 of the kind above.
    """
    found, end = _element(data, 0, len(data), DEEPEST)
    if end != len(data):
        raise ValueError("bytes after the end")
    return found


def _element(data: bytes, at: int, limit: int, depth: int) -> tuple[Element, int]:
    """Return the value that begins at a place and where it ends."""
    if at + 2 > limit or depth == 0:
        raise ValueError("cut off, or nested too deep")
    tag = data[at]
    if tag & LONG_TAG == LONG_TAG:
        raise ValueError("a tag of several bytes")
    length, at = _read_length(data, at + 1, limit)
    if length is None:
        if not tag & CONSTRUCTED:
            raise ValueError("a value that never ends")
        parts, end = _until_the_end(data, at, limit, depth)
        return Element(tag, b"", parts), end
    end = at + length
    if end > limit:
        raise ValueError("cut off")
    if not tag & CONSTRUCTED:
        return Element(tag, data[at:end]), end
    found = []
    while at < end:
        part, at = _element(data, at, end, depth - 1)
        found.append(part)
    return Element(tag, b"", tuple(found)), end


def _until_the_end(data: bytes, at: int, limit: int, depth: int) -> tuple[tuple[Element, ...], int]:
    parts = []
    while data[at : at + 2] != END_OF_CONTENTS:
        part, at = _element(data, at, limit, depth - 1)
        parts.append(part)
    if at + 2 > limit:
        raise ValueError("cut off")
    return tuple(parts), at + 2


def _read_length(data: bytes, at: int, limit: int) -> tuple[int | None, int]:
    """Return a length, None for an indefinite one, and where the content begins."""
    first = data[at]
    if first < LONG_LENGTH:
        return first, at + 1
    if first == INDEFINITE:
        return None, at + 1
    end = at + 1 + (first & ~LONG_LENGTH)
    if end > limit:
        raise ValueError("cut off")
    return int.from_bytes(data[at + 1 : end]), end


def _length(length: int) -> bytes:
    if length < LONG_LENGTH:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    return bytes([LONG_LENGTH | size]) + length.to_bytes(size)
