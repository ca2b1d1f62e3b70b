"""Compliance findings of the Open Cybersecurity Schema Framework, for the versions that we write.

Source: OCSF, class 2003 (Compliance Finding) with the profile `host`, https://schema.ocsf.io.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tipstaff_policy import __version__
from tipstaff_policy.checks.model import Evidence, Severity, Status
from tipstaff_reports.json_report import make_harmless
from tipstaff_reports.model import Audited, Document
from tipstaff_reports.summary import bounds_in_words, explain_undecided, is_waived
from tipstaff_schemas.build import finding_fingerprint
from tipstaff_schemas.report import FindingEntry, Report
from tipstaff_schemas.reports import MergedReports, MissingReport
from tipstaff_schemas.users import AuditOfUsers

CLASS, CATEGORY, CREATE, UPDATE = 2003, 2, 1, 2
SEVERITIES: dict[Severity, tuple[int, str]] = {
    "critical": (5, "Critical"),
    "high": (4, "High"),
    "medium": (3, "Medium"),
    "low": (2, "Low"),
    "info": (1, "Informational"),
}
OUTCOMES: dict[Status, tuple[int, str]] = {
    "pass": (1, "Pass"),
    "fail": (3, "Fail"),
    "error": (0, "Unknown"),
    "not_applicable": (99, "Not applicable"),
}
"""`compliance.status_id`; a waived failure is a failure."""
NEW, SUPPRESSED, NOTHING = (1, "New"), (3, "Suppressed"), (99, "Nothing to do")
"""`status_id`: where the finding stands with people."""
PLATFORMS = {"windows": (100, "Windows"), "linux": (200, "Linux"), "macos": (300, "macOS")}
Json = dict[str, Any]


def render_events(audit: Audited, version: str) -> str:
    """Return an array of events: one a finding, and one for each of whom there is no report."""
    events = [event for report in audit.reports for event in _events(report, version)]
    moment = _moment(audit.document)
    missing = audit.missing
    if not audit.reports and not missing:
        missing = (MissingReport(host="", user=None, reason="nothing was audited"),)
    events += [_render_missing(report, version, moment) for report in missing]
    return make_harmless(json.dumps(events, indent=2)) + "\n"


def _moment(document: Document) -> int:
    """Return when a document was made, as far as it says so; 0 where it holds nothing."""
    match document:
        case Report():
            return _milliseconds(document.run.finished_at)
        case AuditOfUsers():
            return _milliseconds(document.finished_at)
        case MergedReports():
            return max(
                (_milliseconds(report.run.finished_at) for report in document.reports), default=0
            )


def _milliseconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


def _events(report: Report, version: str) -> Iterator[Json]:
    if why := explain_undecided(report):
        yield _event(report, _decision(report, why), version)
    for finding in report.findings:
        yield _event(report, finding, version)


def _decision(report: Report, why: str) -> FindingEntry:
    """Return an event for an unknown decision of the client, as for a check that is an error."""
    host = report.run.host
    return FindingEntry(
        check="decision",
        subject="client",
        title="What the client would do",
        severity="high",
        status="error",
        observed=why,
        expected="a decision",
        evidence=[],
        remedy="",
        first_failed_at=None,
        waiver=None,
        fingerprint=finding_fingerprint(
            host, report.state, report.run.system_root, "decision", "client"
        ),
    )


def _event(report: Report, finding: FindingEntry, version: str) -> Json:
    run = report.run
    ended = _milliseconds(run.finished_at)
    known = finding.first_failed_at and _milliseconds(finding.first_failed_at)
    made: Json = {
        **_head(UPDATE if known and known < ended else CREATE, ended, finding.severity),
        **_render_standing(finding),
        "message": f"{finding.title} ({finding.subject}): {finding.observed}",
        "start_time": _milliseconds(run.started_at),
        "end_time": ended,
        "metadata": _metadata(version, report.tool.version, f"{run.id} {finding.fingerprint}")
        | {"event_code": finding.check, "correlation_uid": run.id},
        "finding_info": {
            "uid": finding.fingerprint,
            "title": f"{finding.check} {finding.title}",
            "desc": finding.observed,
            "types": [finding.check],
            "created_time": ended,
            **({"first_seen_time": known} if known else {}),
        },
        "compliance": _compliance(report, finding),
        "device": _device(report),
        "resources": _resources(report, finding),
        "unmapped": _render_unmapped(report, finding),
    }
    if finding.evidence:
        made["evidences"] = [_evidence(evidence) for evidence in finding.evidence]
    if finding.remedy:
        made["remediation"] = {"desc": finding.remedy}
    return made


def _head(activity: int, moment: int, severity: Severity) -> Json:
    severity_id, name = SEVERITIES[severity]
    return {
        "activity_id": activity,
        "activity_name": {CREATE: "Create", UPDATE: "Update"}[activity],
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + activity,
        "severity_id": severity_id,
        "severity": name,
        "time": moment,
    }


def _render_standing(finding: FindingEntry) -> Json:
    open_ = finding.status in ("fail", "error")
    status_id, name = SUPPRESSED if is_waived(finding) else NEW if open_ else NOTHING
    return {"status_id": status_id, "status": name}


def _metadata(version: str, tool_version: str, identity: str) -> Json:
    return {
        "version": version,
        "profiles": ["host"],
        "product": {"name": "Tipstaff", "vendor_name": "Tipstaff", "version": tool_version},
        "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:tipstaff:event:{identity}")),
    }


def _compliance(report: Report, finding: FindingEntry) -> Json:
    status_id, name = OUTCOMES[finding.status]
    controls = [
        (framework.title, control.id)
        for framework in report.frameworks
        for control in framework.controls
        if finding.fingerprint in control.findings
    ]
    evidenced = {
        "standards": list(dict.fromkeys(title for title, _ in controls)),
        "requirements": [f"{title}: {control}" for title, control in controls],
    }
    return {
        "control": finding.check,
        "status_id": status_id,
        "status": name,
        "status_detail": finding.observed,
        "desc": finding.expected,
        **(evidenced if controls else {}),
    }


def _device(report: Report) -> Json:
    type_id, name = PLATFORMS[report.state.platform]
    host = report.run.host
    return {
        "hostname": host.name,
        "type_id": 0,
        "type": "Unknown",
        "os": {"name": name, "type_id": type_id},
        **({"uid": host.id} if host.id else {}),
    }


def _resources(report: Report, finding: FindingEntry) -> list[Json]:
    client = report.client
    return [
        {"type": "Subject", "name": finding.subject},
        {"type": "User", "name": report.run.user},
        *([{"type": "Auditor", "name": report.run.audited_by}] if report.run.audited_by else []),
        {
            "type": "Client",
            "name": client.name,
            "version": client.version,
            "uid": report.state.home,
        },
    ]


def _evidence(place: Evidence) -> Json:
    data = {"data": {"path": place.path, "key": place.key, "line": place.line}}
    if not place.path.startswith("/"):
        return data
    name = place.path.rpartition("/")[2]
    return {**data, "file": {"name": name, "path": place.path, "type_id": 0}}


def _render_unmapped(report: Report, finding: FindingEntry) -> Json:
    policy, log = report.policy, report.run.action_log
    waived = finding.waiver
    fields: Json = {
        "check_status": finding.status,
        "compliant": report.summary.compliant,
        "bounds": bounds_in_words(report),
        "run": {
            "id": report.run.id,
            "fail_on": report.run.fail_on,
            "environment": report.run.environment,
            "system_root": report.run.system_root,
            "selected": report.run.selected,
        },
        "decision": {"verdict": report.decision.verdict, "reason": report.decision.reason},
        "policy": {"id": policy.id, "version": policy.version, "fingerprint": policy.fingerprint},
        "action_log": {"head": log.head, "length": log.length},
    }
    if waived:
        waiver = waived.waiver
        fields["waiver"] = {
            "standing": waived.standing,
            "ends": waived.ends,
            "owner": waiver.owner,
            "approver": waiver.approver,
            "ticket": waiver.ticket,
            "reason": waiver.reason,
            "expires_at": waiver.expires_at,
        }
    return fields


def _render_missing(report: MissingReport, version: str, moment: int) -> Json:
    who = f"{report.user or 'an unknown user'} on {report.host or 'any host'}"
    identity = "\0".join((report.host, report.user or "", report.reason))
    uid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:tipstaff:missing:{identity}"))
    return {
        **_head(CREATE, moment, "high"),
        "status_id": NEW[0],
        "status": NEW[1],
        "message": f"No report of {who}: {report.reason}",
        "metadata": _metadata(version, __version__, uid),
        "finding_info": {"uid": uid, "title": "No report", "desc": report.reason},
        "compliance": {"status_id": 0, "status": "Unknown", "status_detail": report.reason},
        "device": {"hostname": report.host, "type_id": 0, "type": "Unknown"},
        "resources": [{"type": "User", "name": report.user or ""}],
    }
