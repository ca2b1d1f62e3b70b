"""The report by the controls of a framework."""

from tipstaff_reports.page.elements import Content, Markup
from tipstaff_reports.page.groups import Entry, Listed
from tipstaff_reports.page.parts import Row, link, paragraph, section, table
from tipstaff_reports.page.shown import code, count_in_words, list_in_words, nothing, prose
from tipstaff_schemas.report import ControlEntry, FrameworkEntry

STATUSES = {"fail": "fail", "not_evidenced": "not evidenced", "pass": "pass"}
FINDINGS = {"fail": "fails", "error": "error", "pass": "passes", "not_applicable": "n/a"}


def render_frameworks(entry: Entry) -> Markup:
    """Return a table a framework; a control that nothing evidences is not passed."""
    by_fingerprint: dict[str, Listed] = {}
    for listed in (listed for group in entry.groups for listed in group):
        by_fingerprint.setdefault(listed.finding.fingerprint, listed)
    found = [_framework(framework, by_fingerprint) for framework in entry.report.frameworks]
    none = paragraph("No framework was requested for this report.")
    return section(entry.place, "frameworks", "Controls of frameworks", found or none)


def _framework(framework: FrameworkEntry, findings: dict[str, Listed]) -> Content:
    statuses: list[str] = [control.status for control in framework.controls]
    text = ", ".join(f"{statuses.count(status)} {word}" for status, word in STATUSES.items())
    columns = ("Control", "Title", "Status", "Findings")
    rows = (_control(control, findings) for control in framework.controls)
    return (
        paragraph(
            prose(framework.title),
            " (",
            code(framework.id),
            f"): {count_in_words(len(statuses), 'control')}, {text}.",
        ),
        table("Controls", columns, rows),
    )


def _control(control: ControlEntry, findings: dict[str, Listed]) -> Row:
    waived = ", waived" if control.waived else ""
    return Row(
        (
            code(control.id),
            prose(control.title),
            STATUSES[control.status] + waived,
            list_in_words([_finding(finding, findings) for finding in control.findings]),
        )
    )


def _finding(fingerprint: str, findings: dict[str, Listed]) -> Markup:
    found = findings.get(fingerprint)
    if found is None:
        return nothing("a finding that is not in this report")
    return link(found.id, code(found.finding.check), f" {FINDINGS[found.finding.status]}")
