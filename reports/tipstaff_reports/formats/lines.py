"""A report a line, each the whole of it: for collectors that append to one file."""

from tipstaff_reports import json_report
from tipstaff_reports.model import Audited, Format


def render(audit: Audited) -> str:
    """Return a line a report, then a line for each person or host of which there is none."""
    return "".join(json_report.line(each) for each in (*audit.reports, *audit.missing))


FORMAT = Format(
    "ndjson",
    "a JSON report a line, by Tipstaff's own schema 1",
    "jsonschema, draft 2020-12, line by line",
    "",
    render,
)
