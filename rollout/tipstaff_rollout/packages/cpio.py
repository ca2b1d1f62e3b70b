"""The archive within an RPM package: cpio, "new ASCII" format (cpio(5))."""

import re
import stat

from tipstaff_rollout.packages.model import TIME, Entry
from tipstaff_rollout.packages.pieces import make_damage_error, piece

MAGIC = b"070701"
FIELDS = 13
HEADER_SIZE = len(MAGIC) + 8 * FIELDS
TRAILER = "TRAILER!!!"


def pack(entries: tuple[Entry, ...]) -> bytes:
    """Return an archive of entries in their order."""
    files = (
        _file(f".{entry.path}", number, entry) for number, entry in enumerate(entries, start=1)
    )
    return b"".join([*files, _file(TRAILER, 0, Entry("", 0))])


def unpack(data: bytes, where: str) -> tuple[Entry, ...]:
    """Return an archive's entries.

    Raises:
        ArtefactError: It is cut off, or was edited.
    """
    entries = []
    at = 0
    while True:
        name, number, entry = _parse(data, at, where)
        raw = _file(name, number, entry)
        if not data.startswith(raw, at):
            raise make_damage_error(f"the file at byte {at} was edited", f"{where}: {name}")
        at += len(raw)
        if name == TRAILER:
            break
        entries.append(entry)
    if at != len(data):
        raise make_damage_error(f"has {len(data) - at} bytes behind its end", where)
    return tuple(entries)


def _file(name: str, number: int, entry: Entry) -> bytes:
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    time = TIME if number else 0
    path = name.encode() + b"\0"
    numbers = (number, entry.mode, 0, 0, links, time, len(entry.data), 0, 0, 0, 0, len(path), 0)
    head = MAGIC + b"".join(b"%08x" % value for value in numbers) + path
    return b"".join([head, bytes(-len(head) % 4), entry.data, bytes(-len(entry.data) % 4)])


def _parse(data: bytes, at: int, where: str) -> tuple[str, int, Entry]:
    header = piece(data, at, HEADER_SIZE, where)
    if not re.fullmatch(rb"070701[0-9a-f]{104}", header):
        raise make_damage_error(f"there is no file at byte {at}", where)
    numbers = [int(header[start : start + 8], 16) for start in range(len(MAGIC), HEADER_SIZE, 8)]
    number, mode, size, name_size = (numbers[position] for position in (0, 1, 6, 11))
    path = piece(data, at + HEADER_SIZE, name_size, where)
    start = at + HEADER_SIZE + name_size
    start += -(HEADER_SIZE + name_size) % 4
    name = path.rstrip(b"\0").decode("utf-8", "replace")
    return name, number, Entry(name[1:], mode, piece(data, start, size, f"{where}: {name}"))
