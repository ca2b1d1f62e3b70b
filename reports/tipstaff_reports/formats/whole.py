"""The report as JSON: the model itself."""

from tipstaff_reports import json_report
from tipstaff_reports.model import Audited, Format


def render(audit: Audited) -> str:
    """Return the document, indented."""
    return json_report.render(audit.document)


FORMAT = Format("json", "JSON by Tipstaff's own schema 1", "jsonschema, draft 2020-12", "", render)
