"""A report as rows; what is no report is rejected with the reason, and is never a pass.

Read is what the tables hold. What else stands in a report may be of another release. No value of a
rejected document gets into a reason, because it may be no report at all.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec

from tipstaff_fleet.ingest.template import split
from tipstaff_policy.checks.model import Severity, Status
from tipstaff_policy.model.state import Platform

DAY_S = 86_400
EARLIEST_S = 1_577_836_800
"""2020-01-01; there was no Tipstaff before."""
LATEST_S = 253_402_300_799
"""The end of the year 9999."""
KNOWN = ("1",)
"""The schemas of reports that are read."""


class Row(msgspec.Struct):
    """A row of `runs`, with the rows of `credentials` that belong to it."""

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
    image: int
    partial: int
    trial: int
    tipstaff_version: str
    client_version: str
    client_proven: int
    policy_id: str
    policy_version: str
    policy_fingerprint: str
    verdict: str
    sign_in: str
    compliant: int
    reason: str
    passed: int
    failed: int
    errors: int
    waived: int
    log_head: str
    log_length: int
    log_fault: str
    signed_by: str
    set_id: str
    state_id: str
    state_marks: str
    credentials: list["CredentialRow"]
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


class _Tool(msgspec.Struct):
    name: Literal["tipstaff"]
    version: str


class _Host(msgspec.Struct):
    id: str | None
    name: str
    os: Platform


class _Log(msgspec.Struct):
    head: str | None = None
    length: int = 0
    fault: str = ""


class _Run(msgspec.Struct):
    id: str
    finished_at: str
    host: _Host
    user: str
    system_root: str | None
    trial: bool = False
    selected: list[str] | None = None
    action_log: _Log = msgspec.field(default_factory=_Log)


class _Client(msgspec.Struct):
    name: str
    version: str
    proven: bool


class _Rule(msgspec.Struct):
    field: str
    value: str | list[str]


class _Signed(msgspec.Struct):
    signed_by: str | None = None


class _Pasted(msgspec.Struct):
    """Of a waiver what a simulation reads: whether it was signed, and so not in the policy."""

    waiver: _Signed


class _Policy(msgspec.Struct):
    fingerprint: str
    id: str | None = None
    version: str | None = None
    rules: list[_Rule] = []
    waivers: list[_Pasted] = []


class _Credential(msgspec.Struct):
    store: str
    kind: str | None
    method: str | None
    active: bool
    fingerprint: str | None = None


class _Waiver(msgspec.Struct):
    expires_at: int
    owner: str
    ticket: str


class _Waived(msgspec.Struct):
    standing: str
    waiver: _Waiver


class _Finding(msgspec.Struct):
    check: str
    subject: str
    severity: Severity
    status: Status
    observed: str
    waiver: _Waived | None = None


class _Summary(msgspec.Struct):
    compliant: bool | None


class _SignIn(msgspec.Struct):
    verdict: str


class _Decision(msgspec.Struct):
    verdict: str
    reason: str


class _State(msgspec.Struct):
    home: str
    cwd: str


class _Report(msgspec.Struct):
    schema_version: str
    tool: _Tool
    run: _Run
    client: _Client
    clients: msgspec.Raw
    policy: _Policy
    credentials: list[_Credential]
    decision: msgspec.Raw
    findings: list[_Finding]
    summary: _Summary
    state: msgspec.Raw
    sign_in: _SignIn | None = None


class _User(msgspec.Struct):
    user: str
    home: str
    outcome: str
    reason: str
    report: msgspec.Raw


class _OfUsers(msgspec.Struct):
    schema_version: str
    tool: _Tool
    host: _Host
    finished_at: str
    users: list[_User]


class _Merged(msgspec.Struct):
    schema_version: str
    tool: _Tool
    reports: list[msgspec.Raw]
    missing: list[msgspec.Raw]


class _MissingReport(msgspec.Struct, forbid_unknown_fields=True):
    host: str
    user: str | None
    reason: str


class _Mark(msgspec.Struct):
    """Which document it is, by a field that only this one has."""

    findings: msgspec.Raw | None = None
    users: msgspec.Raw | None = None
    reports: msgspec.Raw | None = None
    steps: msgspec.Raw | None = None
    host: msgspec.Raw | None = None


_REPORT = msgspec.json.Decoder(_Report)
_STATE = msgspec.json.Decoder(_State)
_DECISION = msgspec.json.Decoder(_Decision)
_MARK = msgspec.json.Decoder(_Mark)
_OF_USERS = msgspec.json.Decoder(_OfUsers)
_MERGED = msgspec.json.Decoder(_Merged)
_MISSING = msgspec.json.Decoder(_MissingReport)
_ENCODE = msgspec.json.Encoder().encode
_NULL = b"null"
SETS_KEPT = 2000
"""Sets of findings that are remembered, so that what is equal is made once."""


class Reader:
    """Reads documents of one ingest."""

    def __init__(self, now_s: int) -> None:
        self.latest_s = now_s + DAY_S
        """A run that ended later than this was dated by a wrong clock."""
        self._sets: dict[bytes, _Set] = {}

    def read(self, data: bytes, signed_by: str = "") -> Iterator[Accepted | Rejected]:
        """Yield the runs of one JSON document: one, those of a root run, or those of many hosts.

        Args:
            data: The document.
            signed_by: The thumbprint of the key by which it was verified.
        """
        try:
            yield self._accept(_REPORT.decode(data), signed_by)
        except _UnusableError as error:
            yield Rejected(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield from self._read_other(data, signed_by, error)

    def _read_other(
        self, data: bytes, signed_by: str, no_report: Exception
    ) -> Iterator[Accepted | Rejected]:
        """Yield the runs of a document that is not the report of one person."""
        try:
            mark = _MARK.decode(data)
            if mark.users is not None:
                yield from self._read_users(_OF_USERS.decode(data), signed_by)
            elif mark.reports is not None:
                yield from self._read_merged(_MERGED.decode(data), signed_by)
            elif mark.steps is not None:
                yield Rejected("is the report of an enforcement, which judges no checks")
            elif mark.host is not None:
                _MISSING.decode(data)
                yield Rejected("says that there is no report of a user, and not when")
            else:
                yield Rejected(_explain(no_report))
        except _UnusableError as error:
            yield Rejected(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield Rejected(_explain(error))

    def _read_merged(self, merged: _Merged, signed_by: str) -> Iterator[Accepted | Rejected]:
        _require_schema(merged.schema_version)
        for report in merged.reports:
            yield from self.read(bytes(report), signed_by)
        for missing in merged.missing:
            yield from self.read(bytes(missing), signed_by)

    def _read_users(self, found: _OfUsers, signed_by: str) -> Iterator[Accepted | Rejected]:
        _require_schema(found.schema_version)
        seen_s = self._moment(found.finished_at)
        for user in found.users:
            if bytes(user.report) != _NULL:
                yield from self.read(bytes(user.report), signed_by)
            elif user.outcome != "skipped":
                yield Accepted(_unreported(found, user, seen_s, signed_by), (), "")

    def _accept(self, report: _Report, signed_by: str) -> Accepted:
        """Return a report as a row.

        Raises:
            _UnusableError: Its schema is of another release, or its clock is wrong.
            msgspec.DecodeError: A part of it is of another kind.
        """
        _require_schema(report.schema_version)
        run, policy = report.run, report.policy
        seen_s = self._moment(run.finished_at)
        state = _STATE.decode(report.state)
        decision = _DECISION.decode(report.decision)
        parts = split(_simulated(report), state.home, state.cwd)
        found = self._set(report.findings, parts.person)
        summary = report.summary
        compliant = -1 if summary.compliant is None else int(summary.compliant)
        sign_in = report.sign_in.verdict if report.sign_in else ""
        host_id, host_name = _host(run.host)
        row = Row(
            run_key=_digest(host_id, run.user, report.client.name, state.home, run.id),
            content=_content(decision.verdict, sign_in, compliant, found.set_id),
            host_id=host_id,
            host_name=host_name,
            user_name=run.user,
            client=report.client.name,
            home=state.home,
            run_id=run.id,
            seen_s=seen_s,
            seen_day=_day(seen_s),
            os=run.host.os,
            image=int(run.system_root is not None),
            partial=int(run.selected is not None),
            trial=int(run.trial),
            tipstaff_version=report.tool.version,
            client_version=report.client.version,
            client_proven=int(report.client.proven),
            policy_id=policy.id or "",
            policy_version=policy.version or "",
            policy_fingerprint=policy.fingerprint,
            verdict=decision.verdict,
            sign_in=sign_in,
            compliant=compliant,
            reason=decision.reason if decision.verdict == "unknown" else "",
            passed=found.passed,
            failed=found.failed,
            errors=found.errors,
            waived=found.waived,
            log_head=run.action_log.head or "",
            log_length=run.action_log.length,
            log_fault=run.action_log.fault,
            signed_by=signed_by,
            set_id=found.set_id,
            state_id=parts.state_id,
            state_marks=parts.marks,
            credentials=[_credential_row(held) for held in report.credentials],
        )
        return Accepted(row, found.rows, parts.template)

    def _set(self, findings: list[_Finding], person: str) -> "_Set":
        """Return the findings of a run as a set; equal ones are made once."""
        rows = tuple(_finding_row(finding, person) for finding in findings)
        text = _ENCODE(rows)
        found = self._sets.get(text)
        if found is None:
            statuses = [row.status for row in rows]
            set_id = hashlib.sha256(text).hexdigest()[:32]
            for row in rows:
                row.set_id = set_id
            found = _Set(
                set_id,
                rows,
                statuses.count("pass"),
                statuses.count("fail"),
                statuses.count("error"),
                sum(row.waived for row in rows),
            )
            if len(self._sets) >= SETS_KEPT:
                self._sets.clear()
            self._sets[text] = found
        return found

    def _moment(self, text: str) -> int:
        """Return a moment as whole seconds.

        Raises:
            _UnusableError: It is none, or later than a wrong clock explains.
        """
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise _UnusableError("run.finished_at is no moment") from None
        if found.tzinfo is None:
            raise _UnusableError("run.finished_at has no time zone")
        seconds = int(found.timestamp())
        if seconds > self.latest_s:
            raise _UnusableError("run.finished_at is more than a day in the future: a wrong clock")
        if seconds < EARLIEST_S:
            raise _UnusableError("run.finished_at is before 2020: a wrong clock")
        return seconds


class _Set(NamedTuple):
    """The findings of a run, which many runs share."""

    set_id: str
    rows: tuple[FindingRow, ...]
    passed: int
    failed: int
    errors: int
    waived: int


class _UnusableError(Exception):
    """A document that is read and cannot be counted; the message quotes nothing of it."""


def _require_schema(version: str) -> None:
    if version in KNOWN:
        return
    if version.isascii() and version.isdecimal() and len(version) < 10:
        raise _UnusableError(f"is written by schema {int(version)}, which this release cannot read")
    raise _UnusableError("does not say by which schema it is written")


def _simulated(report: _Report) -> bytes:
    """Return what a simulation reads of a report, as JSON, without who was judged and when."""
    rules = [rule for rule in report.policy.rules if rule.field == "trusted_keys"]
    pasted = [each for each in report.policy.waivers if each.waiver.signed_by]
    text = b"".join(
        (
            b'{"clients":',
            report.clients,
            b',"decision":',
            report.decision,
            b',"policy":{"rules":',
            msgspec.json.encode(rules),
            b',"waivers":',
            msgspec.json.encode(pasted[:1]),
            b'},"state":',
            report.state,
            b"}",
        )
    )
    begins = bytes(report.state)[:64]
    is_spaced = b'": ' in begins or b"\n" in begins
    return msgspec.json.format(text, indent=-1) if is_spaced else text


def _finding_row(finding: _Finding, person: str) -> FindingRow:
    """Return a finding as a row; of what passed, only that it did."""
    is_open = finding.status in ("fail", "error")
    row = FindingRow(
        finding.check,
        finding.subject.replace(person, "~"),
        finding.severity,
        finding.status,
        finding.observed.replace(person, "~") if is_open else "",
    )
    if finding.waiver is not None:
        waiver = finding.waiver.waiver
        row.waived = int(finding.status == "fail" and finding.waiver.standing == "active")
        row.waived_until_s = max(0, min(waiver.expires_at, LATEST_S))
        row.waiver_owner, row.waiver_ticket = waiver.owner, waiver.ticket
    return row


def _credential_row(held: _Credential) -> CredentialRow:
    return CredentialRow(
        held.store, held.kind or "", held.method or "", int(held.active), held.fingerprint or ""
    )


def _unreported(found: _OfUsers, user: _User, seen_s: int, signed_by: str) -> Row:
    """Return the row of a person of whom a root run made no report: it cannot tell."""
    host_id, host_name = _host(found.host)
    run_id = f"none-{seen_s}"
    return Row(
        run_key=_digest(host_id, user.user, "", user.home, run_id),
        content=_content("", "", -1, ""),
        host_id=host_id,
        host_name=host_name,
        user_name=user.user,
        client="",
        home=user.home,
        run_id=run_id,
        seen_s=seen_s,
        seen_day=_day(seen_s),
        os=found.host.os,
        image=0,
        partial=0,
        trial=0,
        tipstaff_version=found.tool.version,
        client_version="",
        client_proven=0,
        policy_id="",
        policy_version="",
        policy_fingerprint="",
        verdict="unknown",
        sign_in="",
        compliant=-1,
        reason=user.reason,
        passed=0,
        failed=0,
        errors=0,
        waived=0,
        log_head="",
        log_length=0,
        log_fault="",
        signed_by=signed_by,
        set_id="",
        state_id="",
        state_marks="",
        credentials=[],
    )


def _host(host: _Host) -> tuple[str, str]:
    """Return the id and the name of a host, the same in whatever case a report spells it."""
    name = host.name.casefold()
    return host.id.lower() if host.id else f"name:{name}", name


def _day(seconds: int) -> int:
    """Return the day of a moment in UTC, such as 20261130."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def _content(verdict: str, sign_in: str, compliant: int, set_id: str) -> str:
    """Return a digest of what a run found, the same in whatever format it came."""
    return _digest(verdict, sign_in, str(compliant), set_id)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _explain(error: Exception) -> str:
    """Return what is wrong with a document, without a value of it."""
    if isinstance(error, msgspec.ValidationError):
        text = str(error)
        place = text.rpartition("at `")[2].rstrip("`") if "at `$" in text else ""
        kind = "lacks a field" if "missing required" in text else "has a value of another kind"
        return f"is no report of this schema: it {kind}{f', at {place}' if place else ''}"
    return "is no JSON, or cut off"
