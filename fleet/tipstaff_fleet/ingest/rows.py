"""Rows of the tables, as a worker writes them, and what all kinds of documents share."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from tipstaff_policy.checks.model import SEVERITIES, Severity, Status

DAY_S = 86_400
EARLIEST_S = 1_577_836_800
"""2020-01-01; there was no Tipstaff before."""
LATEST_S = 253_402_300_799
"""The end of the year 9999."""
GRAVE = SEVERITIES[SEVERITIES.index("medium") :]
SETS_KEPT = 2000
"""Sets of findings that are remembered, so that what is equal is made once."""
_ENCODE = msgspec.json.Encoder().encode


class Row(msgspec.Struct):
    """A row of `runs`, with the rows of `credentials` that belong to it; see `tables.py`."""

    run_key: str
    content: str
    host_id: str
    host_name: str
    user_name: str
    client: str
    home: str
    run_id: str
    seen_s: int
    seen_day: int
    os: str
    tipstaff_version: str
    image: int = 0
    partial: int = 0
    trial: int = 0
    client_version: str = ""
    client_proven: int = 0
    policy_id: str = ""
    policy_version: str = ""
    policy_fingerprint: str = ""
    verdict: str = ""
    sign_in: str = ""
    compliant: int = -1
    reason: str = ""
    passed: int = 0
    failed: int = 0
    errors: int = 0
    waived: int = 0
    log_head: str = ""
    log_length: int = 0
    log_fault: str = ""
    signed_by: str = ""
    set_id: str = ""
    state_id: str = ""
    state_marks: str = ""
    credentials: list["CredentialRow"] = []
    run_seq: int = 0


class FindingRow(msgspec.Struct):
    """A row of `findings`."""

    check_id: str
    subject: str
    severity: Severity
    status: Status
    observed: str
    waived: int = 0
    waived_until_s: int = 0
    waiver_owner: str = ""
    waiver_ticket: str = ""
    set_id: str = ""


class CredentialRow(msgspec.Struct):
    """A row of `credentials`."""

    store: str
    kind: str
    method: str
    active: int
    fingerprint: str


class Accepted(NamedTuple):
    """A run, with the rows that it shares with others."""

    row: Row
    findings: tuple[FindingRow, ...]
    template: str
    """Empty where there is no state."""


class StateRow(msgspec.Struct):
    """A row of `states`."""

    state_id: str
    template: str


class Rejected(NamedTuple):
    """A document, or a part of one, that says nothing that can be counted."""

    why: str


class ActionRow(msgspec.Struct):
    """A row of `actions`."""

    action_key: str
    host_id: str
    host_name: str
    user_name: str
    client: str
    seen_s: int
    image: int
    dry_run: int
    exit_code: int
    sign_in: str
    sign_in_after: str
    steps: int
    note: str


class FoundSet(NamedTuple):
    """The findings of a run, which many runs share."""

    set_id: str
    rows: tuple[FindingRow, ...]
    passed: int
    failed: int
    errors: int
    waived: int
    is_failing: bool
    """Whether a failure of medium severity or above stands without a waiver."""


class UnusableError(Exception):
    """A document that is read and cannot be counted; the message quotes nothing of it."""


class Sets:
    """The sets of findings of one ingest."""

    def __init__(self) -> None:
        self._known: dict[bytes, FoundSet] = {}

    def of(self, rows: Sequence[FindingRow]) -> FoundSet:
        """Return rows as a set; equal ones are made once."""
        text = _ENCODE(rows)
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= SETS_KEPT:
                self._known.clear()
            found = self._known[text] = _make(text, tuple(rows))
        return found


def _make(text: bytes, rows: tuple[FindingRow, ...]) -> FoundSet:
    set_id = hashlib.sha256(text).hexdigest()[:32]
    for row in rows:
        row.set_id = set_id
    statuses = [row.status for row in rows]
    return FoundSet(
        set_id,
        rows,
        statuses.count("pass"),
        statuses.count("fail"),
        statuses.count("error"),
        sum(row.waived for row in rows),
        any(row.status == "fail" and not row.waived and row.severity in GRAVE for row in rows),
    )


class Clock:
    """Separates possible moments from those of a wrong clock."""

    def __init__(self, now_s: int) -> None:
        self.latest_s = now_s + DAY_S

    def check(self, seconds: int) -> int:
        """Return a moment in seconds since 1970.

        Raises:
            UnusableError: It is more than a day ahead, or before there was a Tipstaff.
        """
        if seconds > self.latest_s:
            raise UnusableError("ended more than a day in the future: a wrong clock")
        if seconds < EARLIEST_S:
            raise UnusableError("ended before 2020: a wrong clock")
        return seconds

    def read(self, text: str) -> int:
        """Return a moment of RFC 3339 in seconds since 1970.

        Raises:
            UnusableError: It is none, or one of a wrong clock.
        """
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise UnusableError("does not say when it ended") from None
        if found.tzinfo is None:
            raise UnusableError("does not say in which time zone it ended")
        return self.check(int(found.timestamp()))


def name_host(host_id: str | None, name: str) -> tuple[str, str]:
    """Return the id and the name of a host, the same in whatever case a report spells it."""
    small = name.casefold()
    return host_id.lower() if host_id else f"name:{small}", small


def day_of(seconds: int) -> int:
    """Return the day of a moment in UTC, such as 20261130."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def tell_compliance(said: int, found: FoundSet, *, verdict: str, sign_in: str) -> int:
    """Return whether a run complies, as a fleet counts it: 1, 0, or -1 where it cannot tell.

    A report never complies where something could not be judged. In a fleet that alone is no
    failure: nothing violates, and no check fails.

    Args:
        said: What the report says.
        found: Its findings.
        verdict: What the client would do.
        sign_in: How the credentials stand; empty where the report does not say it.
    """
    unsure = verdict in ("refuse", "unknown") or sign_in == "cannot_tell" or found.errors > 0
    fails = sign_in == "violates" or found.is_failing
    return -1 if said == 0 and unsure and not fails else said


def make_content(verdict: str, compliant: int, set_id: str) -> str:
    """Return a digest of what a run found, the same in whatever format it came."""
    return make_digest(verdict, str(compliant), set_id)


def make_digest(*parts: str) -> str:
    """Return a digest of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def hide_home(text: str, person: str) -> str:
    """Return a text with `~` for the person's home, so that it is the same on every host."""
    return text.replace(person, "~") if len(person) > 1 else text
