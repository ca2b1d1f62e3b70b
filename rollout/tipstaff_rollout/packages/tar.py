"""A tar archive as every tool reads it (POSIX.1-1988 ustar), with a fixed time and root as owner.

Not by `tarfile`: releases of Python differ in the bytes that they write.
"""

import re
import stat
from collections.abc import Iterable

from tipstaff_rollout.model import ArtefactError
from tipstaff_rollout.packages.model import TIME, Entry
from tipstaff_rollout.packages.pieces import make_damage_error, piece

BLOCK = 512
END = bytes(2 * BLOCK)
NAME_LIMIT = 100
PREFIX_LIMIT = 155
LETTERS = {"0": stat.S_IFREG, "2": stat.S_IFLNK, "5": stat.S_IFDIR}
CHECKSUM = slice(148, 156)
FIELDS = (
    slice(NAME_LIMIT),
    slice(100, 108),
    slice(124, 136),
    slice(156, 157),
    slice(157, 257),
    slice(345, 500),
)
"""Of a header: name, mode, size, kind, a link's target, the folders in front of the name."""


def pack(entries: Iterable[Entry]) -> bytes:
    """Return an archive of entries in their order; their paths become relative to the root.

    Raises:
        ArtefactError: A path is too long for the format.
    """
    parts = []
    for entry in entries:
        content = entry.data if stat.S_ISREG(entry.mode) else b""
        parts += [_header(entry, len(content)), content, bytes(-len(content) % BLOCK)]
    return b"".join([*parts, END])


def unpack(data: bytes, where: str) -> tuple[Entry, ...]:
    """Return an archive's entries, paths with a ``/`` in front.

    Raises:
        ArtefactError: It is cut off, or was edited.
    """
    entries = []
    at = 0
    while (header := piece(data, at, BLOCK, where)) != bytes(BLOCK):
        entry, size = _parse(header, f"{where}: byte {at}")
        content = piece(data, at + BLOCK, size, f"{where}: {entry.path}")
        entries.append(entry if stat.S_ISLNK(entry.mode) else entry._replace(data=content))
        at += BLOCK + size + -size % BLOCK
    if data[at:] != END:
        raise make_damage_error(f"does not end {len(END)} bytes behind byte {at}", where)
    return tuple(entries)


def _header(entry: Entry, size: int) -> bytes:
    kind = stat.S_IFMT(entry.mode)
    name = b"." + entry.path.rstrip("/").encode() + (b"/" if kind == stat.S_IFDIR else b"")
    prefix, name = _split(name, entry.path)
    target = entry.data if kind == stat.S_IFLNK else b""
    if len(target) > NAME_LIMIT:
        raise ArtefactError(f"a link's target has more than {NAME_LIMIT} bytes", where=entry.path)
    header = b"".join(
        [
            name.ljust(NAME_LIMIT, b"\0"),
            b"%07o\0" % stat.S_IMODE(entry.mode),
            b"%07o\0" % 0 * 2,
            b"%011o\0" % size,
            b"%011o\0" % TIME,
            b" " * 8,
            next(letter.encode() for letter, known_kind in LETTERS.items() if known_kind == kind),
            target.ljust(NAME_LIMIT, b"\0"),
            b"ustar\00000",
            b"root".ljust(32, b"\0") * 2,
            b"%07o\0" % 0 * 2,
            prefix.ljust(PREFIX_LIMIT, b"\0"),
            bytes(12),
        ]
    )
    return header[: CHECKSUM.start] + b"%06o\0 " % sum(header) + header[CHECKSUM.stop :]


def _split(name: bytes, path: str) -> tuple[bytes, bytes]:
    """Return a name in the two parts that the format has for it."""
    if len(name) <= NAME_LIMIT:
        return b"", name
    cut = name.find(b"/", len(name) - NAME_LIMIT - 1, -1)
    if cut == -1 or cut > PREFIX_LIMIT:
        raise ArtefactError(
            "is too long a path for a package",
            where=path,
            expected=f"at most {NAME_LIMIT} bytes, or up to {PREFIX_LIMIT} of folders in front",
        )
    return name[:cut], name[cut + 1 :]


def _parse(header: bytes, where: str) -> tuple[Entry, int]:
    blank = header[: CHECKSUM.start] + b" " * 8 + header[CHECKSUM.stop :]
    if header[CHECKSUM] != b"%06o\0 " % sum(blank):
        raise make_damage_error("the header of a file was edited", where)
    fields = [header[part].rstrip(b"\0").decode("utf-8", "replace") for part in FIELDS]
    name, mode, size, letter, target, prefix = fields
    if letter not in LETTERS or not all(re.fullmatch("[0-7]+", field) for field in (mode, size)):
        raise make_damage_error("the header of a file is none that Tipstaff writes", where)
    path = "/".join(filter(None, (prefix, name))).removeprefix(".").rstrip("/") or "/"
    return Entry(path, LETTERS[letter] | int(mode, 8), target.encode()), int(size, 8)
