"""A page of several reports: what they amount to together, then each."""

from collections.abc import Iterator

from tipstaff_reports.model import Audited
from tipstaff_reports.page.elements import Markup, element
from tipstaff_reports.page.groups import Entry, entry_of
from tipstaff_reports.page.overview import (
    render_missing,
    render_most_failing,
    render_reports,
    render_skipped,
    render_verdicts,
)
from tipstaff_reports.page.parts import Fact, Place, facts, heading, link, listing
from tipstaff_reports.page.report import render_contents, render_sections
from tipstaff_reports.page.shown import count_in_words, prose
from tipstaff_reports.page.verdict import (
    COMPLIANT,
    NOT_COMPLIANT,
    NOT_FULLY_CHECKED,
    NOTHING_AUDITED,
    Verdict,
    render_verdict,
    verdict_of,
)
from tipstaff_schemas.users import AuditOfUsers


def entries_of(audit: Audited) -> tuple[Entry, ...]:
    """Return the reports, each with a place of its own."""
    return tuple(
        entry_of(report, Place(f"report-{number}-", 3))
        for number, report in enumerate(audit.reports, 1)
    )


def verdict_of_all(audit: Audited, entries: tuple[Entry, ...]) -> Verdict:
    """Return the worst verdict; compliant only where a host was audited and none is missing."""
    found = {verdict_of(entry) for entry in entries}
    if not found:
        return NOTHING_AUDITED
    if NOT_COMPLIANT in found:
        return NOT_COMPLIANT
    return NOT_FULLY_CHECKED if audit.missing or NOT_FULLY_CHECKED in found else COMPLIANT


def render_verdict_of_all(audit: Audited, entries: tuple[Entry, ...]) -> Markup:
    """Return what the reports amount to together."""
    verdict = verdict_of_all(audit, entries)
    lines = [link(section, sentence) for sentence, section in _reasons(audit, entries)]
    words = element(
        "div",
        heading(1, element("span", verdict.word, class_="word")),
        listing(lines, "reasons"),
        facts(_facts(audit)),
    )
    return element("div", words, render_verdicts(audit, entries), class_=f"verdict {verdict.kind}")


def render_contents_of_all(audit: Audited) -> Markup:
    """Return links to what stands before the reports."""
    found = [
        link("missing", "No report", f" {len(audit.missing)}"),
        link("reports", "Reports", f" {len(audit.reports)}"),
        link("most-failing", "Most failing checks"),
    ]
    if isinstance(audit.document, AuditOfUsers):
        found.append(link("skipped", "Passed over"))
    return listing(found, "contents")


def render_all(audit: Audited, entries: tuple[Entry, ...]) -> Iterator[Markup]:
    """Return who is missing, then the reports as a table, then each of them."""
    yield render_missing(audit)
    yield render_reports(entries)
    yield render_most_failing(entries)
    if isinstance(audit.document, AuditOfUsers):
        yield render_skipped(audit.document)
    for entry in entries:
        yield _report(entry)


def _reasons(audit: Audited, entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    """Return sentences, each with the section that shows it in full."""
    total = len(entries)
    found: list[tuple[str, str]] = []
    if not total:
        found.append(("There is no report, so nothing is known about any user.", "reports"))
    for verdict in (NOT_COMPLIANT, NOT_FULLY_CHECKED, COMPLIANT):
        number = sum(verdict_of(entry) == verdict for entry in entries)
        if number:
            verb = "is" if number == 1 else "are"
            lines = f"{number} of {count_in_words(total, 'report')} {verb} {verdict.word.lower()}."
            found.append((lines, "reports"))
    if missing := len(audit.missing):
        verb = "host or person has" if missing == 1 else "hosts or persons have"
        found.append((f"{missing} {verb} no report, so that nothing is known.", "missing"))
    return found


def _facts(audit: Audited) -> list[Fact]:
    document = audit.document
    found: list[Fact] = []
    if isinstance(document, AuditOfUsers):
        found += [
            ("Host", (prose(document.host.name), f" ({document.host.os})")),
            ("Started", prose(document.started_at)),
            ("Finished", prose(document.finished_at)),
            ("Exit code", str(document.exit_code)),
        ]
    elif audit.reports:
        moments = sorted(report.run.finished_at for report in audit.reports)
        found.append(("Audited", (prose(moments[0]), " to ", prose(moments[-1]))))
    return [*found, ("By", (f"{document.tool.name} ", prose(document.tool.version)))]


def _report(entry: Entry) -> Markup:
    return element(
        "article",
        render_verdict(entry),
        render_contents(entry),
        render_sections(entry),
        element("p", link("reports", "Back to all reports"), class_="back"),
        id=entry.place.id("report"),
        class_="report",
    )
