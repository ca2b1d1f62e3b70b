"""Reports that were collected, read as far as a simulation needs them.

What else stands in a report may be of another release. No value of what is read gets into a
message, because it may be no report at all.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from tipstaff_policy.assessment.simulation import Subject
from tipstaff_policy.clients.interface.installations import make_judging_key
from tipstaff_policy.model.state import (
    Client,
    Decision,
    HostState,
    Machine,
    Reading,
)
from tipstaff_schemas.client_fields import ClientFields


class Collected(NamedTuple):
    """A person in a collected report."""

    subject: Subject


class Missing(NamedTuple):
    """A report, or a user of one, with nothing to simulate."""

    why: str


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class _Host(_Read):
    id: str | None
    name: str


class _Run(_Read):
    host: _Host
    user: str
    system_root: str | None


class _Client(ClientFields, _Read):
    """A client without its verdict, which a simulation works out again."""


class _Rule(_Read):
    field: str
    value: str | list[str]


class _Waiver(_Read):
    signed_by: str | None


class _Waived(_Read):
    waiver: _Waiver


class _Policy(_Read):
    rules: list[_Rule]
    waivers: list[_Waived]


class _Kept(_Read):
    """What a simulation reads apart from the machine; a fleet's store keeps all of it."""

    clients: list[_Client]
    policy: _Policy
    decision: Decision
    state: HostState


class _Report(_Kept):
    schema_version: Literal["1"]
    run: _Run


class _User(_Read):
    user: str
    outcome: str
    reason: str
    report: _Report | None


class _OfUsers(_Read):
    schema_version: Literal["1"]
    users: list[_User]


class _MissingReport(_Read):
    host: str
    user: str | None
    reason: str


class _Merged(_Read):
    schema_version: Literal["1"]
    reports: list[_Report]
    missing: list[_MissingReport]


def read_collected(data: bytes) -> Iterator[Collected | Missing]:
    """Yield the persons of one report: one, all of a root run's, or all of many reports."""
    try:
        report = _Report.model_validate_json(data)
    except ValidationError as error:
        yield from _of_many(data, error) if _lacks(error, "run") else (Missing(_why(error)),)
    else:
        yield Collected(_subject(report))


def read_kept(data: bytes, machine: Machine) -> Subject:
    """Return the person of a report of which only what a simulation reads was kept.

    Raises:
        ValueError: It was kept by another release; the message quotes nothing of it.
    """
    try:
        kept = _Kept.model_validate_json(data)
    except ValidationError as error:
        raise ValueError(_why(error)) from None
    return _subject_on(machine, kept)


def _of_many(data: bytes, no_report: ValidationError) -> Iterator[Collected | Missing]:
    try:
        missing = _MissingReport.model_validate_json(data)
    except ValidationError:
        yield from _of_merged(data, no_report)
    else:
        yield _read_missing(missing)


def _of_merged(data: bytes, no_report: ValidationError) -> Iterator[Collected | Missing]:
    try:
        found = _Merged.model_validate_json(data)
    except ValidationError as error:
        others = _of_users(data, no_report) if _lacks(error, "reports") else (Missing(_why(error)),)
        yield from others
    else:
        yield from (Collected(_subject(report)) for report in found.reports)
        yield from map(_read_missing, found.missing)


def _read_missing(report: _MissingReport) -> Missing:
    return Missing(f"user {report.user or 'unknown'} on {report.host}: {report.reason}")


def _of_users(data: bytes, no_report: ValidationError) -> Iterator[Collected | Missing]:
    try:
        found = _OfUsers.model_validate_json(data)
    except ValidationError as error:
        yield Missing(_why(no_report if _lacks(error, "users") else error))
        return
    for user in found.users:
        if user.report is not None:
            yield Collected(_subject(user.report))
        elif user.outcome != "skipped":
            yield Missing(f"user {user.user}: {user.reason}")


def _lacks(error: ValidationError, field: str) -> bool:
    return any(fault["loc"] == (field,) and fault["type"] == "missing" for fault in error.errors())


def _why(error: ValidationError) -> str:
    """Return what is wrong, with nothing of what was read."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return "is no JSON, or cut off"
    known = (*_Report.model_fields, *_OfUsers.model_fields, *_Merged.model_fields)
    named = [str(part) for part in first["loc"][:1] if part in known]
    return f"is no report of this schema: {'.'.join(named) or 'it'} is missing or of another kind"


def _subject(report: _Report) -> Subject:
    run, state = report.run, report.state
    image = run.system_root is not None
    user = state.home.rstrip("/").rpartition("/")[0].rpartition("/")[2] if image else run.user
    return _subject_on(Machine(run.host.id, run.host.name, user), report)


def _subject_on(machine: Machine, kept: _Kept) -> Subject:
    trusted = next((rule.value for rule in kept.policy.rules if rule.field == "trusted_keys"), None)
    return Subject(
        states=_states(kept),
        machine=machine,
        judged_by=tuple(trusted) if isinstance(trusted, list) else None,
        decided=kept.decision,
        unverified_waivers=any(waiver.waiver.signed_by for waiver in kept.policy.waivers),
    )


def _states(report: _Kept) -> tuple[HostState, ...]:
    """Return the state as each of the host's clients has it, the one that stands for it first.

    The state was read for that client; what another would have read otherwise, its decision takes
    for unknown.
    """
    state = report.state
    found = {make_judging_key(state.client): state}
    for client in report.clients:
        versions = tuple(client.may_be)
        named = client.model_dump() | {"may_be": versions, "precedence": state.client.precedence}
        readings = tuple(Reading(version, state.credentials) for version in versions)
        other = state._replace(client=Client(**named), readings=readings)
        found.setdefault((client.precedence, versions, client.version_source), other)
    return tuple(found.values())
