"""Many reports at a glance: how many comply, of whom nothing is known, and who is who."""

from collections import Counter

from tipstaff_reports.model import Audited
from tipstaff_reports.page.charts import Bar, bars
from tipstaff_reports.page.elements import Markup, element
from tipstaff_reports.page.groups import Entry, Listed
from tipstaff_reports.page.parts import Place, Row, link, paragraph, section, table
from tipstaff_reports.page.shown import code, prose
from tipstaff_reports.page.verdict import (
    COMPLIANT,
    NO_REPORT,
    NOT_COMPLIANT,
    NOT_FULLY_CHECKED,
    client_named,
    verdict_of,
)
from tipstaff_schemas.reports import MissingReport
from tipstaff_schemas.users import AuditedUser, AuditOfUsers

VERDICTS = (NOT_COMPLIANT, NOT_FULLY_CHECKED, COMPLIANT, NO_REPORT)
PAGE = Place("", 2)
"""Where what belongs to no single report stands."""
MOST_BARS, LONGEST_LABEL = 12, 16


def render_missing(audit: Audited) -> Markup:
    """Return of which hosts and users a report is expected and missing."""
    rows = [_render_missing(report) for report in audit.missing]
    none = paragraph(
        "No report is known to be missing. A host that was never expected does not show here."
    )
    found = table("Hosts and persons without a report", ("Host", "Person", "Why"), rows)
    return section(PAGE, "missing", "No report", found if rows else none)


def render_reports(entries: tuple[Entry, ...]) -> Markup:
    """Return every report with its verdict, which leads to its section."""
    caption = "Every report, the worst first"
    columns = ("Report", "Person", "Host", "Client", "Fails", "Waived", "Errors", "Audited")
    worst_first = sorted(entries, key=lambda entry: VERDICTS.index(verdict_of(entry)))
    rows = [_report(report_entry) for report_entry in worst_first]
    none = paragraph("There is no report in this document, so that nothing is known.")
    return section(PAGE, "reports", "Reports", table(caption, columns, rows) if rows else none)


def render_verdicts(audit: Audited, entries: tuple[Entry, ...]) -> Markup:
    """Return how many reports come to which verdict, and how many are missing."""
    found = Counter(verdict_of(entry) for entry in entries)
    found[NO_REPORT] = len(audit.missing)
    rows = [Row((verdict.word, str(found[verdict]))) for verdict in VERDICTS]
    drawn = [
        Bar(verdict.word, tuple(found[verdict] * (verdict == kind) for kind in VERDICTS))
        for verdict in VERDICTS
    ]
    text = "Reports by verdict; the table next to it has the numbers."
    return element(
        "figure",
        table("Reports by verdict", ("Verdict", "Reports"), rows, "counts"),
        bars(text, [verdict.kind for verdict in VERDICTS], drawn),
    )


def render_most_failing(entries: tuple[Entry, ...]) -> Markup:
    """Return which checks fail in most reports, and in how many of them a waiver covers it."""
    failing = Counter(check for entry in entries for check in _checks(entry.groups.failing))
    waived = Counter(check for entry in entries for check in _checks(entry.groups.waived))
    titles = {
        listed.finding.check: listed.finding.title
        for entry in entries
        for listed in (*entry.groups.failing, *entry.groups.waived)
    }
    order = sorted(titles, key=lambda title: (-failing[title], -waived[title], title))
    if not order:
        return section(PAGE, "most-failing", "Most failing checks", paragraph("None fails."))
    rows = [
        Row((code(check), prose(titles[check]), str(failing[check]), str(waived[check])))
        for check in order
    ]
    short = [check for check in order if len(check) <= LONGEST_LABEL]
    drawn = [Bar(check, (failing[check], waived[check])) for check in short[:MOST_BARS]]
    text = "In how many reports the most failing checks fail; the table has the numbers."
    columns = ("Check", "Title", "Fails in", "Waived in")
    figure = element(
        "figure",
        table("Failing checks, by the number of reports", columns, rows),
        bars(text, ("failing", "waived"), drawn),
        class_="wide",
    )
    return section(PAGE, "most-failing", "Most failing checks", figure)


def render_skipped(run: AuditOfUsers) -> Markup:
    """Return whom a root run had no reason to audit."""
    rows = [_render_skipped(user) for user in run.users if user.outcome == "skipped"]
    columns = ("Account", "User id", "Home", "Why")
    found = table("Skipped accounts", columns, rows)
    none = paragraph("No account was skipped.")
    return section(PAGE, "skipped", "Passed over", found if rows else none)


def _render_missing(report: MissingReport) -> Row:
    return Row((prose(report.host), prose(report.user, "not known who"), prose(report.reason)))


def _report(entry: Entry) -> Row:
    report, groups = entry.report, entry.groups
    return Row(
        (
            link(entry.place.id("report"), verdict_of(entry).word),
            prose(report.run.user, "not known"),
            prose(report.run.host.name),
            client_named(report.client.name, report.client.version),
            str(len(groups.failing)),
            str(len(groups.waived)),
            str(len(groups.errors)),
            prose(report.run.finished_at),
        )
    )


def _checks(found: tuple[Listed, ...]) -> set[str]:
    return {listed.finding.check for listed in found}


def _render_skipped(user: AuditedUser) -> Row:
    return Row((prose(user.user), str(user.uid), code(user.home), prose(user.reason)))
