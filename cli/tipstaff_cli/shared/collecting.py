"""Read collected reports, one user after the other, with errors for those not readable."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from tipstaff_policy.assessment.simulation_subjects import Person
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.errors import AccessDeniedError
from tipstaff_schemas.collected import Missing, read_collected

REPORT_SUFFIXES = (".json", ".ndjson", ".jsonl")
REPORT_LIMIT = 64 << 20
"""Bytes of one report; a root run contains a report for each user."""
STANDARD_INPUT = Path("-")
Advance = Callable[[int], None]


def report_files(paths: list[Path]) -> list[Path]:
    """Return the files of reports: those named, and those of a report's suffix in folders.

    Raises:
        AccessDeniedError: A folder cannot be read.
    """
    found = []
    for path in paths:
        if path.is_dir():
            below = files_below(path)
            found += [file for file in below if file.suffix.lower() in REPORT_SUFFIXES]
        else:
            found.append(path)
    return found


def files_below(folder: Path) -> list[Path]:
    """Return every file of a folder and of those in it, sorted.

    Raises:
        AccessDeniedError: One of them cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise AccessDeniedError(
            f"cannot be read: {error.strerror}", where=str(error.filename or folder)
        ) from error

    return sorted(
        Path(below) / name for below, _, names in os.walk(folder, onerror=refuse) for name in names
    )


def read_reports(files: list[Path], advance: Advance) -> Iterator[Person | Unread]:
    """Yield every user of every report, line by line; nothing stays in memory."""
    for path in files:
        try:
            if path == STANDARD_INPUT:
                yield from _persons(sys.stdin.buffer, path, advance)
                continue
            with path.open("rb") as opened:
                yield from _persons(opened, path, advance)
        except OSError as error:
            yield Unread(str(path), f"cannot be read: {error.strerror}")


def _persons(opened: BinaryIO, path: Path, advance: Advance) -> Iterator[Person | Unread]:
    for where, data in _documents(opened, path):
        if len(data) > REPORT_LIMIT:
            yield Unread(where, f"is larger than {REPORT_LIMIT} bytes; the rest was not read")
            return
        for found in read_collected(data):
            yield (
                Unread(where, found.why)
                if isinstance(found, Missing)
                else Person(where, found.subject, from_report=True)
            )
        advance(len(data))


def _documents(opened: BinaryIO, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the documents of a file: one over many lines, or one on each line."""
    first = opened.readline(REPORT_LIMIT + 1)
    if first.strip() in (b"{", b"["):
        yield str(path), first + opened.read(REPORT_LIMIT + 1)
        return
    if not first:
        yield str(path), first
        return
    number = 1
    line = first
    while line:
        if line.strip():
            yield f"{path}:{number}", line
        line = opened.readline(REPORT_LIMIT + 1)
        number += 1
