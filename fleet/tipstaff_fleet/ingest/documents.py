"""A JSON document as rows; what is no report is rejected with the reason, and is never a pass.

No value of a rejected document gets into a reason, because it may be no report at all.
"""

from collections.abc import Iterator

import msgspec

from tipstaff_fleet.ingest.events import Event, EventRuns
from tipstaff_fleet.ingest.rows import (
    LATEST_S,
    Accepted,
    ActionRow,
    Clock,
    CredentialRow,
    FindingRow,
    FoundSet,
    Rejected,
    Row,
    Sets,
    UnusableError,
    day_of,
    hide_home,
    make_content,
    make_digest,
    name_host,
    tell_compliance,
)
from tipstaff_fleet.ingest.shapes import (
    Credential,
    Decision,
    Enforcement,
    Finding,
    Mark,
    Merged,
    MissingReport,
    OfUsers,
    Report,
    SignIn,
    State,
    User,
)
from tipstaff_fleet.ingest.template import PERSON, Splitter, in_json

KNOWN = ("1",)
"""The schemas of reports that are read."""
Found = Accepted | ActionRow | Rejected
NO_REPORT = "says that there is no report of a user, and not when"
_REPORT = msgspec.json.Decoder(Report)
_FINDINGS = msgspec.json.Decoder(list[Finding])
_FINGERPRINT, _DIGITS = b'"fingerprint":"', b"0123456789abcdef"
"""Each host has its own, and the rows hold none of them."""
_FINGERPRINT_LENGTH = 32
TEXTS_KEPT = 500
"""Texts of findings, some 14 KB each, of which the rows are remembered."""
_STATE = msgspec.json.Decoder(State)
_DECISION = msgspec.json.Decoder(Decision)
_MARK = msgspec.json.Decoder(Mark)
_OF_USERS = msgspec.json.Decoder(OfUsers)
_MERGED = msgspec.json.Decoder(Merged)
_MISSING = msgspec.json.Decoder(MissingReport)
_ENFORCEMENT = msgspec.json.Decoder(Enforcement)
_EVENT = msgspec.json.Decoder(Event)
_EVENTS = msgspec.json.Decoder(list[Event])
_NULL = b"null"


class Reader:
    """Reads documents of one source after the other."""

    def __init__(self, now_s: int) -> None:
        self._clock = Clock(now_s)
        self._sets = Sets()
        self._splitter = Splitter()
        self._known: dict[int, list[tuple[bytes, FoundSet]]] = {}
        self._texts = 0
        self._events = EventRuns(self._clock, self._sets)

    def read(self, data: bytes, signed_by: str = "") -> Iterator[Found]:
        """Yield the runs of one JSON document: one, those of a root run, or those of many hosts.

        The run of an event follows with the first event of another run, or with `end`.

        Args:
            data: The document.
            signed_by: The thumbprint of the key by which it was verified.
        """
        try:
            yield self._accept(_REPORT.decode(data), signed_by)
        except UnusableError as error:
            yield Rejected(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield from self._read_other(data, signed_by, error)

    def end(self) -> Iterator[Found]:
        """Yield what waits for more events, where a source ends."""
        yield from self._events.end()

    def _set_of(self, findings: bytes, person: str) -> FoundSet:
        """Return the findings of a report as a set.

        Raises:
            msgspec.DecodeError: They are none.
        """
        text = _in_common(findings, person)
        found = self._find_known_set(text)
        if found is None:
            rows = [_finding_row(finding, person) for finding in _FINDINGS.decode(findings)]
            found = self._sets.of(rows)
            if text:
                self._remember(text, found)
        return found

    def _find_known_set(self, text: bytes) -> FoundSet | None:
        """Return the set of a text that was read before."""
        for known, found in self._known.get(len(text), ()):
            if known == text:  # faster than a digest of the text, as the key of a mapping needs
                return found
        return None

    def _remember(self, text: bytes, found: FoundSet) -> None:
        if self._texts >= TEXTS_KEPT:
            self._known.clear()
            self._texts = 0
        self._known.setdefault(len(text), []).append((text, found))
        self._texts += 1

    def _read_other(self, data: bytes, signed_by: str, no_report: Exception) -> Iterator[Found]:
        """Yield what a document holds that is not the report of one person."""
        try:
            if data.lstrip().startswith(b"["):
                for event in _EVENTS.decode(data):
                    yield from self._events.add(event, signed_by)
                yield from self._events.end()
            else:
                yield from self._read_marked(_MARK.decode(data), data, signed_by, no_report)
        except UnusableError as error:
            yield Rejected(str(error))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield Rejected(_explain(error))

    def _read_marked(
        self, mark: Mark, data: bytes, signed_by: str, no_report: Exception
    ) -> Iterator[Found]:
        if mark.class_uid:
            yield from self._events.add(_EVENT.decode(data), signed_by)
        elif inner := mark.TIPSTAFF_REPORT or mark.message or mark.log:
            yield from self._read_inner(inner.encode(), signed_by)
        elif mark.steps:
            yield self._act(_ENFORCEMENT.decode(data))
        elif mark.users:
            yield from self._read_users(_OF_USERS.decode(data), signed_by)
        elif mark.reports:
            yield from self._read_merged(_MERGED.decode(data), signed_by)
        elif mark.host:
            _MISSING.decode(data)
            yield Rejected(NO_REPORT)
        else:
            yield Rejected(_explain(no_report))

    def _read_inner(self, data: bytes, signed_by: str) -> Iterator[Found]:
        """Yield the runs of a document that another document holds as a text."""
        if not data.lstrip().startswith(b"{"):
            raise UnusableError("is a message that holds no report")
        yield from self.read(data, signed_by)

    def _act(self, report: Enforcement) -> ActionRow:
        """Return the report of an enforcement as a row.

        Raises:
            UnusableError: Its schema is of another release, or its clock is wrong.
        """
        _require_schema(report.schema_version)
        run = report.run
        host_id, host_name = name_host(run.host.id, run.host.name)
        return ActionRow(
            action_key=make_digest(host_id, run.user, report.client.name, run.id),
            host_id=host_id,
            host_name=host_name,
            user_name=run.user,
            client=report.client.name,
            seen_s=self._clock.read(run.finished_at),
            image=int(run.system_root is not None),
            dry_run=int(report.dry_run),
            exit_code=report.exit_code,
            sign_in=report.sign_in.verdict,
            sign_in_after=report.sign_in_after.verdict,
            steps=len(report.steps),
            note=report.note,
        )

    def _read_merged(self, merged: Merged, signed_by: str) -> Iterator[Found]:
        _require_schema(merged.schema_version)
        for report in merged.reports:
            yield from self.read(bytes(report), signed_by)
        for _ in merged.missing:
            yield Rejected(NO_REPORT)

    def _read_users(self, found: OfUsers, signed_by: str) -> Iterator[Found]:
        _require_schema(found.schema_version)
        seen_s = self._clock.read(found.finished_at)
        for user in found.users:
            if bytes(user.report) != _NULL:
                yield from self.read(bytes(user.report), signed_by)
            elif user.outcome != "skipped":
                yield Accepted(_make_unreported_row(found, user, seen_s, signed_by), (), "")

    def _accept(self, report: Report, signed_by: str) -> Accepted:
        """Return a report as a row.

        Raises:
            UnusableError: Its schema is of another release, or its clock is wrong.
            msgspec.DecodeError: A part of it is of another kind.
        """
        _require_schema(report.schema_version)
        run, policy = report.run, report.policy
        seen_s = self._clock.read(run.finished_at)
        state = _STATE.decode(report.state)
        decision = _DECISION.decode(report.decision)
        parts = self._splitter.split(_build_simulated(report), state.home, state.cwd)
        found = self._set_of(bytes(report.findings), parts.person)
        summary = report.summary
        said = -1 if summary.compliant is None else int(summary.compliant)
        sign_in = report.sign_in or SignIn("")
        compliant = tell_compliance(said, found, verdict=decision.verdict, sign_in=sign_in.verdict)
        undecided = decision.verdict in ("refuse", "unknown")
        host_id, host_name = name_host(run.host.id, run.host.name)
        row = Row(
            run_key=make_digest(host_id, run.user, report.client.name, state.home, run.id),
            content=make_content(decision.verdict, said, found.set_id),
            host_id=host_id,
            host_name=host_name,
            user_name=run.user,
            client=report.client.name,
            home=state.home,
            run_id=run.id,
            seen_s=seen_s,
            seen_day=day_of(seen_s),
            os=run.host.os,
            tipstaff_version=report.tool.version,
            image=int(run.system_root is not None),
            partial=int(run.selected is not None),
            trial=int(run.trial),
            client_version=report.client.version,
            client_proven=int(report.client.proven),
            policy_id=policy.id or "",
            policy_version=policy.version or "",
            policy_fingerprint=policy.fingerprint,
            verdict=decision.verdict,
            sign_in=sign_in.verdict,
            compliant=compliant,
            reason=(decision.reason if undecided else sign_in.reason) if compliant < 0 else "",
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


def _require_schema(version: str) -> None:
    if version in KNOWN:
        return
    if version.isascii() and version.isdecimal() and len(version) < 10:
        raise UnusableError(f"is written by schema {int(version)}, which this release cannot read")
    raise UnusableError("does not say by which schema it is written")


def _build_simulated(report: Report) -> bytes:
    """Return what a simulation reads of a report, as JSON, without who was judged and when."""
    rules = [rule for rule in report.policy.rules if rule.field == "trusted_keys"]
    signed = [waiver for waiver in report.policy.waivers if waiver.waiver.signed_by]
    parts = (
        b'{"clients":',
        report.clients,
        b',"decision":',
        report.decision,
        b',"policy":{"rules":',
        msgspec.json.encode(rules),
        b',"waivers":',
        msgspec.json.encode(signed[:1]),
        b'},"state":',
        report.state,
        b"}",
    )
    text = b"".join(parts)
    begins = bytes(report.state)[:64]
    is_spaced = b'": ' in begins or b"\n" in begins
    return msgspec.json.format(text, indent=-1) if is_spaced else text


def _in_common(findings: bytes, person: str) -> bytes:
    """Return the findings of a report as hosts have them in common; nothing where that is unsure.

    Args:
        findings: As JSON.
        person: The person's home.
    """
    if PERSON in findings or not ("/" in person or "\\" in person):
        return b""  # no text that Tipstaff wrote, and no path: it can stand for any other word
    # To split and join takes two thirds of the time that `replace` takes.
    first, *others = PERSON.join(findings.split(in_json(person))).split(_FINGERPRINT)
    digests = b"".join([part[:_FINGERPRINT_LENGTH] for part in others])
    if len(digests) != len(others) * _FINGERPRINT_LENGTH or not digests.isalnum():
        return b"".join((first, *(part.lstrip(_DIGITS) for part in others)))
    return b"".join((first, *[part[_FINGERPRINT_LENGTH:] for part in others]))


def _finding_row(finding: Finding, person: str) -> FindingRow:
    """Return a finding as a row; of what passed, only that it did."""
    is_open = finding.status in ("fail", "error")
    row = FindingRow(
        finding.check,
        hide_home(finding.subject, person),
        finding.severity,
        finding.status,
        hide_home(finding.observed, person) if is_open else "",
    )
    if finding.waiver is not None:
        waiver = finding.waiver.waiver
        row.waived = int(finding.status == "fail" and finding.waiver.standing == "active")
        row.waived_until_s = max(0, min(waiver.expires_at, LATEST_S))
        row.waiver_owner, row.waiver_ticket = waiver.owner, waiver.ticket
    return row


def _credential_row(held: Credential) -> CredentialRow:
    return CredentialRow(
        held.store, held.kind or "", held.method or "", int(held.active), held.fingerprint or ""
    )


def _make_unreported_row(found: OfUsers, user: User, seen_s: int, signed_by: str) -> Row:
    """Return the row of a person of whom a root run made no report: it cannot tell."""
    host_id, host_name = name_host(found.host.id, found.host.name)
    run_id = f"none-{seen_s}"
    return Row(
        run_key=make_digest(host_id, user.user, "", user.home, run_id),
        content=make_content("unknown", -1, ""),
        host_id=host_id,
        host_name=host_name,
        user_name=user.user,
        client="",
        home=user.home,
        run_id=run_id,
        seen_s=seen_s,
        seen_day=day_of(seen_s),
        os=found.host.os,
        tipstaff_version=found.tool.version,
        verdict="unknown",
        reason=user.reason,
        signed_by=signed_by,
    )


def _explain(error: Exception) -> str:
    """Return what is wrong with a document, without a value of it."""
    if not isinstance(error, msgspec.ValidationError):
        return "is no JSON, or cut off"
    text = str(error)
    place = text.rpartition("at `")[2].rstrip("`") if "at `$" in text else ""
    kind = "lacks a field" if "missing required" in text else "has a value of another kind"
    return f"is no report of this schema: it {kind}{f', at {place}' if place else ''}"
