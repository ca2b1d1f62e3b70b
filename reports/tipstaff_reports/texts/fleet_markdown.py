"""`fleet report` as Markdown for a ticket: cut, table by table, to what an issue takes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tipstaff_reports.formats.markdown import escape
from tipstaff_reports.texts.fleet_report import NO_UNIT, day, headline
from tipstaff_schemas.fleet import FleetReport, HostList

LONGEST = 65_536
"""Characters of an issue on GitHub."""
ROWS = (1000, 300, 100, 50, 20, 10, 5, 3, 1)
"""Of each table: the first number with which all of it fits."""


class Table(NamedTuple):
    """A table; empty ones are left out."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    total: int
    """Of rows that there are; the document may hold some of them."""


def render(document: FleetReport) -> str:
    """Return how the fleet stands: the numbers first, then tables, each cut to fit."""
    tables = [table for table in _tables(document) if table.total]
    for rows in ROWS:
        text = _page(document, tables, rows)
        if len(text) <= LONGEST:
            return text
    return _page(document, [], 0)


def _page(document: FleetReport, tables: Iterable[Table], rows: int) -> str:
    hosts, moved, expected = document.hosts, document.movement, document.expected
    numbers = [
        ("hosts", f"{hosts.hosts:,}"),
        ("comply", f"{hosts.complies:,}"),
        ("fail", f"{hosts.fails:,}"),
        ("silent", f"{hosts.silent:,}"),
        ("cannot tell", f"{hosts.cannot_tell:,}"),
        ("expected", f"{expected.expected:,}" if expected else "not known"),
        ("missing", f"{expected.missing:,}" if expected else "not known"),
        ("not expected", f"{expected.unexpected:,}" if expected else "not known"),
        (f"since {day(moved.since)}: worse", f"{moved.worse:,}"),
        ("better", f"{moved.better:,}"),
        ("unchanged", f"{moved.unchanged:,}"),
        ("new", f"{moved.new:,}"),
        ("gone", f"{moved.gone:,}"),
        ("images, counted apart", f"{document.images:,}"),
        ("documents rejected", f"{document.rejected:,}"),
    ]
    lines = ["# Tipstaff fleet", "", f"**{headline(document)}**, at {document.at[:16]}Z", ""]
    lines += _table(("", ""), numbers)
    for table in tables:
        shown = table.rows[:rows]
        some = f" ({len(shown):,} of {table.total:,})" if len(shown) < table.total else ""
        lines += [f"## {escape(table.title)}{some}", "", *_table(table.heads, shown)]
    return "\n".join(lines).rstrip() + "\n"


def _tables(document: FleetReport) -> list[Table]:
    """Return the tables, the ones that matter most first."""
    return [
        _table_of(
            "Hosts that fail",
            ("host", "unit", "user", "gravest", "since", "checks"),
            [
                (
                    entry.host,
                    entry.unit,
                    ", ".join(entry.users),
                    entry.severity or "",
                    day(entry.since or ""),
                    " ".join(entry.checks),
                )
                for entry in document.failing.entries
            ],
            document.failing.total,
        ),
        _table_of(
            "Units",
            ("unit", "hosts", "comply", "fail", "silent", "cannot tell", "missing"),
            [
                (
                    unit.unit or NO_UNIT,
                    *_numbers(
                        unit.hosts,
                        unit.complies,
                        unit.fails,
                        unit.silent,
                        unit.cannot_tell,
                        unit.missing,
                    ),
                )
                for unit in document.units
            ],
        ),
        _table_of(
            "Checks",
            ("check", "severity", "hosts pass", "fail", "waived", "error", "oldest failure"),
            [
                (
                    f"{check.check} {check.title}",
                    check.severity,
                    *_numbers(check.passed, check.failed, check.waived, check.errors),
                    day(check.since or ""),
                )
                for check in document.checks
            ],
        ),
        *(
            _table_of(
                f"Controls: {framework.title}",
                ("control", "hosts fail", "pass", "waived", "not evidenced"),
                [
                    (
                        f"{control.id} {control.title}",
                        *_numbers(
                            control.failed, control.passed, control.waived, control.not_evidenced
                        ),
                    )
                    for control in framework.controls
                ],
            )
            for framework in document.frameworks
        ),
        _table_of(
            "Waivers that end soon, or ended since the report",
            ("check", "ends", "hosts", "owner", "ticket"),
            [
                (waiver.check, day(waiver.ends), f"{waiver.hosts:,}", waiver.owner, waiver.ticket)
                for waiver in document.waivers
            ],
        ),
        _table_of(
            "Action logs that went backwards",
            ("host", "user", "records now", "records before", "seen"),
            [
                (
                    entry.host,
                    entry.user,
                    *_numbers(entry.length, entry.before_length),
                    day(entry.seen_at),
                )
                for entry in document.log_rollbacks.entries
            ],
            document.log_rollbacks.total,
        ),
        _hosts("Missing", document.missing),
        _hosts("Silent", document.silent),
        _hosts("Cannot tell", document.cannot_tell),
        *(
            _table_of(
                title,
                ("", "version", "reports", "comply", "fail", "silent", "cannot tell"),
                [
                    (
                        version.name,
                        version.version,
                        *_numbers(
                            version.reports,
                            version.complies,
                            version.fails,
                            version.silent,
                            version.cannot_tell,
                        ),
                    )
                    for version in versions
                ],
            )
            for title, versions in (
                ("Clients", document.clients),
                ("Policies", document.policies),
                ("Releases of Tipstaff", document.releases),
            )
        ),
    ]


def _hosts(title: str, found: HostList) -> Table:
    rows = [
        (entry.host, entry.unit, entry.user, day(entry.seen_at or "never"), entry.why)
        for entry in found.entries
    ]
    return _table_of(title, ("host", "unit", "user", "last seen", "why"), rows, found.total)


def _table_of(
    title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], total: int | None = None
) -> Table:
    return Table(title, heads, rows, len(rows) if total is None else total)


def _numbers(*found: int) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in found)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [_row(heads), _row("---" for _ in heads)]
    return [*lines, *(_row(map(escape, row)) for row in rows), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
