"""Annotations of a GitHub workflow: failures appear next to the run and in the log."""

from collections.abc import Iterator

from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import bounds_in_words, explain_undecided, is_waived
from tipstaff_reports.text import COMPLIANT, clean, waiver_text, worst_first
from tipstaff_schemas.report import FindingEntry, Report

LEVELS = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "notice",
    "info": "notice",
}


def render(audit: Audited) -> str:
    """Return a workflow command a failure, error or missing report, and one a report in the end.

    Source: the runner's reader of commands (actions/runner, ActionCommand): `%`, CR and LF are
    escaped in a message, colon and comma in a property too. Whatever else does not print becomes
    U+FFFD, so that no value can begin a command of its own.
    """
    lines = [line for report in audit.reports for line in _report(report)]
    missing = [
        (report.user or "an unknown user", report.host, report.reason) for report in audit.missing
    ]
    lines += [_render_missing(f"{who} on {host}: {reason}") for who, host, reason in missing]
    if not lines:
        lines = [_render_missing("nothing was audited")]
    return "".join(f"{line}\n" for line in lines)


def _render_missing(parts: str) -> str:
    return _command("error", {"title": "No report"}, parts)


def _report(report: Report) -> Iterator[str]:
    for finding in sorted(report.findings, key=worst_first):
        if finding.status in ("fail", "error"):
            yield _finding(finding)
    summary, run, client = report.summary, report.run, report.client
    parts = (
        f"{COMPLIANT[summary.compliant].lower()}: {run.host.name}, {run.user}, {client.name} "
        f"{client.version}, {report.decision.verdict}; {summary.passed} pass, "
        f"{summary.failed} fail ({summary.waived} waived), {summary.error} error, "
        f"{summary.not_applicable} not applicable"
    )
    parts += f"; audited by {run.audited_by}" if run.audited_by not in (None, run.user) else ""
    parts += "".join(f"; {bound}" for bound in bounds_in_words(report))
    parts += f"; {why}" if (why := explain_undecided(report)) else ""
    level = "notice" if summary.compliant else "error" if summary.compliant is False else "warning"
    yield _command(level, {"title": "Tipstaff"}, parts)


def _finding(finding: FindingEntry) -> str:
    level = LEVELS[finding.severity] if finding.status == "fail" else "error"
    properties = {"title": f"{finding.check} {finding.title}"}
    if finding.evidence:
        first = finding.evidence[0]
        number = first.line_of_file()
        line = {} if number is None else {"line": str(number)}
        properties = {"file": first.path, **line, **properties}
    parts = [f"{finding.severity} {finding.status}: {finding.subject}: {finding.observed}"]
    parts += [f"expected: {finding.expected}"] if finding.expected else []
    parts += [f"to do: {finding.remedy}"] if finding.remedy else []
    if finding.waiver:
        level = "notice" if is_waived(finding) else level
        parts.append(f"waiver: {waiver_text(finding.waiver)}")
    return _command(level, properties, "\n".join(map(clean, parts)))


def _command(level: str, properties: dict[str, str], message: str) -> str:
    parts = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = "\n".join(map(clean, message.split("\n")))
    return f"::{level} {parts}::{_data(lines)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(clean(value)).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format(
    "github",
    "workflow commands of GitHub Actions",
    "a reader written from the runner's own rules",
    "what passes or does not apply (counted only), further evidence, settings, credentials,"
    " controls",
    render,
)
