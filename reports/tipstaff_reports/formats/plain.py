"""Plain text for a person at a terminal."""

from tipstaff_reports import text
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.texts import users
from tipstaff_schemas.report import Report
from tipstaff_schemas.reports import MergedReports
from tipstaff_schemas.users import AuditOfUsers


def render(audit: Audited, *, verbose: bool = False) -> str:
    """Return the verdict first, then what fails, then what it stands on.

    Args:
        verbose: Whether findings that pass or do not apply are listed, and not only counted.
    """
    match audit.document:
        case Report() as report:
            return text.render(report, verbose=verbose)
        case AuditOfUsers() as run:
            return users.render(run, verbose=verbose)
        case MergedReports() as merged:
            return _render_merged(merged, verbose=verbose)


def _render_merged(merged: MergedReports, *, verbose: bool) -> str:
    blocks = [
        text.as_text([f"{report.run.host.name}  {report.run.user}  {report.run.finished_at}"])
        + text.render(report, verbose=verbose)
        for report in merged.reports
    ]
    missing = [
        f"no report of {report.user or 'an unknown user'} on {report.host}: {report.reason}"
        for report in merged.missing
    ]
    failing = sum(report.summary.compliant is False for report in merged.reports)
    message = f"{len(merged.reports)} reports, {failing} not compliant, {len(missing)} missing"
    return "\n".join([*blocks, text.as_text([*missing, message])])


FORMAT = Format(
    "text",
    "plain text, UTF-8",
    "compared byte for byte",
    "the state, digests of files, fingerprints of findings, the run and the action log; what "
    "passes or does not apply is counted (--verbose lists it)",
    render,
)
