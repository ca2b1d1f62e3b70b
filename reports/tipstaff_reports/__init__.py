"""One file a report format, each a function from the report to text."""

from collections.abc import Callable

from tipstaff_reports import json_report, text, users
from tipstaff_schemas.report import Report
from tipstaff_schemas.users import AuditOfUsers, EnforcementOfUsers

FORMATS: dict[str, Callable[[Report], str]] = {"text": text.render, "json": json_report.render}
FORMATS_OF_USERS: dict[str, Callable[[AuditOfUsers | EnforcementOfUsers], str]] = {
    "text": users.render,
    "json": json_report.render,
}
