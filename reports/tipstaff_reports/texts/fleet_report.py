"""`fleet report` as plain text: a page that fits a screen however many hosts there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tipstaff_reports.text import as_text
from tipstaff_schemas.fleet import (
    FleetFramework,
    FleetReport,
    HostCounts,
    HostEntry,
    HostList,
    Movement,
    VersionCounts,
)

SCREEN = 38
"""Lines of the page; the prompt and the command stay on the screen."""
LEAST = 3
"""Lines that a section has at least, where it has as many."""
MOST = 5
"""Lines that a section has where it has more than fit."""
FIRST = "hosts that fail"
"""The section that gets what is left before all others."""
WIDTH = 36
NO_UNIT = "(no unit)"


class Section(NamedTuple):
    """A part of the page."""

    head: str
    total: int
    """Of what there is; the lines may be some of it."""
    lines: list[str]


def render(document: FleetReport, *, verbose: bool = False) -> str:
    """Return how the fleet stands: the numbers first, then the worst of each kind.

    Args:
        verbose: Whether every table is there as a whole, and not what fits a screen.
    """
    head = _head(document)
    sections = [section for section in _sections(document) if section.total]
    if verbose:
        sections += [section for section in _further(document) if section.total]
        lines = [
            line
            for section in sections
            for line in ("", *_show_section(section, len(section.lines)))
        ]
        return as_text([*head, *lines])
    room = _room(sections, SCREEN - len(head) - len(sections) - 1)
    return as_text(
        [
            *head,
            "",
            *(line for section in sections for line in _show_section(section, room[section.head])),
        ]
    )


def headline(document: FleetReport) -> str:
    """Return the verdict on the fleet in a line."""
    hosts, missing = document.hosts, document.missing.total
    if not hosts.hosts and not missing:
        return "NOTHING WAS REPORTED"
    if hosts.fails:
        return f"NOT COMPLIANT  {hosts.fails:,} of {count_noun(hosts.hosts, 'host')} fail"
    if unseen := hosts.silent + hosts.cannot_tell + missing:
        return f"NOT FULLY CHECKED  nothing is known of {count_noun(unseen, 'host')}"
    return f"COMPLIANT  {count_noun(hosts.hosts, 'host complies', 'hosts comply')}"


def day(moment: str) -> str:
    """Return the day of a moment."""
    return moment[:10]


def last_day(moment: str) -> str:
    """Return the last day before a moment; a day that is asked about ends with the next one."""
    end = datetime.fromisoformat(moment)
    return (end - timedelta(microseconds=1)).date().isoformat()


def movement_text(moved: Movement) -> str:
    """Return how many hosts became what."""
    return (
        f"{moved.worse:,} worse, {moved.better:,} better, {moved.unchanged:,} unchanged, "
        f"{moved.new:,} new, {moved.gone:,} gone"
    )


def count_noun(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def cut(text: str, width: int = WIDTH) -> str:
    """Return a text of at most a width."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _head(document: FleetReport) -> list[str]:
    """Return the numbers."""
    hosts, moved, expected = document.hosts, document.movement, document.expected
    missing = expected.missing if expected else 0
    silent = f"{hosts.silent:,} silent for {_days(document.silent_after_s)}"
    lines = [f"{headline(document)}   at {document.at[:16].replace('T', ' ')} UTC"]
    lines.append(f"hosts     {_standings(hosts, silent)}")
    if expected:
        lines.append(
            f"expected  {expected.expected:,}: {expected.reporting:,} seen, "
            f"{missing:,} missing; {expected.unexpected:,} unexpected"
        )
    else:
        lines.append("expected  not known: --expect FILE names the hosts that are, and their units")
    why = "   (`tipstaff fleet diff` says why)" if moved.worse or moved.better else ""
    lines.append(f"since {day(moved.since)}  {movement_text(moved)}{why}")
    apart = [count_noun(document.images, "image")] if document.images else []
    if document.rejected:
        apart.append(
            f"{count_noun(document.rejected, 'document')} rejected (`tipstaff fleet rejected`)"
        )
    if apart:
        lines.append(f"apart     {', '.join(apart)}")
    if len(document.trend) > 1:
        lines.append(f"trend     {' '.join(map(_share, document.trend))} comply, a day each")
    return lines


def _standings(counts: HostCounts, silent: str) -> str:
    return (
        f"{counts.hosts:,}: {counts.complies:,} comply, {counts.fails:,} fail, {silent}, "
        f"{counts.cannot_tell:,} cannot tell"
    )


def _share(counts: HostCounts) -> str:
    return f"{counts.complies * 100 // counts.hosts}%" if counts.hosts else "-"


def _days(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return count_noun(days, "day") if not rest else count_noun(seconds // 3600, "hour")


def _sections(document: FleetReport) -> list[Section]:
    """Return what the page is made of, in its order."""
    failing = [check for check in document.checks if check.failed]
    logs = document.log_rollbacks
    return [
        _units(document),
        Section(
            "worst checks",
            len(failing),
            [
                f"  {check.check:<7} {check.severity:<8} {cut(check.title, 40):<40} "
                f"{count_noun(check.failed, 'host'):>16}"
                + (f"   since {day(check.since)}" if check.since else "")
                for check in failing
            ],
        ),
        _render_failing(document),
        *(_framework(framework) for framework in document.frameworks),
        Section(
            "waivers that end soon, or ended since the report",
            len(document.waivers),
            [
                f"  {waiver.check:<7} {'ended' if waiver.ended else 'ends '} {day(waiver.ends)} "
                f"{count_noun(waiver.hosts, 'host'):>14}   {cut(waiver.owner)} {cut(waiver.ticket)}"
                for waiver in document.waivers
            ],
        ),
        Section(
            "action logs that went backwards",
            logs.total,
            [
                f"  {cut(entry.host)} {cut(entry.user)}: {_rollback(entry.fault)}, "
                f"{entry.length:,} after {entry.before_length:,} records; seen {day(entry.seen_at)}"
                for entry in logs.entries
            ],
        ),
        _hosts("missing", document.missing),
        _hosts("silent", document.silent),
        _hosts("cannot tell", document.cannot_tell),
    ]


def _rollback(fault: str) -> str:
    return "records are gone" if fault == "shorter" else "records are others"


def _units(document: FleetReport) -> Section:
    units = document.units
    lines = [
        f"  {cut(unit.unit or NO_UNIT):<36} {count_noun(unit.hosts, 'host'):>14}: "
        f"{unit.fails:,} fail, {unit.silent:,} silent, {unit.missing:,} missing"
        for unit in units
    ]
    named = any(unit.unit for unit in units)
    return Section("worst units", len(units) if named else 0, lines)


def _render_failing(document: FleetReport) -> Section:
    return Section(
        FIRST,
        document.failing.total,
        [
            f"  {cut(entry.host, 30):<30} {entry.severity or '':<8} "
            f"{'since ' + day(entry.since) if entry.since else '':<16} "
            f"{cut(' '.join(entry.checks), 40)}".rstrip()
            for entry in document.failing.entries
        ],
    )


def _framework(framework: FleetFramework) -> Section:
    controls = sorted(
        framework.controls, key=lambda control: (-control.failed, -control.not_evidenced)
    )
    return Section(
        f"controls: {framework.title}",
        len(controls),
        [
            f"  {control.id:<9} {control.failed:>9,} fail {control.passed:>9,} pass "
            f"{control.not_evidenced:>9,} not evidenced   {cut(control.title, 40)}"
            for control in controls
        ],
    )


def _hosts(head: str, found: HostList) -> Section:
    return Section(head, found.total, [_host(entry) for entry in found.entries])


def _host(entry: HostEntry) -> str:
    seen = f"last seen {day(entry.seen_at)}" if entry.seen_at else "never seen"
    unit = f" ({cut(entry.unit)})" if entry.unit else ""
    who = f" {cut(entry.user)} {entry.client}".rstrip()
    why = f": {cut(entry.why, 48)}" if entry.why and entry.user else ""
    return f"  {cut(entry.host)}{unit}{who}   {seen}{why}"


def _further(document: FleetReport) -> list[Section]:
    """Return the tables that the page has no place for."""
    failures = document.failures
    return [
        Section(
            "failures, the oldest first",
            failures.total,
            [
                f"  {entry.since[:16]}Z {entry.check} {entry.severity:<8} {entry.host} "
                f"{entry.user} {entry.client} ({entry.subject}){' waived' if entry.waived else ''}"
                for entry in failures.entries
            ],
        ),
        Section(
            "checks",
            len(document.checks),
            [
                f"  {check.check:<7} {check.severity:<8} {check.passed:>9,} pass "
                f"{check.failed:>9,} fail {check.waived:>9,} waived {check.errors:>9,} error   "
                f"{check.title}"
                for check in document.checks
            ],
        ),
        _versions("clients", document.clients),
        _versions("policies", document.policies),
        _versions("releases of Tipstaff", document.releases),
        Section(
            "trend",
            len(document.trend),
            [
                f"  {counts.at[:10]} {counts.hosts:>9,} hosts {counts.complies:>9,} comply "
                f"{counts.fails:>9,} fail {counts.silent:>9,} silent "
                f"{counts.cannot_tell:>9,} cannot tell"
                for counts in document.trend
            ],
        ),
        Section(
            "images",
            document.image_list.total,
            [
                f"  {entry.host} {entry.user} {entry.client} {entry.home}   {entry.failed} fail, "
                f"judged {day(entry.seen_at)}"
                for entry in document.image_list.entries
            ],
        ),
    ]


def _versions(head: str, found: Sequence[VersionCounts]) -> Section:
    return Section(
        head,
        len(found),
        [
            f"  {counts.name or 'none':<20} {counts.version or 'no version':<14} "
            f"{count_noun(counts.reports, 'report'):>16}: {counts.complies:,} comply, "
            f"{counts.fails:,} fail, {counts.silent:,} silent, {counts.cannot_tell:,} cannot tell"
            for counts in found
        ],
    )


def _show_section(section: Section, room: int) -> Iterable[str]:
    """Return a section with as many lines as there is room for."""
    shown = min(room, len(section.lines))
    some = f" ({shown:,} of {section.total:,})" if shown < section.total else ""
    return [f"{section.head}{some}", *section.lines[:shown]]


def _room(sections: Sequence[Section], lines: int) -> dict[str, int]:
    """Return how many lines each section gets: a few for all, then all for those that are whole."""
    room = {part.head: 0 for part in sections}
    for most in (LEAST, MOST):
        for part in sections:
            more = min(most, len(part.lines)) - room[part.head]
            room[part.head] += max(0, min(more, lines - sum(room.values())))
    for part in sorted(sections, key=lambda section: FIRST not in section.head):
        more = part.total - room[part.head]
        if part.total == len(part.lines) and more <= lines - sum(room.values()):
            room[part.head] = part.total
    return room
