"""A record of the action log: a line of JSON that names the line before it by its hash (ADR 0020).

Everything here takes values and returns values; `tipstaff_policy.action_log.log` reads and writes.
"""

import json
import re
import time
from typing import Any

from tipstaff_policy import __version__
from tipstaff_policy.errors import LOGGED_OUT_EXIT
from tipstaff_policy.model.steps import Step
from tipstaff_policy.parsing.sha256 import sha256
from tipstaff_policy.record import Record

SCHEMA_VERSION = "1"
SHAPE = rb'(\{.+),"hash":"([0-9a-f]{64})"\}'
"""A whole line: the part that is hashed, and its hash. A line that was cut short never fits."""
CHAIN = ("sequence", "time", "torn", "previous", "hash")
"""What differs between two records of the same action."""
TEXT_LIMIT = 2000
"""Characters of a text of others; what is longer ends in an ellipsis."""
RECENT = 32
"""How many records back a failure counts as the same again."""
MIGRATE, REVOKE, LOGIN = "credentials migrate", "credentials revoke", "login"
NO_LOG_OUT = (MIGRATE, REVOKE, LOGIN)
"""Actions that are no log-out; their exit code 11 has another meaning."""
CHANGED = ("removed", "stored", "revoked")


class Entry(Record):
    """What was done. Never holds a secret, nor a part of one."""

    action: str
    """The command that did it: ``enforce``, ``guard``, ``logout``, …"""
    home: str
    """The client's folder."""
    exit_code: int
    client: str
    client_version: str | None = None
    verdict: str | None = None
    reason: str = ""
    steps: tuple[Step, ...] = ()
    policy_id: str | None = None
    policy_version: str | None = None


class Torn(Record):
    """What a crash left of a record that was never finished; it stays in the file, closed."""

    bytes: int
    sha256: str


class LogRecord(Record):
    """A line of the log, as it stands there."""

    sequence: int
    """Counts from 1 and goes on in a new file."""
    time: str
    """RFC 3339, UTC."""
    torn: Torn | None
    previous: str | None
    hash: str
    fits: bool
    """Whether the hash is that of the line."""
    content: str
    """All but the chain, as JSON with sorted keys."""


class LogFile(Record):
    """A file of the log, as it was read."""

    path: str
    data: bytes
    set_aside: bool = False
    """Whether it was full; what it went on from is then not kept."""


class Standing(Record):
    """Where a log stands: the hash of its last record, and how many there were in all."""

    head: str | None = None
    length: int = 0
    fault: str = ""
    """Why the log could not be written or read; empty where it could."""


class Tail(Record):
    """Where a log ends."""

    last: LogRecord | None
    junk: bytes = b""
    """The bytes after the last record; each line closed."""


EMPTY = Tail(None)


def content_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON knows it, its texts bounded."""
    text = _short(entry)
    steps = [_short(step) for step in entry.steps]
    return {"schema_version": SCHEMA_VERSION, "tool_version": __version__, **text, "steps": steps}


def _short(text: Entry | Step) -> dict[str, Any]:
    return {
        name: f"{value[: TEXT_LIMIT - 1]}…"
        if isinstance(value, str) and len(value) > TEXT_LIMIT
        else value
        for name, value in text._asdict().items()
    }


def render_chained_line(entry: Entry, now: int, tail: Tail) -> tuple[bytes, Standing]:
    """Return the line that goes on from the end of a log, with its line feed, and where it ends."""
    last, torn = tail.last, describe_torn(tail.junk)
    sequence = last.sequence + 1 if last else 1
    chain = {
        "sequence": sequence,
        "time": moment(now),
        "torn": torn._asdict() if torn else None,
        "previous": last.hash if last else None,
    }
    # ASCII alone: neither a control character nor a name that is no Unicode troubles a reader.
    body = json.dumps({**chain, **content_of(entry)}, separators=(",", ":"))[:-1].encode("ascii")
    digest = sha256(body).hexdigest()
    return body + f',"hash":"{digest}"}}\n'.encode("ascii"), Standing(digest, sequence)


def render_unchained_line(entry: Entry, now: int) -> bytes:
    """Return what was done without a place in the chain, where the log cannot be written."""
    return json.dumps({"time": moment(now), **content_of(entry)}).encode("ascii")


def parse_line(line: bytes) -> LogRecord | None:
    """Return a line without its line feed as a record; None where it is none."""
    found = re.fullmatch(SHAPE, line)
    if not found:
        return None
    try:
        document = json.loads(line)
        torn = document["torn"]
        return LogRecord(
            int(document["sequence"]),
            str(document["time"]),
            None if torn is None else Torn(int(torn["bytes"]), str(torn["sha256"])),
            document["previous"],
            found[2].decode(),
            fits=sha256(found[1]).hexdigest().encode() == found[2],
            content=_compare_clock(document),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def tail_of(data: bytes, before: Tail = EMPTY) -> Tail:
    """Return where a file of the log ends.

    Args:
        before: Where the file before it ends; counts where this one holds no record yet.
    """
    junk: list[bytes] = []
    for line in reversed(lines_of(data)):
        if record := parse_line(line):
            return Tail(record, b"".join(reversed(junk)))
        junk.append(line + b"\n")
    return Tail(before.last, before.junk + b"".join(reversed(junk)))


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines of a file, a last one that is not closed among them."""
    return data.removesuffix(b"\n").split(b"\n") if data else []


def is_repeated(entry: Entry, data: bytes, since: str, until: str) -> bool:
    """Return whether a failure that changed nothing stands among the last records already.

    A state that cannot be fixed would otherwise fill the log at every start of the client.
    """
    if _changes(entry.exit_code) or any(step.outcome in CHANGED for step in entry.steps):
        return False
    content = _compare_clock(content_of(entry))
    for line in reversed(lines_of(data)[-RECENT:]):
        record = parse_line(line)
        if record and record.content == content:
            return since < record.time <= until
        text = json.loads(record.content) if record else {}
        if text.get("home") == entry.home and _changes(text.get("exit_code")):
            return False  # the state was left, and has been reached again
    return False


def _changes(exit_code: int | None) -> bool:
    return exit_code in (0, LOGGED_OUT_EXIT)


def _compare_clock(document: dict[str, Any]) -> str:
    return json.dumps(
        {name: value for name, value in document.items() if name not in CHAIN}, sort_keys=True
    )


def describe_torn(junk: bytes) -> Torn | None:
    """Return what a record has to say of the lines before it that are none."""
    return Torn(len(junk), sha256(junk).hexdigest()) if junk else None


def moment(now: int) -> str:
    """Return a time as the log writes it, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
