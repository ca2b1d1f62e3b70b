"""The one page of a fleet: the numbers, the trend, the worst of each kind."""

from collections.abc import Sequence

from tipstaff_reports.page.charts import Bar, Line, bars, lines
from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.parts import Fact, Row, facts, heading, link, listing, paragraph, table
from tipstaff_reports.page.shown import code, prose
from tipstaff_schemas.fleet import DayCounts, FleetFramework, FleetReport

WORST = 5
"""Rows of a table of the summary."""
STANDINGS = (
    ("fails", "Fail", "bad"),
    ("silent", "Silent", "missing"),
    ("cannot_tell", "Cannot tell", "open"),
    ("complies", "Comply", "good"),
)
"""Fields of the counts, what they are called, and the class of their colour."""


def title_of(document: FleetReport) -> str:
    """Return the verdict on a fleet in some words."""
    hosts, unseen = document.hosts, _count_unseen(document)
    if not hosts.hosts and not unseen:
        return "Nothing was reported"
    if hosts.fails:
        return f"{hosts.fails:,} of {hosts.hosts:,} hosts fail"
    if unseen:
        return f"Nothing is known of {unseen:,} hosts"
    return f"All {hosts.hosts:,} hosts comply"


def render_verdict(document: FleetReport) -> Markup:
    """Return the verdict, its reasons, and the hosts by how they stand."""
    hosts = document.hosts
    kind = (
        "bad" if hosts.fails else "open" if _count_unseen(document) or not hosts.hosts else "good"
    )
    words = element(
        "div",
        heading(1, element("span", title_of(document), class_="word")),
        listing(_reasons(document), "reasons"),
        facts(_facts(document)),
    )
    return element("div", words, _standings(document), class_=f"verdict {kind}")


def render_summary(document: FleetReport) -> Markup:
    """Return the trend and the worst units, checks, controls and waivers, side by side."""
    boxes = [
        _box("Trend", _trend(document.trend)),
        _box("Worst units", _units(document), "units"),
        _box("Worst checks", _checks(document), "checks"),
        *(_box(framework.title, _controls(framework)) for framework in document.frameworks),
        _box("Waivers about to end", _waivers(document), "waivers"),
        _box("Action logs that went backwards", _logs(document), "logs"),
    ]
    return element("section", element("h2", "Summary"), element("div", boxes, class_="boxes"))


def _box(title: str, content: Content, more: str | None = None) -> Markup:
    named = link(more, title) if more else title
    return element("div", heading(3, named), content, class_="box")


def _count_unseen(document: FleetReport) -> int:
    hosts = document.hosts
    return hosts.silent + hosts.cannot_tell + document.missing.total


def _reasons(document: FleetReport) -> list[Content]:
    hosts, moved, expected = document.hosts, document.movement, document.expected
    found: list[Content] = []
    if hosts.fails:
        found.append(link("failing", f"{hosts.fails:,} fail"))
    if hosts.silent:
        found.append(link("silent", f"{hosts.silent:,} have not reported lately"))
    if hosts.cannot_tell:
        found.append(link("cannot-tell", f"{hosts.cannot_tell:,} could not be judged"))
    if expected and expected.missing:
        found.append(
            link("missing", f"{expected.missing:,} of {expected.expected:,} expected never came")
        )
    if expected is None:
        found.append("Which hosts are expected is not known, so none is known to be missing.")
    since = moved.since[:10]
    found.append(
        f"Since {since}: {moved.worse:,} worse, {moved.better:,} better, {moved.new:,} new, "
        f"{moved.gone:,} gone."
    )
    if document.rejected:
        found.append(f"{document.rejected:,} documents could not be counted.")
    return found


def _facts(document: FleetReport) -> list[Fact]:
    expected = document.expected
    found: list[Fact] = [("At", prose(document.at))]
    if expected:
        found.append(("Expected", f"{expected.expected:,}; {expected.unexpected:,} others report"))
    if document.images:
        found.append(("Images", f"{document.images:,}, counted apart"))
    return [*found, ("By", (f"{document.tool.name} ", prose(document.tool.version)))]


def _standings(document: FleetReport) -> Markup:
    counts = document.hosts.model_dump()
    rows = [Row((name, f"{counts[field]:,}")) for field, name, _ in STANDINGS]
    kinds = [kind for _, _, kind in STANDINGS]
    drawn = [
        Bar(name, tuple(counts[field] * (kind == other) for other in kinds))
        for field, name, kind in STANDINGS
    ]
    caption = "Hosts by how they stand; the table beside it has the numbers."
    caption = f"{document.hosts.hosts:,} hosts by how they stand"
    return element(
        "figure",
        table(caption, ("Standing", "Hosts"), rows, "counts"),
        bars(caption, kinds, drawn),
    )


def _trend(days: Sequence[DayCounts]) -> Content:
    """Return the share of hosts by standing, day by day."""
    known = [day for day in days if day.hosts]
    if len(known) < 2:
        return paragraph("There are no reports of earlier days.")
    drawn = [
        Line(name, kind, tuple(_share(day, field) for day in known))
        for field, name, kind in STANDINGS
    ]
    first, last = known[0], known[-1]
    caption = (
        f"Share of hosts by standing from {first.at[:10]} to {last.at[:10]}: complying hosts went "
        f"from {_share(first, 'complies'):.0f} to {_share(last, 'complies'):.0f} percent."
    )
    return [
        lines(caption, drawn, [day.at[5:10] for day in known]),
        paragraph(caption, class_="told"),
    ]


def _share(day: DayCounts, field: str) -> float:
    counted: int = getattr(day, field)
    return 100 * counted / day.hosts


def _units(document: FleetReport) -> Content:
    worst = [unit for unit in document.units if unit.fails or unit.silent or unit.missing][:WORST]
    if not worst:
        return paragraph("No unit has a host that fails, is silent or missing.")
    rows = [
        Row(
            (
                prose(unit.unit, "no unit"),
                f"{unit.fails:,}",
                f"{unit.silent + unit.missing:,}",
                f"{unit.hosts:,}",
            )
        )
        for unit in worst
    ]
    return table("Units by failing hosts", ("Unit", "Fail", "Unseen", "Hosts"), rows, "counts")


def _checks(document: FleetReport) -> Content:
    worst = [check for check in document.checks if check.failed][:WORST]
    if not worst:
        return paragraph("No check fails.")
    rows = [
        Row(
            (
                (code(check.check), " ", prose(check.title, "")),
                f"{check.failed:,}",
                check.since[:10] if check.since else "",
            )
        )
        for check in worst
    ]
    return table("Checks by failing hosts", ("Check", "Hosts", "Since"), rows, "counts")


def _controls(framework: FleetFramework) -> Content:
    failing = sorted(
        (control for control in framework.controls if control.failed),
        key=lambda control: (-control.failed, control.id),
    )
    passed = sum(not control.failed and control.passed > 0 for control in framework.controls)
    caption = paragraph(
        f"{len(failing):,} controls fail on some host, {passed:,} on none, "
        f"{len(framework.controls) - len(failing) - passed:,} are not evidenced."
    )
    rows = [
        Row(((code(control.id), " ", prose(control.title)), f"{control.failed:,}"))
        for control in failing[:WORST]
    ]
    if not rows:
        return caption
    return [caption, table("Controls by failing hosts", ("Control", "Hosts"), rows, "counts")]


def _waivers(document: FleetReport) -> Content:
    rows = [
        Row(
            (
                (code(waiver.check), " ", prose(waiver.ticket, "no ticket")),
                f"{waiver.hosts:,}",
                ("ended " if waiver.ended else "") + waiver.ends[:10],
            )
        )
        for waiver in document.waivers[:WORST]
    ]
    if not rows:
        return paragraph("None ends soon.")
    return table("Waivers, the first to end first", ("Waiver", "Hosts", "Ends"), rows, "counts")


def _logs(document: FleetReport) -> Content:
    logs = document.log_rollbacks
    if not logs.total:
        return paragraph("None is known.")
    rows = [
        Row((prose(log.host), prose(log.user), log.fault, log.seen_at[:10]))
        for log in logs.entries[:WORST]
    ]
    return table(f"{logs.total:,} logs", ("Host", "Person", "What", "Seen"), rows, "counts")
