"""Since when a finding is known to fail, carried from an earlier report into a new one."""

from tipstaff_reports.model import Audited
from tipstaff_schemas.report import FindingEntry, Report


def with_history(report: Report, earlier: Audited) -> Report:
    """Return a report whose failing findings say since when they are known to fail.

    What did not fail in the newest earlier report, or was not in it, fails since this one.
    """
    by_time = sorted(earlier.reports, key=lambda each: each.run.finished_at)
    known = {
        each.fingerprint: _since(each, before) for before in by_time for each in before.findings
    }
    findings = [
        each.model_copy(
            update={"first_failed_at": known.get(each.fingerprint) or report.run.finished_at}
        )
        if each.status == "fail"
        else each
        for each in report.findings
    ]
    return report.model_copy(update={"findings": findings})


def _since(finding: FindingEntry, report: Report) -> str | None:
    if finding.status != "fail":
        return None
    return finding.first_failed_at or report.run.finished_at
