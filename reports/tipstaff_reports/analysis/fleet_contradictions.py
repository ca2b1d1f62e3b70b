"""Find contradictions in the documents of a fleet by counting again what they list."""

from collections.abc import Iterator

from tipstaff_schemas.fleet import FleetDiff, FleetReport, HostCounts
from tipstaff_schemas.saved_fleet import Fleet

STANDINGS = ("complies", "fails", "silent", "cannot_tell")


def fleet_contradictions(document: Fleet) -> list[str]:
    """Return which numbers do not follow from the others; none in a whole document."""
    if isinstance(document, FleetReport):
        return [*_of_counts(document), *_of_lists(document)]
    return [*_of_diff(document)] if isinstance(document, FleetDiff) else []


def _of_counts(report: FleetReport) -> Iterator[str]:
    counted: dict[str, HostCounts] = {"hosts": report.hosts}
    counted |= {f"trend.{number}": day for number, day in enumerate(report.trend)}
    counted |= {f"units.{number}": unit for number, unit in enumerate(report.units)}
    for where, counts in counted.items():
        if counts.hosts != sum(getattr(counts, name) for name in STANDINGS):
            yield f"{where}.hosts: is not the sum of how they stand"
    for name in ("hosts", *STANDINGS):
        if getattr(report.hosts, name) != sum(getattr(unit, name) for unit in report.units):
            yield f"hosts.{name}: is not the sum of the units"
    moved = report.movement
    if moved.worse + moved.better + moved.unchanged + moved.new != report.hosts.hosts:
        yield "movement: is not that of all hosts"
    for number, check in enumerate(report.checks):
        if check.passed + check.failed + check.waived + check.errors > report.hosts.hosts:
            yield f"checks.{number}: counts more than all hosts"


def _of_lists(report: FleetReport) -> Iterator[str]:
    if report.failing.total != report.hosts.fails:
        yield "failing.total: is not how many hosts fail"
    if report.missing.total != sum(unit.missing for unit in report.units):
        yield "missing.total: is not the sum of the units"
    expected = report.expected
    if expected and expected.expected != expected.reporting + expected.missing:
        yield "expected.expected: is not the sum of its parts"
    if report.missing.total != (expected.missing if expected else 0):
        yield "missing.total: is not how many expected hosts are missing"
    for name in ("failing", "failures", "silent", "cannot_tell", "missing"):
        found = getattr(report, name)
        if len(found.entries) > found.total:
            yield f"{name}.total: is less than its entries"
    if report.exit_code == 1 and not (
        report.hosts.fails or report.movement.worse or report.movement.gone
    ):
        yield "exit_code: does not follow from how the hosts stand"


def _of_diff(diff: FleetDiff) -> Iterator[str]:
    for move in ("worse", "better", "gone", "new"):
        listed = sum(entry.hosts for entry in diff.moved if entry.move == move)
        said = getattr(diff.movement, move)
        if listed > said or (listed != said and len(diff.moved) == diff.moved_groups):
            yield f"movement.{move}: is {said}, and {listed} are listed"
    if (diff.exit_code == 1) != bool(diff.movement.worse or diff.movement.gone):
        yield "exit_code: does not follow from movement"
