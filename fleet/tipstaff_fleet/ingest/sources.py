"""What is ingested: files, folders, patterns and standard input, plain or packed.

A large file of lines is cut into pieces, so that several workers read it at once.
"""

import glob
import gzip
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import BinaryIO, NamedTuple, cast

import zstandard

from tipstaff_policy.errors import AccessDeniedError, UsageError

SUFFIXES = (".json", ".ndjson", ".jsonl")
PACKED = (".gz", ".zst")
STANDARD_INPUT = "-"
DOCUMENT_LIMIT = 64 << 20
"""Bytes of one report, unpacked; a root run holds one for each user."""
BUFFER = 1 << 20
"""Bytes read at a time; lines are longer than what Python takes by itself."""
PIECE = 32 << 20
"""Bytes of a large file that one worker reads at a time."""
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZSTD_WINDOW = 128 << 20
"""Bytes; a file that needs more memory to be unpacked is refused."""


class Piece(NamedTuple):
    """A file, or the lines of it that begin in a range of bytes."""

    path: str
    start: int
    end: int | None
    """None for the whole file."""
    size: int
    """Bytes on the disk, for the progress."""


class Document(NamedTuple):
    """A text that should be a report, and where it stands."""

    place: str
    data: bytes


NO_DOCUMENT = Document("", b"")


class UnreadableError(Exception):
    """A source cannot be read any further; the message quotes nothing of it."""


def find_pieces(sources: list[str], *, whole: bool = False) -> list[Piece]:
    """Return what the named sources hold, sorted and each file once.

    Args:
        sources: Files, folders, patterns, or `-` for standard input.
        whole: Whether no file is cut into pieces.

    Raises:
        UsageError: A source is not there.
        AccessDeniedError: A folder cannot be looked into.
    """
    files: dict[str, None] = {}
    for source in sources:
        files |= dict.fromkeys(_files(source))
    return [piece for file in files for piece in _pieces(file, whole=whole)]


def _files(source: str) -> list[str]:
    if source == STANDARD_INPUT or os.path.isfile(source):
        return [source]
    if os.path.isdir(source):
        return _files_below(source)
    if os.path.exists(source):
        return [source]  # a pipe, such as <(command)
    found = sorted(path for path in glob.glob(source, recursive=True) if os.path.isfile(path))
    if not found:
        raise UsageError(
            f"{source} is not there",
            expected="a file, a folder, a pattern such as 'reports/**/*.ndjson', or - for "
            "standard input",
        )
    return found


def _files_below(folder: str) -> list[str]:
    def refuse(error: OSError) -> None:
        raise AccessDeniedError(
            f"cannot be looked into: {error.strerror}", where=str(error.filename or folder)
        ) from error

    return sorted(
        os.path.join(below, name)
        for below, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if _is_report(name)
    )


def _is_report(name: str) -> bool:
    stem, suffix = os.path.splitext(name.lower())
    return (os.path.splitext(stem)[1] if suffix in PACKED else suffix) in SUFFIXES


def _pieces(path: str, *, whole: bool) -> list[Piece]:
    if path == STANDARD_INPUT or not os.path.isfile(path):
        return [Piece(path, 0, None, 0)]
    size = os.path.getsize(path)
    if whole or size <= PIECE or not _is_lines(path):
        return [Piece(path, 0, None, size)]
    return [
        Piece(path, start, min(start + PIECE, size), min(PIECE, size - start))
        for start in range(0, size, PIECE)
    ]


def _is_lines(path: str) -> bool:
    """Return whether a large file holds one document a line, unpacked."""
    try:
        with open(path, "rb") as opened:
            first = opened.readline(DOCUMENT_LIMIT)
    except OSError:
        return False  # the worker says why it cannot be read
    if b'"class_uid"' in first:
        return False  # the events of a run stand in several lines
    return first.startswith(b"{") and first.strip() != b"{"


def read_documents(piece: Piece, verified: BufferedReader | None = None) -> Iterator[Document]:
    """Yield the documents of a piece; of lines each one, else the whole as one.

    Args:
        piece: What to read.
        verified: Its content, where that was verified; it is read instead of the file.

    Raises:
        UnreadableError: It cannot be read any further.
    """
    try:
        with _open(piece.path, verified) as opened:
            if piece.end is not None:
                yield from _range(opened, piece)
            else:
                yield from _whole(opened)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        why = getattr(error, "strerror", None) or "it is cut off, or no file of its kind"
        raise UnreadableError(f"cannot be read any further: {why}") from None


@contextmanager
def _open(path: str, verified: BufferedReader | None) -> Iterator[BinaryIO]:
    """Give what reads a file, unpacked."""
    if verified is not None:
        yield _unpack(verified)
        return
    if path == STANDARD_INPUT:
        yield _unpack(cast("BufferedReader", sys.stdin.buffer))
        return
    with open(path, "rb", buffering=BUFFER) as opened:
        yield _unpack(cast("BufferedReader", opened))


def _unpack(opened: BufferedReader) -> BinaryIO:
    """Return what reads a file unpacked, by what it begins with; its name says nothing."""
    start = opened.peek(4)[:4]
    if start.startswith(GZIP_MAGIC):
        return cast("BinaryIO", gzip.open(opened))
    if start == ZSTD_MAGIC:
        unpacking = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        stream = unpacking.stream_reader(opened, read_across_frames=True)
        return cast("BinaryIO", BufferedReader(cast("RawIOBase", stream)))
    return opened


def _range(opened: BinaryIO, piece: Piece) -> Iterator[Document]:
    """Yield the lines that begin within a range; the first one may belong to the range before."""
    end = piece.size if piece.end is None else piece.end
    if piece.start:
        opened.seek(piece.start - 1)
        opened.readline()
    at = opened.tell()
    while at < end:
        line = opened.readline(DOCUMENT_LIMIT + 1)
        if line and not line.isspace():
            yield Document(f"byte {at}", _within_limit(line))
        at += len(line)


def _whole(opened: BinaryIO) -> Iterator[Document]:
    line = opened.readline(DOCUMENT_LIMIT + 1)
    if line.strip() in {b"{", b"["} or line.startswith(b"["):
        yield Document("", _within_limit(line + opened.read(DOCUMENT_LIMIT + 1)))
        return
    number = 1
    while line:
        if not line.isspace():
            yield Document(f"line {number}", _within_limit(line))
        line = opened.readline(DOCUMENT_LIMIT + 1)
        number += 1


def _within_limit(data: bytes) -> bytes:
    if len(data) > DOCUMENT_LIMIT:
        raise UnreadableError(f"holds a document of more than {DOCUMENT_LIMIT} bytes")
    return data
