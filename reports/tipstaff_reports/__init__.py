"""One file a report format, each a function from the report to text."""

from collections.abc import Callable

from tipstaff_reports import json_report, text
from tipstaff_schemas.report import Report

FORMATS: dict[str, Callable[[Report], str]] = {"text": text.render, "json": json_report.render}
