"""SARIF 2.1.0: for code-scanning views and whatever collects results of many tools."""

import json
import re
import uuid
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from tipstaff_policy import __version__
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.checks.model import Evidence, Status
from tipstaff_reports.identity import number_doubles
from tipstaff_reports.json_report import make_harmless
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import bounds_in_words, explain_undecided, is_waived
from tipstaff_reports.text import clean, waiver_text
from tipstaff_schemas.report import FindingEntry, FrameworkEntry, Report
from tipstaff_schemas.reports import MissingReport

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}
"""By the bands of GitHub's code scanning: critical over 9.0, high 7.0, medium 4.0."""
KINDS = {"pass": "pass", "fail": "fail", "not_applicable": "notApplicable", "error": "review"}
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")
Json = dict[str, Any]


ALERTS: tuple[Status, ...] = ("fail", "error")
"""What readers may show as an alert; GitHub's and others show every result, whatever its kind."""


def render(audit: Audited) -> str:
    """Return a log with a run for each report; its results are failures and errors.

    What passes is no result, because code scanning and others take every result for an alert; how
    many there are stands in the properties of the run, and `sarif-all` has them.
    """
    return render_results(audit, ALERTS)


def render_results(audit: Audited, statuses: Sequence[Status]) -> str:
    """Return a log with a run a report.

    An error is `review` (a person has to look), and an error of the invocation, whose
    `executionSuccessful` is false; it is never `pass`. A waived failure stays `fail` and carries a
    suppression. Who is missing makes a run that did not succeed.

    Args:
        statuses: The findings that are results.
    Source: SARIF 2.1.0 (OASIS), sections 3.14, 3.20, 3.27 and 3.35.
    """
    runs = [_run(report, statuses) for report in audit.reports]
    if audit.missing or not runs:
        runs.append(_render_missing_run(audit.missing))
    return (
        make_harmless(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2))
        + "\n"
    )


def _run(report: Report, statuses: Sequence[Status]) -> Json:
    run = report.run
    checks = list(dict.fromkeys(finding.check for finding in report.findings))
    # Readers take results of one fingerprint for one, as of one key in two files.
    marks = number_doubles([finding.fingerprint for finding in report.findings])
    made: Json = {
        "tool": {"driver": _driver(report.tool.version, [_rule(check) for check in checks])},
        "automationDetails": _automation(report),
        "invocations": [_invocation(report)],
        "artifacts": [
            {
                "location": {"uri": _uri(file.path)},
                "hashes": {"sha-256": file.sha256},
                "roles": ["policy"],
            }
            for file in report.policy.files
        ],
        "results": [
            _result(report, finding, checks, mark)
            for finding, mark in zip(report.findings, marks, strict=True)
            if finding.status in statuses
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "compliant": report.summary.compliant,
            "summary": report.summary.model_dump(by_alias=True),
            "bounds": bounds_in_words(report),
            "failOn": run.fail_on,
            "environment": run.environment,
            "systemRoot": run.system_root,
            "selected": run.selected,
            "decision": {
                "verdict": report.decision.verdict,
                "reason": report.decision.reason,
                "depends_on": list(report.decision.depends_on),
            },
            "policy": {
                "id": report.policy.id,
                "version": report.policy.version,
                "fingerprint": report.policy.fingerprint,
            },
            "client": {"name": report.client.name, "version": report.client.version},
            "host": run.host.name,
            "user": run.user,
            "auditedBy": run.audited_by,
            "actionLog": {"head": run.action_log.head, "length": run.action_log.length},
        },
    }
    if report.frameworks:
        made["taxonomies"] = [_taxonomy(framework) for framework in report.frameworks]
    return made


def _driver(version: str, rules: list[Json]) -> Json:
    semantic = {"semanticVersion": version} if SEMANTIC.fullmatch(version) else {}
    return {
        "name": "Tipstaff",
        "version": version,
        **semantic,
        "rules": rules,
    }


def _rule(check_id: str) -> Json:
    """Return what a check is; of one that this release does not know its id alone."""
    if check_id not in MODULES:
        return {"id": check_id}
    check, _ = load_check(check_id)
    markdown = f"**Fails when** {check.fails_when}.\n\n**Remedy.** {check.remedy}"
    return {
        "id": check.id,
        "name": "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", check.title)),
        "shortDescription": {"text": f"{check.title}."},
        "fullDescription": {"text": f"Fails when {check.fails_when}. {check.rationale}"},
        "help": {"text": check.remedy, "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {
            "security-severity": SECURITY[check.severity],
            "precision": "very-high",
            "tags": ["security", "compliance"],
        },
    }


def _automation(report: Report) -> Json:
    run = report.run
    fields: Json = {"id": f"tipstaff/{quote(run.host.name, '')}/{quote(run.user, '')}/"}
    try:
        fields["guid"] = str(uuid.UUID(run.id))
    except ValueError:
        fields["description"] = {"text": clean(f"Run {run.id}.")}
    return fields


def _invocation(report: Report) -> Json:
    errors = [finding for finding in report.findings if finding.status == "error"]
    why = explain_undecided(report)
    decided = [{"level": "error", "message": {"text": clean(why)}}] if why else []
    return {
        "executionSuccessful": not errors and not why,
        "startTimeUtc": report.run.started_at,
        "endTimeUtc": report.run.finished_at,
        "machine": report.run.host.name,
        "account": report.run.audited_by or report.run.user,
        "toolExecutionNotifications": decided
        + [
            {
                "level": "error",
                "message": {"text": clean(f"{error.check}: {error.observed}")},
                "associatedRule": {"id": error.check},
            }
            for error in errors
        ],
    }


def _result(report: Report, finding: FindingEntry, checks: list[str], mark: str) -> Json:
    made: Json = {
        "ruleId": finding.check,
        "ruleIndex": checks.index(finding.check),
        "kind": KINDS[finding.status],
        "level": LEVELS[finding.severity] if finding.status == "fail" else "none",
        "message": {"text": _message(finding)},
        "partialFingerprints": {"tipstaff/v1": mark},
        "properties": {
            "severity": finding.severity,
            "status": finding.status,
            "subject": finding.subject,
            "security-severity": SECURITY[finding.severity],
        },
    }
    # Viewers want a place for every result: of what has none it is the client's folder.
    places = finding.evidence or [Evidence(report.state.home)]
    made["locations"] = [_location(places[0], finding.subject)]
    further = [
        {"id": number, **_location(place, finding.subject)}
        for number, place in enumerate(places[1:], 1)
    ]
    made |= {"relatedLocations": further} if further else {}
    if finding.status == "fail":
        made["suppressions"] = _suppressions(finding)
        made |= _baseline(report, finding)
    taxa = _taxa(report, finding)
    return made | ({"taxa": taxa} if taxa else {})


def _message(finding: FindingEntry) -> str:
    fields = [f"{finding.title} ({finding.subject}): {finding.observed}."]
    fields += [f"Expected: {finding.expected}."] if finding.expected else []
    fields += [f"To do: {finding.remedy}"] if finding.remedy else []
    return clean(" ".join(fields))


def _location(evidence: Evidence, subject: str) -> Json:
    place: Json = {"artifactLocation": {"uri": _uri(evidence.path)}}
    line = evidence.line_of_file()
    if line is not None:
        place["region"] = {"startLine": line}
    logical: list[Json] = [{"fullyQualifiedName": clean(subject) or "-", "kind": "resource"}]
    if evidence.key:
        # The line is one of the value's text, which no viewer finds in the file.
        fields = evidence.key if evidence.line is None else f"{evidence.key}:{evidence.line}"
        logical.append({"name": evidence.key, "fullyQualifiedName": fields, "kind": "member"})
    return {"physicalLocation": place, "logicalLocations": logical}


def _uri(path: str) -> str:
    """Return a path of any platform as a URI; what is no path as a relative one."""
    if re.match(r"[A-Za-z]:[\\/]", path):
        return "file:///" + quote(path.replace("\\", "/"), "/:")
    return f"file://{quote(path)}" if PurePosixPath(path).is_absolute() else quote(path)


def _suppressions(finding: FindingEntry) -> list[Json]:
    """Return the owner of a failure; an empty list means that it has none (3.27.23)."""
    if not (is_waived(finding) and finding.waiver):
        return []
    why = clean(waiver_text(finding.waiver))
    return [{"kind": "external", "status": "accepted", "justification": why}]


def _baseline(report: Report, finding: FindingEntry) -> Json:
    """Return whether a failure is new, if an earlier report was given (3.27.24)."""
    since = finding.first_failed_at
    if since is None:
        return {}
    return {"baselineState": "new" if since >= report.run.finished_at else "unchanged"}


def _taxonomy(framework: FrameworkEntry) -> Json:
    return {
        "name": framework.id,
        "fullName": framework.title,
        "version": __version__,
        "shortDescription": {"text": f"{framework.title}."},
        "taxa": [
            {
                "id": control.id,
                "shortDescription": {"text": f"{control.title}."},
                "properties": {"status": control.status, "waived": control.waived},
            }
            for control in framework.controls
        ],
    }


def _taxa(report: Report, finding: FindingEntry) -> list[Json]:
    return [
        {"id": control.id, "index": at, "toolComponent": {"name": framework.id, "index": number}}
        for number, framework in enumerate(report.frameworks)
        for at, control in enumerate(framework.controls)
        if finding.fingerprint in control.findings
    ]


def _render_missing_run(missing: tuple[MissingReport, ...]) -> Json:
    fields = [
        f"No report of {report.user or 'an unknown user'} on {report.host}: {report.reason}."
        for report in missing
    ]
    fields = fields or ["Nothing was audited."]
    return {
        "tool": {"driver": _driver(__version__, [])},
        "invocations": [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": clean(field)}} for field in fields
                ],
            }
        ],
        "results": [],
    }


FORMAT = Format(
    "sarif",
    "SARIF 2.1.0 (OASIS, errata 01)",
    "Microsoft's SARIF multitool 5.7.0, and the schema in its package",
    "what passes or does not apply, settings with what they beat, credentials, the state",
    render,
)
