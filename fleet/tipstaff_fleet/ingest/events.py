"""Events of the Open Cybersecurity Schema Framework, as Tipstaff writes them, back into runs.

An event is one finding, so a run is several that follow each other. What events do not carry stays
empty: the state, so that such a run cannot be simulated, and how credentials stand to the rules.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from tipstaff_fleet.ingest.rows import (
    LATEST_S,
    Accepted,
    Clock,
    FindingRow,
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
from tipstaff_fleet.ingest.shapes import Log
from tipstaff_fleet.ingest.template import person_of
from tipstaff_policy.checks.model import Severity, Status

CLASS = 2003
PLATFORMS = {100: "windows", 200: "linux", 300: "macos"}
SEVERITIES: dict[int, Severity] = {5: "critical", 4: "high", 3: "medium", 2: "low", 1: "info"}
NO_CHECK = "decision"
"""The event that says that there is no decision; it is no finding of a check."""


class Product(msgspec.Struct):
    """The program that wrote the event."""

    name: Literal["Tipstaff"]
    version: str


class Metadata(msgspec.Struct):
    """What the event says of itself."""

    product: Product
    correlation_uid: str = ""


class System(msgspec.Struct):
    """The platform."""

    type_id: int


class Device(msgspec.Struct):
    """The machine."""

    hostname: str
    os: System = msgspec.field(default_factory=lambda: System(0))
    uid: str | None = None


class Resource(msgspec.Struct):
    """What was judged: the subject, the user, or the client."""

    type: str
    name: str
    version: str = ""
    uid: str = ""


class Compliance(msgspec.Struct):
    """The check."""

    control: str = ""


class Info(msgspec.Struct):
    """What was found."""

    desc: str


class EventRun(msgspec.Struct):
    """The run, as far as the schema has no place for it."""

    id: str
    system_root: str | None
    selected: list[str] | None


class EventDecision(msgspec.Struct):
    """What the client would do."""

    verdict: str
    reason: str


class EventPolicy(msgspec.Struct):
    """What was in force."""

    id: str | None
    version: str | None
    fingerprint: str


class EventWaiver(msgspec.Struct):
    """Who answers for a failure, until when."""

    standing: str
    owner: str
    ticket: str
    expires_at: int


class Unmapped(msgspec.Struct):
    """What the schema has no place for."""

    check_status: Status
    compliant: bool | None
    run: EventRun
    decision: EventDecision
    policy: EventPolicy
    action_log: Log
    waiver: EventWaiver | None = None


class Event(msgspec.Struct):
    """A compliance finding."""

    class_uid: int
    metadata: Metadata
    severity_id: int
    device: Device
    resources: list[Resource]
    compliance: Compliance
    finding_info: Info
    time: int
    unmapped: Unmapped | None = None


class _Who(NamedTuple):
    """Of whom an event is: the events of a run have it in common."""

    run_id: str
    host: str
    user: str
    client: str
    home: str


class EventRuns:
    """Puts events that follow each other together into runs."""

    def __init__(self, clock: Clock, sets: Sets) -> None:
        self._clock = clock
        self._sets = sets
        self._events: list[Event] = []
        self._signed_by = ""

    def add(self, event: Event, signed_by: str) -> Iterator[Accepted | Rejected]:
        """Take an event; yield the run before, where this one is of another."""
        if event.class_uid != CLASS or event.unmapped is None:
            yield Rejected("is an event that says nothing of a check")
            return
        if self._events and _who(self._events[0]) != _who(event):
            yield from self.end()
        self._events.append(event)
        self._signed_by = signed_by

    def end(self) -> Iterator[Accepted | Rejected]:
        """Yield the run of the events that were taken since the last one."""
        events, self._events = self._events, []
        if not events:
            return
        try:
            yield self._accept(events)
        except UnusableError as error:
            yield Rejected(str(error))

    def _accept(self, events: list[Event]) -> Accepted:
        first, who = events[0], _who(events[0])
        said = first.unmapped
        if said is None:
            raise UnusableError("is an event that says nothing of a check")
        seen_s = self._clock.check(first.time // 1000)
        person = person_of(who.home)
        found = self._sets.of([row for event in events for row in _finding_rows(event, person)])
        stated = -1 if said.compliant is None else int(said.compliant)
        host_id, host_name = name_host(first.device.uid, first.device.hostname)
        client = _resource(first, "Client")
        verdict = said.decision.verdict
        compliant = tell_compliance(stated, found, verdict=verdict, sign_in="")
        row = Row(
            run_key=make_digest(host_id, who.user, who.client, who.home, who.run_id),
            content=make_content(verdict, stated, found.set_id),
            host_id=host_id,
            host_name=host_name,
            user_name=who.user,
            client=who.client,
            home=who.home,
            run_id=who.run_id,
            seen_s=seen_s,
            seen_day=day_of(seen_s),
            os=PLATFORMS.get(first.device.os.type_id, ""),
            tipstaff_version=first.metadata.product.version,
            image=int(said.run.system_root is not None),
            partial=int(said.run.selected is not None),
            client_version=client.version,
            policy_id=said.policy.id or "",
            policy_version=said.policy.version or "",
            policy_fingerprint=said.policy.fingerprint,
            verdict=verdict,
            compliant=compliant,
            reason=said.decision.reason if compliant < 0 else "",
            passed=found.passed,
            failed=found.failed,
            errors=found.errors,
            waived=found.waived,
            log_head=said.action_log.head or "",
            log_length=said.action_log.length,
            signed_by=self._signed_by,
            set_id=found.set_id,
        )
        return Accepted(row, found.rows, "")


def _finding_rows(event: Event, person: str) -> Iterator[FindingRow]:
    """Yield the row of an event, where it is the finding of a check."""
    said = event.unmapped
    if said is None or event.compliance.control == NO_CHECK:
        return
    if event.severity_id not in SEVERITIES:
        raise UnusableError("has a severity that Tipstaff does not write")
    is_open = said.check_status in ("fail", "error")
    row = FindingRow(
        event.compliance.control,
        hide_home(_resource(event, "Subject").name, person),
        SEVERITIES[event.severity_id],
        said.check_status,
        hide_home(event.finding_info.desc, person) if is_open else "",
    )
    if said.waiver is not None:
        row.waived = int(said.check_status == "fail" and said.waiver.standing == "active")
        row.waived_until_s = max(0, min(said.waiver.expires_at, LATEST_S))
        row.waiver_owner, row.waiver_ticket = said.waiver.owner, said.waiver.ticket
    yield row


def _who(event: Event) -> _Who:
    client = _resource(event, "Client")
    user = _resource(event, "User").name
    host = event.device.uid or event.device.hostname
    return _Who(event.metadata.correlation_uid, host, user, client.name, client.uid)


def _resource(event: Event, kind: str) -> Resource:
    found = next((resource for resource in event.resources if resource.type == kind), None)
    return found or Resource(kind, "")
