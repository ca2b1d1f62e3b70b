"""Several documents as one."""

from collections.abc import Iterable

from tipstaff_policy import __version__
from tipstaff_reports.analysis.compare import home_of
from tipstaff_reports.model import Audited
from tipstaff_schemas.report import Report, Tool
from tipstaff_schemas.reports import MergedReports, MissingReport
from tipstaff_schemas.saved import BadReportError


def merge(documents: Iterable[Audited]) -> MergedReports:
    """Return all reports of some documents, each run of a person's client once.

    Raises:
        BadReportError: Two reports of the same run are not the same.
    """
    found: dict[tuple[str, str], Report] = {}
    missing: dict[MissingReport, None] = {}
    for document in documents:
        for report in document.reports:
            other = found.setdefault((report.run.id, home_of(report)), report)
            if _without_frameworks(other) != _without_frameworks(report):
                raise BadReportError(
                    f"two reports of the run {report.run.id} differ: one of them was edited",
                    expected="what that run wrote",
                    remedy="copy both again from where they were written; "
                    "`tipstaff report verify` shows which one is signed",
                )
        missing |= dict.fromkeys(document.missing)
    return MergedReports(
        tool=Tool(version=__version__),
        reports=sorted(found.values(), key=_place),
        missing=sorted(
            missing,
            key=lambda missing_report: (
                missing_report.host,
                missing_report.user or "",
                missing_report.reason,
            ),
        ),
    )


def _without_frameworks(report: Report) -> Report:
    """Return what a run found, without what can be asked for afterwards."""
    return report.model_copy(update={"frameworks": []})


def _place(report: Report) -> tuple[str, ...]:
    run = report.run
    return run.host.name, run.user, home_of(report), run.finished_at, run.id
