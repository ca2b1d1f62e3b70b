"""How a fleet stands: one document of answers to many questions."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from tipstaff_fleet.answers.expected import ExpectedHost, define_expected
from tipstaff_fleet.answers.moments import DAY_S, Moments, define_moved
from tipstaff_fleet.engines.interface import Engine, Row
from tipstaff_fleet.questions import ask, define_relations
from tipstaff_fleet.tables import CONTROL_CHECKS, SHOWN
from tipstaff_policy import __version__
from tipstaff_policy.checks import MODULES as CHECKS
from tipstaff_policy.checks import load_check
from tipstaff_policy.checks.model import SEVERITIES, Severity
from tipstaff_reports.frameworks import load_framework
from tipstaff_schemas.build import time_text
from tipstaff_schemas.fleet import (
    CheckCounts,
    ControlCounts,
    DayCounts,
    ExpectedCounts,
    FailingHost,
    FailingList,
    FailureEntry,
    FailureList,
    FleetFramework,
    FleetReport,
    HostCounts,
    HostEntry,
    HostList,
    ImageEntry,
    ImageList,
    LogRollback,
    Movement,
    RollbackList,
    UnitCheckCounts,
    UnitCounts,
    VersionCounts,
    WaiverCounts,
)
from tipstaff_schemas.report import Tool

FailOn = Literal["any", "fails", "worse", "never"]
LIMIT = 100
"""Entries of a list in a document."""


class Asked(NamedTuple):
    """What a report is to hold."""

    moments: Moments
    expected: Collection[ExpectedHost] = ()
    frameworks: tuple[str, ...] = ()
    waivers_within_s: int = 30 * DAY_S
    days: int = 14
    """Of the trend."""
    limit: int = LIMIT
    fail_on: FailOn = "any"


class _Checked(NamedTuple):
    """On how many hosts of a unit a check came out how."""

    unit: str
    check: str
    rank: int
    passed: int
    failed: int
    waived: int
    errors: int


def make_report(engine: Engine, asked: Asked) -> FleetReport:
    """Return how the fleet stands.

    Raises:
        MemoryLimitError: A question needs more memory.
        BadStoreError: The store cannot be read.
    """
    moments, numbers = asked.moments, asked.moments.numbers()
    numbers |= {"limit": asked.limit, "until_s": moments.at_s + asked.waivers_within_s}
    define_expected(engine, asked.expected, numbers)
    define_moved(engine, moments)
    define_relations(engine, numbers, ("sign_ins",))
    trend = [_day(engine, moments, day) for day in reversed(range(1, asked.days))]
    define_relations(engine, numbers, ("histories", "clearings", "failures"))
    define_relations(engine, numbers, ("log_states", "turned_logs"))
    standings = ask(engine, "standings", numbers)
    hosts = _counts((str(name), int(count)) for name, count, _ in standings)
    missing = _list_missing(engine, numbers) if asked.expected else {}
    checked = [_count_check(row) for row in ask(engine, "unit_checks", numbers)]
    units = _units(ask(engine, "units", numbers), missing)
    absent = sum(missing.values())
    expected = _count_expected(asked.expected, absent, standings)
    movement = movement_of(engine, moments)
    versions = ask(engine, "versions", numbers)
    shown = {unit.unit for unit in units[: asked.limit]}
    return FleetReport(
        tool=Tool(version=__version__),
        at=moment(moments.at_s),
        silent_after_s=moments.silent_after_s,
        gone_after_s=moments.gone_after_s,
        hosts=hosts,
        expected=expected,
        movement=movement,
        trend=[*trend, DayCounts(at=moment(moments.at_s), **hosts.model_dump())],
        images=_count(engine, "image_count", numbers),
        rejected=_count(engine, "reject_count", numbers),
        units=units,
        checks=_checks(checked, ask(engine, "check_ages", numbers)),
        units_by_check=[
            _unit_check(counts_of_check)
            for counts_of_check in checked
            if counts_of_check.unit in shown
        ],
        clients=_versions((f"{row[1]}", f"{row[2]}", row) for row in versions),
        policies=_versions((f"{row[3]}", f"{row[4]}", row) for row in versions),
        releases=_versions(("tipstaff", f"{row[0]}", row) for row in versions),
        frameworks=_frameworks(engine, asked.frameworks, numbers),
        waivers=[_waiver(row, moments.at_s) for row in ask(engine, "waivers", numbers)],
        log_rollbacks=RollbackList(
            total=_count(engine, "log_rollback_count", numbers),
            entries=[_rollback(row) for row in ask(engine, "log_rollbacks", numbers)],
        ),
        failing=FailingList(total=hosts.fails, entries=_list_failing(engine, numbers)),
        failures=FailureList(
            total=_count(engine, "failure_count", numbers),
            entries=[_failure(row) for row in ask(engine, "failing_since", numbers)],
        ),
        silent=HostList(
            total=_count(engine, "silent_count", numbers),
            entries=[_host(row) for row in ask(engine, "silent", numbers)],
        ),
        cannot_tell=HostList(
            total=_count(engine, "cannot_tell_count", numbers),
            entries=[_host(row) for row in ask(engine, "cannot_tell", numbers)],
        ),
        missing=HostList(
            total=absent,
            entries=_list_missing_hosts(engine, numbers) if absent else [],
        ),
        image_list=ImageList(
            total=_count(engine, "image_count", numbers),
            entries=[_image(row) for row in ask(engine, "images", numbers)],
        ),
        exit_code=_exit_code(asked.fail_on, hosts, movement, absent),
    )


def moment(seconds: int) -> str:
    """Return a moment as documents write it."""
    return time_text(datetime.fromtimestamp(seconds, UTC))


def severity_of(rank: int) -> Severity:
    """Return a severity by the number that questions give it, from 1 on."""
    return SEVERITIES[rank - 1]


def movement_of(engine: Engine, moments: Moments) -> Movement:
    """Return how many hosts became what; what is asked must be defined."""
    found = {str(move): int(hosts) for move, hosts in ask(engine, "movement", {})}
    counted = {name: found.get(name, 0) for name in ("worse", "better", "unchanged", "new", "gone")}
    return Movement(since=moment(moments.since_s), **counted)


def title_of(check: str) -> str:
    """Return what a check is called; nothing where this release does not know it."""
    return load_check(check)[0].title if check in CHECKS else ""


def _exit_code(
    fail_on: FailOn, hosts: HostCounts, movement: Movement, missing: int
) -> Literal[0, 1, 4, 5]:
    """Return the exit code: 5 without hosts, 1 or 4 by what is asked for, otherwise 0."""
    if fail_on == "never":
        return 0
    if fail_on == "worse":
        return 1 if movement.worse or movement.gone else 0
    if not hosts.hosts and not missing:
        return 5
    if hosts.fails:
        return 1
    unseen = hosts.silent + hosts.cannot_tell + missing
    return 4 if fail_on == "any" and unseen else 0


def _counts(standings: Iterable[tuple[str, int]]) -> HostCounts:
    found = dict(standings)
    names = ("complies", "fails", "silent", "cannot_tell")
    return HostCounts(hosts=sum(found.values()), **{name: found.get(name, 0) for name in names})


def _day(engine: Engine, moments: Moments, days: int) -> DayCounts:
    """Return how hosts stood some days before."""
    at_s = moments.at_s - days * DAY_S
    found = ask(engine, "standings_on", moments.numbers(at_s))
    counts = _counts((str(name), int(count)) for name, count in found)
    return DayCounts(at=moment(at_s), **counts.model_dump())


def _count(engine: Engine, question: str, numbers: dict[str, int]) -> int:
    return int(ask(engine, question, numbers)[0][0])


def _list_missing(engine: Engine, numbers: dict[str, int]) -> dict[str, int]:
    """Return how many of the expected hosts of each unit are missing."""
    define_relations(engine, numbers, ("last_seen", "missing_hosts"))
    return {str(unit): int(count) for unit, count in ask(engine, "missing_units", numbers)}


def _list_missing_hosts(engine: Engine, numbers: dict[str, int]) -> list[HostEntry]:
    return [
        HostEntry(
            host=str(entry),
            host_id="",
            unit=str(unit),
            user="",
            client="",
            seen_at=moment(int(seen_s)) if seen_s else None,
            why="was not seen for so long that it is gone" if seen_s else "never reported",
        )
        for entry, unit, seen_s in ask(engine, "missing", numbers)
    ]


def _count_expected(
    given: Collection[ExpectedHost], missing: int, standings: list[Row]
) -> ExpectedCounts | None:
    if not given:
        return None
    return ExpectedCounts(
        expected=len(given),
        reporting=len(given) - missing,
        missing=missing,
        unexpected=sum(int(unexpected) for _, _, unexpected in standings),
    )


def _units(rows: list[Row], gone: dict[str, int]) -> list[UnitCounts]:
    """Return the units, the worst first; one of which no host reports is there as well."""
    found = {
        str(unit): UnitCounts(
            unit=str(unit),
            hosts=int(hosts),
            complies=int(complying),
            fails=int(failing),
            silent=int(silent),
            cannot_tell=int(untold),
            missing=gone.get(str(unit), 0),
        )
        for unit, hosts, complying, failing, silent, untold in rows
    }
    for unit, count in gone.items():
        if unit not in found:
            found[unit] = UnitCounts(
                unit=unit, hosts=0, complies=0, fails=0, silent=0, cannot_tell=0, missing=count
            )
    return sorted(
        found.values(), key=lambda entry: (-entry.fails, -entry.silent - entry.missing, entry.unit)
    )


def _count_check(row: Row) -> _Checked:
    unit, check, *counts = row
    return _Checked(str(unit), str(check), *map(int, counts))


def _unit_check(counted: _Checked) -> UnitCheckCounts:
    return UnitCheckCounts(
        unit=counted.unit,
        check=counted.check,
        passed=counted.passed,
        failed=counted.failed,
        waived=counted.waived,
        errors=counted.errors,
    )


def _checks(checked: list[_Checked], ages: list[Row]) -> list[CheckCounts]:
    """Return the checks over all units: of those that fail the gravest first."""
    since = {str(check): int(since_s) for check, since_s in ages}
    of_check: dict[str, list[_Checked]] = {}
    for count in checked:
        of_check.setdefault(count.check, []).append(count)
    found = [
        CheckCounts(
            check=check,
            title=title_of(check),
            severity=severity_of((max(unit.rank for unit in units) - 1) % len(SEVERITIES) + 1),
            passed=sum(unit.passed for unit in units),
            failed=sum(unit.failed for unit in units),
            waived=sum(unit.waived for unit in units),
            errors=sum(unit.errors for unit in units),
            since=moment(since[check]) if check in since else None,
        )
        for check, units in of_check.items()
    ]
    return sorted(
        found,
        key=lambda entry: (
            not entry.failed,
            -SEVERITIES.index(entry.severity),
            -entry.failed,
            -entry.errors,
            -entry.waived,
            entry.check,
        ),
    )


def _versions(named: Iterable[tuple[str, str, Row]]) -> list[VersionCounts]:
    """Return the newest reports by a name and a version, the most frequent first."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for name, version, row in named:
        silent, compliant, reports = map(int, row[5:])
        standing = {1: "complies", 0: "fails"}.get(compliant, "cannot_tell")
        of_version = counts.setdefault((name, version), {})
        key = "silent" if silent else standing
        of_version[key] = of_version.get(key, 0) + reports
    found = [
        VersionCounts(
            name=name,
            version=version,
            reports=sum(by_verdict.values()),
            complies=by_verdict.get("complies", 0),
            fails=by_verdict.get("fails", 0),
            cannot_tell=by_verdict.get("cannot_tell", 0),
            silent=by_verdict.get("silent", 0),
        )
        for (name, version), by_verdict in counts.items()
    ]
    return sorted(found, key=lambda entry: (-entry.reports, entry.name, entry.version))


def _frameworks(
    engine: Engine, names: tuple[str, ...], numbers: dict[str, int]
) -> list[FleetFramework]:
    """Return frameworks whose controls are counted over hosts that are not silent."""
    if not names:
        return []
    frameworks = [load_framework(name) for name in names]
    controls = [control for framework in frameworks for control in framework.controls]
    central = [set(control.evidence[0].checks) for control in controls]
    engine.load(
        CONTROL_CHECKS,
        [
            (number, check, int(check in central[number]))
            for number, control in enumerate(controls)
            for check in sorted(
                {check for evidence in control.evidence for check in evidence.checks}
            )
        ],
    )
    rows = {int(number): counts for number, *counts in ask(engine, "controls", numbers)}
    judged = _count(engine, "judged_hosts", numbers)
    found = []
    numbered = iter(range(len(controls)))
    for framework in frameworks:
        counted = []
        for control in framework.controls:
            failed, waived, passed = map(int, rows.get(next(numbered), (0, 0, 0)))
            counted.append(
                ControlCounts(
                    id=control.id,
                    title=control.title,
                    passed=passed,
                    failed=failed,
                    waived=waived,
                    not_evidenced=judged - failed - waived - passed,
                )
            )
        found.append(FleetFramework(id=framework.id, title=framework.title, controls=counted))
    return found


def _waiver(row: Row, at_s: int) -> WaiverCounts:
    check, owner, ticket, until_s, hosts = row
    return WaiverCounts(
        check=str(check),
        owner=str(owner),
        ticket=str(ticket),
        ends=moment(int(until_s)),
        ended=int(until_s) <= at_s,
        hosts=int(hosts),
    )


def _rollback(row: Row) -> LogRollback:
    host, host_id, user, home, seen_s, fewest, old_s, most = row
    return LogRollback(
        host=str(host),
        host_id=str(host_id),
        user=str(user),
        home=str(home),
        fault="shorter" if int(fewest) < int(most) else "rewritten",
        seen_at=moment(int(seen_s)),
        length=int(fewest),
        before_at=moment(int(old_s)),
        before_length=int(most),
    )


def _list_failing(engine: Engine, numbers: dict[str, int]) -> list[FailingHost]:
    hosts = ask(engine, "failing_hosts", numbers)
    engine.load(SHOWN, [(host_id,) for host_id, *_ in hosts])
    found: dict[str, list[tuple[str, str]]] = {}
    for host_id, user, check in ask(engine, "shown_hosts", numbers):
        found.setdefault(str(host_id), []).append((str(user), str(check)))
    return [
        FailingHost(
            host=str(name),
            host_id=str(host_id),
            unit=str(unit),
            users=sorted({user for user, _ in found.get(str(host_id), [])}),
            checks=sorted({check for _, check in found.get(str(host_id), [])}),
            severity=severity_of(int(rank)) if rank else None,
            since=moment(int(since_s)) if since_s else None,
            seen_at=moment(int(seen_s)),
        )
        for host_id, name, unit, seen_s, rank, since_s in hosts
    ]


def _failure(row: Row) -> FailureEntry:
    host, host_id, unit, user, client, home, check, subject, rank, waived, since_s = row
    return FailureEntry(
        host=str(host),
        host_id=str(host_id),
        unit=str(unit),
        user=str(user),
        client=str(client),
        home=str(home),
        check=str(check),
        subject=str(subject),
        severity=severity_of(int(rank)),
        waived=bool(waived),
        since=moment(int(since_s)),
    )


def _host(row: Row) -> HostEntry:
    host, host_id, unit, user, client, seen_s, *why = row
    return HostEntry(
        host=str(host),
        host_id=str(host_id),
        unit=str(unit),
        user=str(user),
        client=str(client),
        seen_at=moment(int(seen_s)),
        why=str(why[0]) if why else "",
    )


def _image(row: Row) -> ImageEntry:
    host, user, client, home, seen_s, compliant, failed = row
    return ImageEntry(
        host=str(host),
        user=str(user),
        client=str(client),
        home=str(home),
        seen_at=moment(int(seen_s)),
        compliant=None if int(compliant) < 0 else bool(compliant),
        failed=int(failed),
    )
