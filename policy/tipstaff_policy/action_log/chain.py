"""Where the chain of an action log breaks, and where it stood; values to values (ADR 0020)."""

import json
import re

from tipstaff_policy.action_log.record import (
    NO_LOG_OUT,
    SHAPE,
    LogFile,
    LogRecord,
    Standing,
    describe_torn,
    lines_of,
    parse_line,
)
from tipstaff_policy.errors import LOG_OUT_EXITS
from tipstaff_policy.record import Record

NO_LOG = "no action log"


class Break(Record):
    """A place where the log is not what was written."""

    path: str
    line: int
    """Counts from 1; 0 where there is none."""
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}" if self.line else f"{self.path}: {self.what}"


class Verified(Record):
    """What a verification found."""

    standing: Standing
    first: int
    """The first record that is kept; 0 where there is none."""
    breaks: tuple[Break, ...]
    torn: int
    """How many unfinished records the chain accounts for."""
    open_end: bool
    """Whether the last line was never finished; the next record will say so."""


class LastAction(Record):
    """The newest record about a client's folder, for the person in front of the machine."""

    time: str
    action: str
    exit_code: int
    reason: str


class _Walk(Record):
    before: LogRecord | None = None
    junk: bytes = b""


def verify(files: tuple[LogFile, ...], anchor: Standing | None = None) -> Verified:
    """Return where a log breaks. Edits that keep the chain whole only an anchor shows.

    Args:
        files: The oldest first.
        anchor: Where the log stood in an earlier report.
    """
    walk, breaks, records = _Walk(), list[Break](), list[LogRecord]()
    for file in files:
        for number, line in enumerate(lines_of(file.data), 1):
            record = parse_line(line)
            if record is None:
                if re.fullmatch(SHAPE, line):
                    breaks.append(
                        Break(file.path, number, "was changed and is not a valid record any more")
                    )
                walk = walk._replace(junk=walk.junk + line + b"\n")
                continue
            found = (*_of_record(record, walk), *_of_start(record, walk, file))
            breaks += [Break(file.path, number, break_found) for break_found in found]
            records.append(record)
            walk = _Walk(record)
    last = walk.before
    if anchor and (fault := _of_anchor(anchor, records)):
        path, lines = (files[-1].path, lines_of(files[-1].data)) if files else (NO_LOG, [])
        breaks.append(Break(path, len(lines), fault))
    return Verified(
        Standing(last.hash, last.sequence) if last else Standing(),
        records[0].sequence if records else 0,
        tuple(breaks),
        sum(record_read.torn is not None for record_read in records),
        bool(walk.junk),
    )


def _of_record(record: LogRecord, walk: _Walk) -> tuple[str, ...]:
    """Return what is wrong with a record by itself, and with what it says of the line before."""
    found = []
    if not record.fits:
        found.append("was changed: its hash is not that of the line")
    if record.torn != describe_torn(walk.junk):
        found.append("does not account for the records between it and the record before")
    before = walk.before
    if before and record.sequence != before.sequence + 1:
        found.append(
            f"record {record.sequence} follows record {before.sequence}: "
            "records are missing, doubled or in another order"
        )
    elif before and record.previous != before.hash:
        found.append("does not follow from the record before it: one of them was replaced")
    return tuple(found)


def _of_start(record: LogRecord, walk: _Walk, file: LogFile) -> tuple[str, ...]:
    """Return what is wrong with the first record that is kept."""
    if walk.before is not None:
        return ()
    if (record.sequence == 1) != (record.previous is None):
        return ("begins in the middle of a chain, or restarts its numbering",)
    if record.sequence > 1 and not file.set_aside:
        return (f"begins with record {record.sequence}: those before it are gone",)
    return ()


def _of_anchor(anchor: Standing, records: list[LogRecord]) -> str:
    length = records[-1].sequence if records else 0
    if length < anchor.length:
        return f"ends at record {length}, and stood at {anchor.length}: it was cut or put back"
    for record in records:
        if record.sequence == anchor.length and record.hash != anchor.head:
            return f"record {anchor.length} is another one than it was"
    return ""


def last_log_out(files: tuple[LogFile, ...], home: str) -> LastAction | None:
    """Return the newest record about a log-out, complete or not, from a client's folder."""
    for file in reversed(files):
        for line in reversed(lines_of(file.data)):
            record = parse_line(line)
            text = json.loads(record.content) if record and record.fits else {}
            ended = text.get("home") == home and text.get("exit_code") in LOG_OUT_EXITS
            if record and ended and text["action"] not in NO_LOG_OUT:
                return LastAction(record.time, text["action"], text["exit_code"], text["reason"])
    return None
