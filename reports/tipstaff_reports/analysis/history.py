"""Since when a finding is known to fail, carried from an earlier report into a new one."""

from tipstaff_policy.errors import UsageError
from tipstaff_reports.analysis.compare import place_of
from tipstaff_reports.model import Audited, Document, as_audit, each_report
from tipstaff_schemas.report import FindingEntry, Report


def earlier_of(report: Report, earlier: Audited) -> Report | None:
    """Return the newest earlier report of the same client's folder; None where there is none."""
    own = [
        earlier_report
        for earlier_report in earlier.reports
        if place_of(earlier_report) == place_of(report)
    ]
    return max(own, key=lambda older: older.run.finished_at, default=None)


def with_history(report: Report, earlier: Audited) -> Report:
    """Return a report whose failing findings say since when they are known to fail.

    What did not fail in the newest earlier report of the same client's folder fails since this
    one. If no earlier report judged it, there is no moment. What was known to fail and is an error
    now keeps its moment, so a fault in between does not make it new.
    """
    before = earlier_of(report, earlier)
    if before is None:
        return report
    known = {finding.fingerprint: finding for finding in before.findings}
    findings = [
        finding.model_copy(
            update={
                "first_failed_at": _since(finding, known.get(finding.fingerprint), report, before)
            }
        )
        for finding in report.findings
    ]
    return report.model_copy(update={"findings": findings})


def _since(
    finding: FindingEntry, known: FindingEntry | None, report: Report, before: Report
) -> str | None:
    carried = known.first_failed_at if known else None
    if known and known.status == "fail":
        carried = carried or before.run.finished_at
    if finding.status == "error":
        return carried
    if finding.status != "fail":
        return None
    looked = before.run.selected is None or finding.check in before.run.selected
    judged = looked and (known is None or known.status != "error")
    return carried or (report.run.finished_at if judged else None)


def with_baseline(document: Document, earlier: Audited) -> Document:
    """Return a document whose findings say since when they fail, by an earlier one.

    Raises:
        UsageError: The earlier one contains no report of a user and host of this audit, so that
            everything would seem to be new.
    """
    reports = as_audit(document).reports
    if reports and not any(earlier_of(report, earlier) for report in reports):
        raise UsageError(
            "--baseline contains no report of this host and client folder",
            expected="an earlier report of the same host and folder",
        )
    return each_report(document, lambda report: with_history(report, earlier))
