"""`fleet report` as plain text: a page that fits a screen however many hosts there are."""

from collections.abc import Iterable, Sequence
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
    sections = [each for each in _sections(document) if each.total]
    if verbose:
        sections += [each for each in _further(document) if each.total]
        lines = [line for each in sections for line in ("", *_shown(each, len(each.lines)))]
        return as_text([*head, *lines])
    room = _room(sections, SCREEN - len(head) - len(sections) - 1)
    return as_text(
        [*head, "", *(line for each in sections for line in _shown(each, room[each.head]))]
    )


def headline(document: FleetReport) -> str:
    """Return the verdict on the fleet in a line."""
    hosts, missing = document.hosts, document.missing.total
    if not hosts.hosts and not missing:
        return "NOTHING WAS REPORTED"
    if hosts.fails:
        return f"NOT COMPLIANT  {hosts.fails:,} of {counted(hosts.hosts, 'host')} fail"
    if unseen := hosts.silent + hosts.cannot_tell + missing:
        return f"NOT FULLY CHECKED  nothing is known of {counted(unseen, 'host')}"
    return f"COMPLIANT  {counted(hosts.hosts, 'host complies', 'hosts comply')}"


def day(moment: str) -> str:
    """Return the day of a moment."""
    return moment[:10]


def movement_text(moved: Movement) -> str:
    """Return how many hosts became what."""
    return (
        f"{moved.worse:,} worse, {moved.better:,} better, {moved.unchanged:,} unchanged, "
        f"{moved.new:,} new, {moved.gone:,} gone"
    )


def counted(number: int, one: str, many: str = "") -> str:
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
            f"{missing:,} missing; {expected.unexpected:,} others seen that are not expected"
        )
    else:
        lines.append("expected  not known: --expect FILE names the hosts that are, and their units")
    why = "   (`tipstaff fleet diff` says why)" if moved.worse or moved.better else ""
    lines.append(f"since {day(moved.since)}  {movement_text(moved)}{why}")
    apart = [counted(document.images, "image")] if document.images else []
    if document.rejected:
        apart.append(
            f"{counted(document.rejected, 'document')} rejected (`tipstaff fleet rejected`)"
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
    return counted(days, "day") if not rest else counted(seconds // 3600, "hour")


def _sections(document: FleetReport) -> list[Section]:
    """Return what the page is made of, in its order."""
    failing = [each for each in document.checks if each.failed]
    logs = document.log_rollbacks
    return [
        _units(document),
        Section(
            "worst checks",
            len(failing),
            [
                f"  {each.check:<7} {each.severity:<8} {cut(each.title, 40):<40} "
                f"{counted(each.failed, 'host'):>16}"
                + (f"   since {day(each.since)}" if each.since else "")
                for each in failing
            ],
        ),
        _failing(document),
        *(_framework(each) for each in document.frameworks),
        Section(
            "waivers that end soon, or ended since the report",
            len(document.waivers),
            [
                f"  {each.check:<7} {'ended' if each.ended else 'ends '} {day(each.ends)} "
                f"{counted(each.hosts, 'host'):>14}   {cut(each.owner)} {cut(each.ticket)}"
                for each in document.waivers
            ],
        ),
        Section(
            "action logs that went backwards",
            logs.total,
            [
                f"  {cut(each.host)} {cut(each.user)}: {_rollback(each.fault)}, "
                f"{each.length:,} after {each.before_length:,} records; seen {day(each.seen_at)}"
                for each in logs.entries
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
        f"  {cut(each.unit or NO_UNIT):<36} {counted(each.hosts, 'host'):>14}: "
        f"{each.fails:,} fail, {each.silent:,} silent, {each.missing:,} missing"
        for each in units
    ]
    named = any(each.unit for each in units)
    return Section("worst units", len(units) if named else 0, lines)


def _failing(document: FleetReport) -> Section:
    return Section(
        FIRST,
        document.failing.total,
        [
            f"  {cut(each.host, 30):<30} {each.severity or '':<8} "
            f"{'since ' + day(each.since) if each.since else '':<16} "
            f"{cut(' '.join(each.checks), 40)}".rstrip()
            for each in document.failing.entries
        ],
    )


def _framework(framework: FleetFramework) -> Section:
    controls = sorted(framework.controls, key=lambda each: (-each.failed, -each.not_evidenced))
    return Section(
        f"controls: {framework.title}",
        len(controls),
        [
            f"  {each.id:<9} {each.failed:>9,} fail {each.passed:>9,} pass "
            f"{each.not_evidenced:>9,} not evidenced   {cut(each.title, 40)}"
            for each in controls
        ],
    )


def _hosts(head: str, found: HostList) -> Section:
    return Section(head, found.total, [_host(each) for each in found.entries])


def _host(each: HostEntry) -> str:
    seen = f"last seen {day(each.seen_at)}" if each.seen_at else "never seen"
    unit = f" ({cut(each.unit)})" if each.unit else ""
    who = f" {cut(each.user)} {each.client}".rstrip()
    why = f": {cut(each.why, 48)}" if each.why and each.user else ""
    return f"  {cut(each.host)}{unit}{who}   {seen}{why}"


def _further(document: FleetReport) -> list[Section]:
    """Return the tables that the page has no place for."""
    failures = document.failures
    return [
        Section(
            "failures, the oldest first",
            failures.total,
            [
                f"  {each.since[:16]}Z {each.check} {each.severity:<8} {each.host} {each.user} "
                f"{each.client} ({each.subject}){' waived' if each.waived else ''}"
                for each in failures.entries
            ],
        ),
        Section(
            "checks",
            len(document.checks),
            [
                f"  {each.check:<7} {each.severity:<8} {each.passed:>9,} pass "
                f"{each.failed:>9,} fail {each.waived:>9,} waived {each.errors:>9,} error   "
                f"{each.title}"
                for each in document.checks
            ],
        ),
        _versions("clients", document.clients),
        _versions("policies", document.policies),
        _versions("releases of Tipstaff", document.releases),
        Section(
            "trend",
            len(document.trend),
            [
                f"  {each.at[:10]} {each.hosts:>9,} hosts {each.complies:>9,} comply "
                f"{each.fails:>9,} fail {each.silent:>9,} silent {each.cannot_tell:>9,} cannot tell"
                for each in document.trend
            ],
        ),
        Section(
            "images",
            document.image_list.total,
            [
                f"  {each.host} {each.user} {each.client} {each.home}   {each.failed} fail, "
                f"judged {day(each.seen_at)}"
                for each in document.image_list.entries
            ],
        ),
    ]


def _versions(head: str, found: Sequence[VersionCounts]) -> Section:
    return Section(
        head,
        len(found),
        [
            f"  {each.name or 'none':<20} {each.version or 'no version':<14} "
            f"{counted(each.reports, 'report'):>16}: {each.complies:,} comply, "
            f"{each.fails:,} fail, {each.silent:,} silent, {each.cannot_tell:,} cannot tell"
            for each in found
        ],
    )


def _shown(section: Section, room: int) -> Iterable[str]:
    """Return a section with as many lines as there is room for."""
    shown = min(room, len(section.lines))
    some = f" ({shown:,} of {section.total:,})" if shown < section.total else ""
    return [f"{section.head}{some}", *section.lines[:shown]]


def _room(sections: Sequence[Section], lines: int) -> dict[str, int]:
    """Return how many lines each section gets: a few for all, then all for those that are whole."""
    room = {each.head: 0 for each in sections}
    for most in (LEAST, MOST):
        for each in sections:
            more = min(most, len(each.lines)) - room[each.head]
            room[each.head] += max(0, min(more, lines - sum(room.values())))
    for each in sorted(sections, key=lambda section: FIRST not in section.head):
        more = each.total - room[each.head]
        if each.total == len(each.lines) and more <= lines - sum(room.values()):
            room[each.head] = each.total
    return room
