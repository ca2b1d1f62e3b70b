"""What fails, what is waived, what was not evaluated, and what passes."""

from tipstaff_reports.page.elements import Markup, element
from tipstaff_reports.page.groups import Entry, Listed
from tipstaff_reports.page.parts import (
    Fact,
    Row,
    badge,
    facts,
    heading,
    paragraph,
    section,
    table,
)
from tipstaff_reports.page.shown import code, count_in_words, list_in_words, places, prose
from tipstaff_reports.page.waivers import waiver_facts
from tipstaff_reports.summary import counts, is_waived


def render_fails(entry: Entry) -> Markup:
    """Return what fails without a waiver, the gravest first."""
    found = [_article(entry, listed) for listed in entry.groups.failing]
    return section(entry.place, "fails", "What fails", found or paragraph("Nothing fails here."))


def render_waived(entry: Entry) -> Markup:
    """Return what fails under an active waiver."""
    found = [_article(entry, listed) for listed in entry.groups.waived]
    none = paragraph("No failure is covered by a waiver.")
    return section(entry.place, "waived", "Waived failures", found or none)


def render_unevaluated(entry: Entry) -> Markup:
    """Return what could not be evaluated, then what does not apply, each with the reason."""
    errors = [_article(entry, error) for error in entry.groups.errors]
    columns = ("Check", "Fault looked for", "Subject", "Why it does not apply")
    rows = [_not_applicable(listed) for listed in entry.groups.not_applicable]
    return section(
        entry.place,
        "unevaluated",
        "Not evaluated",
        errors or paragraph("Every check that applies could be evaluated."),
        table("Checks that do not apply", columns, rows) if rows else paragraph("All apply."),
    )


def render_passes(entry: Entry) -> Markup:
    """Return what passes, folded; on paper it is open."""
    columns = (
        "Check",
        "Fault looked for",
        "Severity",
        "Subject",
        "Observed",
        "Expected",
        "Evidence",
    )
    rows = [_pass(listed) for listed in entry.groups.passed]
    text = f"Show {count_in_words(len(rows), 'check that passes', 'checks that pass')}"
    folded = element("details", element("summary", text), table("Passing checks", columns, rows))
    found = folded if rows else paragraph("Nothing passes here.")
    return section(entry.place, "passes", "What passes", found)


def _article(entry: Entry, listed_finding: Listed) -> Markup:
    finding = listed_finding.finding
    head = heading(
        entry.place.level + 1,
        badge(finding.severity, finding.severity),
        " ",
        code(finding.check),
        " ",
        prose(finding.title),
        ": ",
        prose(finding.subject),
        " ",
        badge("plain", _status(entry, listed_finding)),
    )
    waived = waiver_facts(finding.waiver, entry.report.run.finished_at) if finding.waiver else []
    return element(
        "article",
        head,
        facts(_facts(listed_finding)),
        facts(waived) if waived else "",
        class_=f"finding {finding.severity}",
        id=listed_finding.id,
    )


def _facts(listed_finding: Listed) -> list[Fact]:
    finding = listed_finding.finding
    found: list[Fact] = [
        ("Observed", prose(finding.observed)),
        ("Expected", prose(finding.expected, "not stated")),
        ("Evidence", places(finding.evidence)),
        ("What to do", prose(finding.remedy, "not stated")),
        ("Fails since", prose(finding.first_failed_at, "not known: no earlier report was given")),
    ]
    if listed_finding.controls:
        found.append(
            ("Controls", list_in_words([prose(control) for control in listed_finding.controls]))
        )
    return found


def _status(entry: Entry, listed_finding: Listed) -> str:
    finding = listed_finding.finding
    if finding.status == "error":
        return "error"
    if is_waived(finding):
        return "fails, waived"
    return "fails" if counts(finding, entry.report) else "fails, below the threshold"


def _not_applicable(listed: Listed) -> Row:
    finding = listed.finding
    why = prose(finding.observed, "no reason given")
    return Row((code(finding.check), prose(finding.title), prose(finding.subject), why), listed.id)


def _pass(listed: Listed) -> Row:
    finding = listed.finding
    cells = (
        code(finding.check),
        prose(finding.title),
        finding.severity,
        prose(finding.subject),
        prose(finding.observed),
        prose(finding.expected),
        places(finding.evidence),
    )
    return Row(cells, listed.id)
