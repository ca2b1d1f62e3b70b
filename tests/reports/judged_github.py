"""Annotations of every document, read back by the runner's own rules."""

from reports.test_github import commands
from support.records.saved_reports import every_document
from tipstaff_reports.formats.github import render


def test_every_line_of_every_document_is_a_command_that_was_meant():
    for document in every_document().values():
        open_findings = sum(
            finding.status in ("fail", "error")
            for report in document.reports
            for finding in report.findings
        )
        expected = open_findings + len(document.reports) + len(document.missing)

        assert max(expected, 1) == len(commands(render(document)))
