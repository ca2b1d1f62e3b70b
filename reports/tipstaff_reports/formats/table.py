"""CSV, a row a finding: for a sheet, and for whatever reads sheets."""

import csv
import io
import re

from tipstaff_reports.model import Audited, Format
from tipstaff_reports.text import COMPLIES, clean, place_of
from tipstaff_schemas.report import SCHEMA_VERSION, FindingEntry, Report

COLUMNS = (
    "schema_version", "host", "host_id", "user", "home", "audited_by", "run_id", "finished_at",
    "client", "client_version", "policy_id", "policy_version", "policy_fingerprint",
    "compliant", "fail_on", "environment", "system_root", "selected", "verdict",
    "check", "subject", "title", "severity", "status", "waiver",
    "waiver_ends", "waiver_owner", "waiver_approver", "waiver_ticket", "waiver_reason",
    "observed", "expected", "evidence", "remedy", "first_failed_at", "fingerprint", "controls",
)  # fmt: skip
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|'")
"""What a program for sheets takes for a formula, or for the mark that prevents one."""


def render(audit: Audited) -> str:
    """Return a header and a row a finding, by RFC 4180: CRLF, quotes where they are needed.

    A cell that begins like a formula, or with an apostrophe, gets one apostrophe in front (OWASP,
    CSV injection); what reads the file takes exactly one off. A line break inside a cell, which
    many readers do not take, becomes U+FFFD as everything else that does not print.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    rows = [_row(report, finding) for report in audit.reports for finding in report.findings]
    missing = [
        _render_missing(report.host, report.user, f"no report: {report.reason}")
        for report in audit.missing
    ]
    nobody = [] if audit.reports or missing else [_render_missing("", None, "nothing was audited")]
    for row in (*rows, *missing, *nobody):
        writer.writerow({name: cell(value) for name, value in row.items()})
    return out.getvalue()


def cell(value: str | None) -> str:
    """Return a value as a cell that no program for sheets takes for a formula."""
    text = clean(value or "")
    return f"'{text}" if FORMULA.match(text) else text


def _row(report: Report, finding: FindingEntry) -> dict[str, str | None]:
    run, policy = report.run, report.policy
    return {
        "schema_version": SCHEMA_VERSION,
        "host": run.host.name,
        "host_id": run.host.id,
        "user": run.user,
        "home": report.state.home,
        "audited_by": run.audited_by,
        "run_id": run.id,
        "finished_at": run.finished_at,
        "client": report.client.name,
        "client_version": report.client.version,
        "policy_id": policy.id,
        "policy_version": policy.version,
        "policy_fingerprint": policy.fingerprint,
        "compliant": COMPLIES[report.summary.compliant],
        "fail_on": run.fail_on,
        "environment": run.environment,
        "system_root": run.system_root,
        "selected": ", ".join(run.selected or ()) or "all",
        "verdict": report.decision.verdict,
        **_finding(finding),
        "controls": " | ".join(
            f"{framework.id} {control.id}"
            for framework in report.frameworks
            for control in framework.controls
            if finding.fingerprint in control.findings
        ),
    }


def _finding(finding: FindingEntry) -> dict[str, str | None]:
    waived = finding.waiver
    waiver = waived.waiver if waived else None
    return {
        "check": finding.check,
        "subject": finding.subject,
        "title": finding.title,
        "severity": finding.severity,
        "status": finding.status,
        "waiver": waived.standing if waived else None,
        "waiver_ends": waived.ends if waived else None,
        "waiver_owner": waiver.owner if waiver else None,
        "waiver_approver": waiver.approver if waiver else None,
        "waiver_ticket": waiver.ticket if waiver else None,
        "waiver_reason": waiver.reason if waiver else None,
        "observed": finding.observed,
        "expected": finding.expected,
        "evidence": " | ".join(map(place_of, finding.evidence)),
        "remedy": finding.remedy,
        "first_failed_at": finding.first_failed_at,
        "fingerprint": finding.fingerprint,
    }


def _render_missing(host: str, user: str | None, lines: str) -> dict[str, str | None]:
    return {
        "schema_version": SCHEMA_VERSION,
        "host": host,
        "user": user,
        "compliant": "no",
        "status": "error",
        "observed": lines,
    }


FORMAT = Format(
    "csv",
    "CSV by RFC 4180, UTF-8",
    "Python's csv module, strictly, and a law over formulas",
    "settings, credentials, the state, the decision's reason",
    render,
)
