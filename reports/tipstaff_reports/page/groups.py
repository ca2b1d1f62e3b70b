"""The findings of a report, by what an auditor has to do with them."""

from typing import NamedTuple

from tipstaff_reports.page.parts import Place
from tipstaff_reports.page.shown import GRAVEST_FIRST
from tipstaff_reports.summary import is_waived
from tipstaff_schemas.report import FindingEntry, Report


class Listed(NamedTuple):
    """A finding with its place on the page."""

    id: str
    finding: FindingEntry
    controls: tuple[str, ...]
    """Those that it is evidence for, of every framework of the report."""


class Groups(NamedTuple):
    """Every finding once, the gravest first in each group."""

    failing: tuple[Listed, ...]
    """Those that no active waiver covers."""
    waived: tuple[Listed, ...]
    errors: tuple[Listed, ...]
    passed: tuple[Listed, ...]
    not_applicable: tuple[Listed, ...]


class Entry(NamedTuple):
    """A report on the page: what every section is made from."""

    report: Report
    place: Place
    groups: Groups


def entry_of(report: Report, place: Place) -> Entry:
    """Return a report as its sections take it."""
    return Entry(report, place, _group_findings(report, place))


def _group_findings(report: Report, place: Place) -> Groups:
    controls = _controls(report)
    found = sorted(
        (
            Listed(place.id(f"finding-{number}"), finding, controls.get(finding.fingerprint, ()))
            for number, finding in enumerate(report.findings, 1)
        ),
        key=lambda listed: (
            GRAVEST_FIRST.index(listed.finding.severity),
            listed.finding.check,
            listed.finding.subject,
        ),
    )
    names = Groups._fields
    return Groups(
        *(tuple(listed for listed in found if _group(listed.finding) == name) for name in names)
    )


def _group(finding: FindingEntry) -> str:
    match finding.status:
        case "fail":
            return "waived" if is_waived(finding) else "failing"
        case "error":
            return "errors"
        case "not_applicable":
            return "not_applicable"
        case "pass":
            return "passed"


def _controls(report: Report) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for framework in report.frameworks:
        for control in framework.controls:
            for finding in control.findings:
                found[finding] = (*found.get(finding, ()), f"{framework.title}: {control.id}")
    return found
