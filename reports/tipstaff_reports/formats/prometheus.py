"""Prometheus' text format, for the textfile collector of node_exporter."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from tipstaff_policy.checks.model import SEVERITIES, Severity, Status
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import is_waived
from tipstaff_reports.text import clean
from tipstaff_schemas.report import Report
from tipstaff_schemas.reports import MissingReport

Labels = tuple[tuple[str, str], ...]
Counted = Status | Literal["waived"]
STATUSES: tuple[Counted, ...] = ("pass", "fail", "waived", "error", "not_applicable")
HELP = {
    "tipstaff_info": "What was audited, and by which version; always 1.",
    "tipstaff_compliant": "1 if compliant, 0 if not or if not every check was selected.",
    "tipstaff_decision": "What the client does at start-up: 1 for that verdict.",
    "tipstaff_findings": "Findings by severity and status; waived ones are no fail here.",
    "tipstaff_failing": "1 for every check that fails on a subject, waived or not.",
    "tipstaff_waiver_expiry_timestamp_seconds": "When the waiver of a failing check ends.",
    "tipstaff_audit_timestamp_seconds": "When the audit ended.",
    "tipstaff_action_log_length": "The number of the newest record of the action log.",
    "tipstaff_reports": "Reports of a user on a host; 0 where one is missing.",
    "tipstaff_missing_reports": "Expected users and hosts without a report.",
}


class Sample(NamedTuple):
    """One line of the text."""

    name: str
    labels: Labels
    value: float


def render(audit: Audited) -> str:
    """Return every metric with its help, without moments, so that a collector may repeat it.

    Every sample of a report has the labels host, host_id, user, client, home and entry_point,
    which distinguish reports. Of several with the same labels the newest counts; of several whose
    names only look alike, one that is not compliant. Alert on `tipstaff_compliant != 1`, on
    `tipstaff_missing_reports > 0`, on `sum(tipstaff_reports) == 0`, and on an old
    `tipstaff_audit_timestamp_seconds`.

    Source: the text exposition format 0.0.4.
    """
    newest = {
        _own(report): report
        for report in sorted(audit.reports, key=lambda report: report.run.finished_at)
    }
    worst_last = sorted(
        newest.items(),
        key=lambda report_and_labels: report_and_labels[1].summary.compliant is not True,
    )
    counted = {_clean_labels(own): report for own, report in worst_last}
    samples = [sample for own, report in counted.items() for sample in _samples(report, own)]
    samples += _totals(counted, audit.missing)
    lines = []
    for name, text in HELP.items():
        lines += [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
        found = {sample.labels: sample.value for sample in samples if sample.name == name}
        lines += [f"{name}{_write(labels)} {_number(value)}" for labels, value in found.items()]
    return "".join(f"{line}\n" for line in lines)


def _totals(counted: Iterable[Labels], missing: Iterable[MissingReport]) -> Iterator[Sample]:
    """Yield how many reports there are of a person on a host, and how many are missing.

    A collector that reads several files drops a second series of the same labels, so that no
    series is without them.
    """
    there = Counter(own[:1] + own[2:3] for own in counted)
    lacking = Counter(
        _clean_labels((("host", report.host), ("user", report.user or ""))) for report in missing
    )
    nobody = (("host", ""), ("user", ""))
    for labels in dict.fromkeys([*there, *lacking]) or (nobody,):
        yield Sample("tipstaff_reports", labels, there[labels])
        yield Sample("tipstaff_missing_reports", labels, lacking[labels])


def _own(report: Report) -> Labels:
    return (
        ("host", report.run.host.name),
        ("host_id", report.run.host.id or ""),
        ("user", report.run.user),
        ("client", report.client.name),
        ("home", report.state.home),
        ("entry_point", report.client.entry_point),
    )


def _clean_labels(labels: Labels) -> Labels:
    return tuple((name, clean(value)) for name, value in labels)


def _samples(report: Report, own: Labels) -> Iterator[Sample]:
    policy = report.policy
    parts = (
        ("version", report.tool.version),
        ("client_version", report.client.version),
        ("policy_id", policy.id or ""),
        ("policy_version", policy.version or ""),
        ("policy_fingerprint", policy.fingerprint),
        ("fail_on", report.run.fail_on or ""),
        ("environment", report.run.environment),
        ("audited_by", report.run.audited_by or ""),
        ("image", "no" if report.run.system_root is None else "yes"),
        ("checks", "all" if report.run.selected is None else "some"),
    )
    yield Sample("tipstaff_info", own + parts, 1)
    yield Sample("tipstaff_compliant", own, report.summary.compliant is True)
    yield Sample("tipstaff_decision", (*own, ("verdict", report.decision.verdict)), 1)
    ended = datetime.fromisoformat(report.run.finished_at).timestamp()
    yield Sample("tipstaff_audit_timestamp_seconds", own, ended)
    yield Sample("tipstaff_action_log_length", own, report.run.action_log.length)
    yield from _findings(report, own)


def _findings(report: Report, own: Labels) -> Iterator[Sample]:
    counted = Counter[tuple[Severity, Counted]](
        (finding.severity, "waived" if is_waived(finding) else finding.status)
        for finding in report.findings
    )
    for severity in SEVERITIES:
        for status in STATUSES:
            labels = (*own, ("severity", severity), ("status", status))
            yield Sample("tipstaff_findings", labels, counted[severity, status])
    for finding in report.findings:
        if finding.status != "fail":
            continue
        labels = own + _clean_labels((("check", finding.check), ("subject", finding.subject)))
        more = (("severity", finding.severity), ("waived", "yes" if is_waived(finding) else "no"))
        yield Sample("tipstaff_failing", labels + more, 1)
        if finding.waiver:
            name = "tipstaff_waiver_expiry_timestamp_seconds"
            yield Sample(name, labels, finding.waiver.waiver.expires_at)


def _number(value: float) -> str:
    """Return a number in full; a whole one of any size is no float."""
    return str(int(value)) if isinstance(value, int) else f"{value:.15g}"


def _write(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return clean(value).replace("\\", "\\\\").replace('"', '\\"')


FORMAT = Format(
    "prom",
    "Prometheus text exposition 0.0.4",
    "promtool check metrics, and the parser of prometheus-client",
    "what is observed and expected, evidence, settings, credentials, controls, why a user is"
    " missing",
    render,
)
