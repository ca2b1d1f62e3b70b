"""Cut an artefact into its pieces; errors name the place of what is missing or wrong."""

import struct
import zlib

from tipstaff_rollout.model import ArtefactError

SIZE_LIMIT = 1 << 28
"""Of what a compressed piece may hold."""
BLOCK = 0xFFFF
GZIP_HEADER = bytes.fromhex("1f8b0800000000000203")
"""No name, no time; "best compression, Unix", as Debian's checkers want it of documentation."""


def make_damage_error(what: str, where: str) -> ArtefactError:
    """Return the error of an artefact that was cut off or edited."""
    return ArtefactError(
        what,
        where=where,
        expected="the bytes that Tipstaff has made",
        remedy="fetch or render it again",
    )


def piece(data: bytes, start: int, size: int, where: str) -> bytes:
    """Return a part of an artefact.

    Raises:
        ArtefactError: It ends earlier.
    """
    if start + size > len(data):
        raise make_damage_error(
            f"is cut off: has {len(data)} bytes, at least {start + size} expected", where
        )
    return data[start : start + size]


def pack_gzip(data: bytes, *, small: bool = False) -> bytes:
    """Return a gzip file.

    Args:
        small: Whether it is compressed. The bytes then depend on the zlib at hand; without, they
            are the same everywhere.
    """
    if small:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(data) + packer.flush()
    else:
        body = b"".join(_store_block(data, start) for start in range(0, len(data) or 1, BLOCK))
    return GZIP_HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def _store_block(data: bytes, start: int) -> bytes:
    """Return a part of a deflate stream that is not compressed (RFC 1951, section 3.2.4)."""
    part = data[start : start + BLOCK]
    is_last = start + BLOCK >= len(data)
    return struct.pack("<BHH", is_last, len(part), len(part) ^ BLOCK) + part


def unpack_gzip(data: bytes, where: str) -> bytes:
    """Return what a gzip file holds.

    Raises:
        ArtefactError: It is none, is cut off, or something follows it.
    """
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(data, SIZE_LIMIT)
    except zlib.error as error:
        raise make_damage_error(f"is no gzip file, or was edited: {error}", where) from None
    if unpacker.unconsumed_tail:
        raise make_damage_error(f"holds more than {SIZE_LIMIT} bytes", where)
    if not unpacker.eof:
        raise make_damage_error(f"is cut off after {len(data)} bytes", where)
    if unpacker.unused_data:
        raise make_damage_error(f"has {len(unpacker.unused_data)} bytes behind its end", where)
    return found
