"""What a fleet's page shows below its summary: units by checks, and what is behind each number."""

from collections.abc import Sequence

from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.parts import Row, badge, link, paragraph, table
from tipstaff_reports.page.shown import code, codes, prose
from tipstaff_schemas.fleet import (
    FailingHost,
    FleetReport,
    HostList,
    UnitCheckCounts,
    UnitCounts,
    VersionCounts,
)

MOST_UNITS, MOST_CHECKS = 40, 16
"""Rows and columns of the heat map."""
SHADES = (0, 1, 5, 10, 25, 50)
"""Percent of hosts from which on a cell of the heat map is darker."""
MOST_HOSTS = 30
"""Hosts that are named for a unit or a check."""
NO_UNIT = "no unit"


def render_heat_map(document: FleetReport) -> Content:
    """Return how often each check fails in each unit: the figure, and a shade behind it."""
    checks = [check.check for check in document.checks if check.failed][:MOST_CHECKS]
    units = document.units[:MOST_UNITS]
    if not checks or not units:
        return paragraph("No check fails.")
    counts = {(entry.unit, entry.check): entry for entry in document.units_by_check}
    head = element(
        "tr",
        element("th", "Unit", scope="col"),
        *(element("th", link(f"check-{check}", check), scope="col") for check in checks),
    )
    rows = [
        element(
            "tr",
            element("th", prose(unit.unit, NO_UNIT), scope="row"),
            *(_cell(counts.get((unit.unit, check)), unit) for check in checks),
        )
        for unit in units
    ]
    caption = "Percent of a unit's reporting hosts on which a check fails and no waiver covers it"
    left = len(document.units) - len(units)
    further = f" The {left:,} further units fail less; they are in the tables." if left > 0 else ""
    return [
        element(
            "div",
            element(
                "table",
                element("caption", caption + "." + further),
                element("thead", head),
                element("tbody", *rows),
                class_="heat",
            ),
            class_="wide-table",
            tabindex="0",
            role="region",
            aria_label="Units and checks",
        )
    ]


def _cell(counts: UnitCheckCounts | None, unit: UnitCounts) -> Markup:
    total = unit.hosts - unit.silent
    if counts is None or total <= 0:
        return element("td", "-", class_="shade-none")
    percent = 100 * counts.failed / total
    shade = sum(percent >= least for least in SHADES[1:]) + (0 < percent < SHADES[1])
    shown = f"{percent:.0f}" if percent >= 1 or not counts.failed else "<1"
    return element("td", shown, class_=f"shade-{shade}", title=f"{counts.failed:,} of {total:,}")


def render_units(document: FleetReport) -> Content:
    """Return every unit with its hosts; behind each its failing checks and hosts."""
    failing: dict[str, list[FailingHost]] = {}
    for host in document.failing.entries:
        failing.setdefault(host.unit, []).append(host)
    counts: dict[str, list[UnitCheckCounts]] = {}
    for entry in document.units_by_check:
        if entry.failed:
            counts.setdefault(entry.unit, []).append(entry)
    columns = ("Unit", "Hosts", "Comply", "Fail", "Silent", "Cannot tell", "Missing")
    rows = [_unit(unit) for unit in document.units]
    details = [
        _details(
            (prose(unit.unit, NO_UNIT), f": {unit.fails:,} of {unit.hosts:,} hosts fail"),
            _behind_unit(counts.get(unit.unit, []), failing.get(unit.unit, [])),
        )
        for unit in document.units[:MOST_UNITS]
        if unit.fails
    ]
    return [table("Units, the worst first", columns, rows), *details]


def _unit(unit: UnitCounts) -> Row:
    counts = (unit.hosts, unit.complies, unit.fails, unit.silent, unit.cannot_tell, unit.missing)
    return Row((prose(unit.unit, NO_UNIT), *(f"{count:,}" for count in counts)))


def _behind_unit(counts: Sequence[UnitCheckCounts], hosts: Sequence[FailingHost]) -> Content:
    worst = sorted(counts, key=lambda counted: (-counted.failed, counted.check))
    rows = [
        Row(
            (
                link(f"check-{counted.check}", counted.check),
                f"{counted.failed:,}",
                f"{counted.waived:,}",
            )
        )
        for counted in worst
    ]
    found: list[Content] = []
    if rows:
        found.append(table("Failing checks", ("Check", "Hosts", "Waived"), rows, "counts"))
    return [*found, _hosts(hosts)]


def render_checks(document: FleetReport) -> Content:
    """Return every check that fails, is waived or is an error somewhere; behind each its hosts."""
    failing: dict[str, list[FailingHost]] = {}
    for host in document.failing.entries:
        for check in host.checks:
            failing.setdefault(check, []).append(host)
    shown = [check for check in document.checks if check.failed or check.waived or check.errors]
    if not shown:
        return paragraph("No check fails, is waived or is an error.")
    columns = ("Check", "Title", "Severity", "Fails", "Waived", "Errors", "Passes", "Since")
    rows = [
        Row(
            (
                code(check.check),
                prose(check.title, "not known to this release"),
                badge(check.severity, check.severity),
                f"{check.failed:,}",
                f"{check.waived:,}",
                f"{check.errors:,}",
                f"{check.passed:,}",
                check.since[:10] if check.since else "",
            ),
            f"check-{check.check}",
        )
        for check in shown
    ]
    details = [
        _details(
            (code(check.check), f": {check.failed:,} hosts fail"), _hosts(failing[check.check])
        )
        for check in shown
        if check.check in failing
    ]
    return [table("Hosts by check, the worst first", columns, rows), *details]


def _hosts(hosts: Sequence[FailingHost]) -> Content:
    if not hosts:
        return paragraph("None of its hosts is among those that are named here.")
    rows = [_host(host) for host in hosts[:MOST_HOSTS]]
    columns = ("Host", "Unit", "Persons", "Checks", "Since", "Reported")
    return table(f"{len(rows)} of the hosts that are named here", columns, rows)


def _host(host: FailingHost) -> Row:
    return Row(
        (
            prose(host.host),
            prose(host.unit, NO_UNIT),
            codes(host.users),
            codes(host.checks, "none of at least medium severity"),
            host.since[:10] if host.since else "",
            host.seen_at[:10],
        )
    )


def render_failing(document: FleetReport) -> Content:
    """Return the hosts that fail, the gravest first."""
    if not document.failing.entries:
        return paragraph("No host fails.")
    rows = [_host(host) for host in document.failing.entries]
    columns = ("Host", "Unit", "Persons", "Checks", "Since", "Reported")
    caption = f"{len(rows):,} of {document.failing.total:,} hosts that fail, the gravest first"
    return table(caption, columns, rows)


def render_versions(document: FleetReport) -> Content:
    """Return how the newest reports stand by version of client, policy and Tipstaff."""
    return [
        _versions("Clients", document.clients),
        _versions("Policies", document.policies),
        _versions("Tipstaff", document.releases),
    ]


def _versions(name: str, found: Sequence[VersionCounts]) -> Markup:
    rows = [
        Row(
            (
                (prose(counts.name, "none"), " ", prose(counts.version, "no version")),
                f"{counts.reports:,}",
                f"{counts.complies:,}",
                f"{counts.fails:,}",
                f"{counts.cannot_tell:,}",
                f"{counts.silent:,}",
            )
        )
        for counts in found
    ]
    columns = (name, "Reports", "Comply", "Fail", "Cannot tell", "Silent")
    return table(f"{name}: newest reports of persons", columns, rows)


def render_lists(document: FleetReport) -> list[tuple[str, str, Content]]:
    """Return the lists of hosts that nothing is known of, each with its place and title."""
    return [
        ("silent", "Silent hosts", _list("hosts that are silent", document.silent)),
        (
            "cannot-tell",
            "Not judged",
            _list("hosts that could not be judged", document.cannot_tell),
        ),
        (
            "missing",
            "Missing hosts",
            _list("hosts that are expected and missing", document.missing),
        ),
        ("waivers", "Waivers", _waivers(document)),
        ("logs", "Action logs", _logs(document)),
    ]


def _list(what: str, found: HostList) -> Content:
    if not found.total:
        return paragraph(f"There are no {what}.")
    rows = [
        Row(
            (
                prose(host.host),
                prose(host.unit, NO_UNIT),
                prose(host.user, ""),
                prose(host.why, ""),
                host.seen_at[:10] if host.seen_at else "never",
            )
        )
        for host in found.entries
    ]
    caption = f"{len(rows):,} of {found.total:,} {what}"
    return table(caption, ("Host", "Unit", "Person", "Why", "Last report"), rows)


def _waivers(document: FleetReport) -> Content:
    if not document.waivers:
        return paragraph("No waiver ends soon.")
    rows = [
        Row(
            (
                code(waiver.check),
                prose(waiver.owner),
                prose(waiver.ticket),
                f"{waiver.hosts:,}",
                waiver.ends[:10],
                "ended" if waiver.ended else "",
            )
        )
        for waiver in document.waivers
    ]
    columns = ("Check", "Owner", "Ticket", "Hosts", "Ends", "State")
    return table("Waivers, the first to end first", columns, rows)


def _logs(document: FleetReport) -> Content:
    logs = document.log_rollbacks
    if not logs.total:
        return paragraph("No action log is known to have gone backwards.")
    rows = [
        Row(
            (
                prose(log.host),
                prose(log.user),
                log.fault,
                f"{log.before_length:,} on {log.before_at[:10]}",
                f"{log.length:,} on {log.seen_at[:10]}",
            )
        )
        for log in logs.entries
    ]
    columns = ("Host", "Person", "What", "Records before", "Records later")
    return table(f"{len(rows):,} of {logs.total:,} logs, the newest first", columns, rows)


def _details(summary: Content, content: Content) -> Markup:
    return element("details", element("summary", summary), content)
