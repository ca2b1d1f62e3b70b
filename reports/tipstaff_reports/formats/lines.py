"""A report a line, each the whole of it: for collectors that append to one file."""

from tipstaff_reports import json_report
from tipstaff_reports.model import Audited, Format
from tipstaff_schemas.reports import MissingReport


def render(audit: Audited) -> str:
    """Return a line a report, then a line for each person or host of which there is none."""
    found = (*audit.reports, *audit.missing)
    nobody = MissingReport(host="", user=None, reason="nothing was audited")
    return "".join(json_report.line(report_or_none) for report_or_none in found or (nobody,))


FORMAT = Format(
    "ndjson",
    "a JSON report a line, by Tipstaff's own schema 1",
    "jsonschema, draft 2020-12, line by line",
    "who was skipped in a root run, and its own times and exit code",
    render,
)
