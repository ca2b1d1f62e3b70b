"""OSCAL Assessment Results: evidence for a system that keeps track of controls."""

import json
import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tipstaff_policy import __version__
from tipstaff_policy.checks.model import Evidence
from tipstaff_reports.frameworks import load_framework
from tipstaff_reports.identity import number_doubles
from tipstaff_reports.json_report import make_harmless
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import bounds_in_words, explain_undecided, is_waived
from tipstaff_reports.text import COMPLIES, clean, place_of, waiver_text
from tipstaff_schemas.report import FindingEntry, Report
from tipstaff_schemas.reports import MissingReport

OSCAL = "1.2.1"
NAMES = "urn:tipstaff:oscal"
"""The namespace of our properties."""
NIST = "nist-800-53r5"
NEVER = "1970-01-01T00:00:00+00:00"
"""Where a document holds no moment at all."""
SATISFIED = {"pass": ("satisfied", "pass"), "fail": ("not-satisfied", "fail")}
"""State and reason; what is neither is not satisfied, for the reason `other`."""
Json = dict[str, Any]


def render(audit: Audited) -> str:
    """Return a result a report: an observation and a finding for everything that was checked.

    Only a pass is `satisfied`. An error and what does not apply are `not-satisfied` for the reason
    `other`, with the status as a property: OSCAL has no third state, and neither is evidence. A
    failure makes a risk: open, or `deviation-approved` until the day that an active waiver ends.

    Source: NIST OSCAL 1.2.1, Assessment Results.
    """
    results = [_result(report) for report in audit.reports]
    moments = [report.run.finished_at for report in audit.reports]
    if audit.missing or not results:
        results.append(_render_missing_result(audit.missing, max(moments, default=NEVER)))
    message = "".join(result["uuid"] for result in results)
    plan = _uuid("plan", message)
    document = {
        "uuid": _uuid("results", message),
        "metadata": {
            "title": "Tipstaff audit",
            "last-modified": max(moments, default=NEVER),
            "version": __version__,
            "oscal-version": OSCAL,
        },
        "import-ap": {"href": f"#{plan}"},
        "results": results,
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "No assessment plan",
                    "description": "Tipstaff runs its checks without a plan in OSCAL; "
                    "`tipstaff checks list` names them, and its manual says what each evidences.",
                }
            ]
        },
    }
    return make_harmless(json.dumps({"assessment-results": document}, indent=2)) + "\n"


def _uuid(*named: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\0".join((NAMES, *named))))


def _result(report: Report) -> Json:
    run, findings = report.run, report.findings
    identity = (run.id, report.state.home)
    # Two findings of a check on one subject, as of one key in two files, stay two.
    marked = [
        *zip(findings, number_doubles([finding.fingerprint for finding in findings]), strict=True)
    ]
    why = explain_undecided(report)
    made: Json = {
        "uuid": _uuid("result", *identity),
        "title": _text(f"{run.host.name}, {run.user}, {report.client.name}"),
        "description": _text(f"{report.decision.verdict}: {report.decision.reason}"),
        "start": run.started_at,
        "end": run.finished_at,
        "props": _properties(_facts(report)),
        "local-definitions": {"components": [_component(report)]},
        "reviewed-controls": _render_reviewed(
            "Of each a part, by checks of one host; see the findings."
        ),
        "observations": [_observation(report, *finding_and_mark) for finding_and_mark in marked],
        "findings": [_finding(report, *finding_and_mark) for finding_and_mark in marked],
    }
    if why:
        observed, concluded = _render_unknown(
            "decision", (*identity,), "The decision could not be made", why, run.finished_at
        )
        made["observations"].append(observed)
        made["findings"].append(concluded)
    if risks := [
        _risk(report, *finding_and_mark)
        for finding_and_mark in marked
        if finding_and_mark[0].status == "fail"
    ]:
        made["risks"] = risks
    return {name: value for name, value in made.items() if value != []}


def _facts(report: Report) -> dict[str, str | None]:
    run, policy = report.run, report.policy
    return {
        "compliant": COMPLIES[report.summary.compliant],
        "bounds": "; ".join(bounds_in_words(report)),
        "fail-on": run.fail_on,
        "environment": run.environment,
        "system-root": run.system_root,
        "verdict": report.decision.verdict,
        "tool-version": report.tool.version,
        "client-version": report.client.version,
        "policy-id": policy.id,
        "policy-version": policy.version,
        "policy-fingerprint": policy.fingerprint,
        "run-id": run.id,
        "host-id": run.host.id,
        "action-log-head": run.action_log.head,
        "action-log-length": str(run.action_log.length),
    }


def _properties(named: dict[str, str | None]) -> list[Json]:
    """Return what there is as properties, whose values may not be empty or begin with a blank."""
    found = {name: clean(value or "").strip() for name, value in named.items()}
    return [{"name": name, "ns": NAMES, "value": value} for name, value in found.items() if value]


def _component(report: Report) -> Json:
    return {
        "uuid": _component_uuid(report),
        "type": "software",
        "title": _text(f"{report.client.name} {report.client.version} on {report.run.host.name}"),
        "description": _text(
            f"The client of {report.run.user}, with its folder {report.state.home}"
        ),
        "props": _properties(
            {
                "asset-host": report.run.host.name,
                "client-home": report.state.home,
                "audited-by": report.run.audited_by,
            }
        ),
        "status": {"state": "operational"},
    }


def _component_uuid(report: Report) -> str:
    host = report.run.host.id or report.run.host.name
    # Of each run its own: an id may be defined once in a document, which may hold several runs.
    return _uuid("component", host, report.client.name, report.state.home, report.run.id)


def _render_reviewed(description: str) -> Json:
    """Return the controls of NIST's catalogue of which checks show a part; no others."""
    ids = [{"control-id": _control(control.id)} for control in load_framework(NIST).controls]
    return {"control-selections": [{"description": description, "include-controls": ids}]}


def _control(name: str) -> str:
    """Return a control as NIST's own catalogue in OSCAL names it: IA-5(1) is ia-5.1."""
    return re.sub(r"\((\d+)\)", r".\1", name).lower()


def _observation(report: Report, finding: FindingEntry, mark: str) -> Json:
    made: Json = {
        "uuid": _uuid("observation", report.run.id, mark),
        "title": _text(f"{finding.check} {finding.title}"),
        "description": _text(finding.observed),
        "props": _properties(_traits(finding)),
        "methods": ["TEST"],
        "subjects": [{"subject-uuid": _component_uuid(report), "type": "component"}],
        "collected": report.run.finished_at,
    }
    if finding.evidence:
        made["relevant-evidence"] = [_evidence(evidence) for evidence in finding.evidence]
    return made


def _traits(finding: FindingEntry) -> dict[str, str | None]:
    return {
        "check": finding.check,
        "subject": finding.subject,
        "severity": finding.severity,
        "status": finding.status,
        "fingerprint": finding.fingerprint,
        "first-failed-at": finding.first_failed_at,
    }


def _evidence(place: Evidence) -> Json:
    href = {"href": f"file://{quote(place.path)}"} if place.path.startswith("/") else {}
    return {**href, "description": _text(place_of(place))}


def _finding(report: Report, finding: FindingEntry, mark: str) -> Json:
    state, reason = SATISFIED.get(finding.status, ("not-satisfied", "other"))
    risk = {"risk-uuid": _uuid("risk", report.run.id, mark)}
    evidenced = load_framework(NIST).of_check(finding.check)
    controls = [_control(control.id) for control, _ in evidenced]
    observed = {"observation-uuid": _uuid("observation", report.run.id, mark)}
    return {
        "uuid": _uuid("finding", report.run.id, mark),
        "title": _text(f"{finding.check} {finding.title}: {finding.subject}"),
        "description": _text(f"{finding.observed}; expected: {finding.expected or 'nothing more'}"),
        "props": [
            *_properties(_traits(finding)),
            *(prop for name in controls for prop in _properties({"evidences-control": name})),
        ],
        "target": {
            "type": "objective-id",
            "target-id": f"tipstaff-{finding.check.lower()}",
            "status": {"state": state, "reason": reason, "remarks": _text(finding.status)},
        },
        "related-observations": [observed],
        **({"related-risks": [risk]} if finding.status == "fail" else {}),
    }


def _risk(report: Report, finding: FindingEntry, mark: str) -> Json:
    observed = {"observation-uuid": _uuid("observation", report.run.id, mark)}
    made: Json = {
        "uuid": _uuid("risk", report.run.id, mark),
        "title": _text(f"{finding.check} {finding.title}"),
        "description": _text(finding.observed),
        "statement": _text(f"To do: {finding.remedy}"),
        "props": _properties({"check": finding.check, "severity": finding.severity}),
        "status": "deviation-approved" if is_waived(finding) else "open",
        "related-observations": [observed],
    }
    if not finding.waiver:
        return made
    waiver = finding.waiver.waiver
    message = _properties(
        {
            "waiver-standing": finding.waiver.standing,
            "waiver-owner": waiver.owner,
            "waiver-approver": waiver.approver,
            "waiver-ticket": waiver.ticket,
            "waiver-reason": waiver.reason,
        }
    )
    made |= {
        "statement": _text(f"Waiver: {waiver_text(finding.waiver)}"),
        "props": made["props"] + message,
    }
    return made | _deadline(waiver.expires_at)


def _deadline(expires_at: int) -> Json:
    try:
        return {"deadline": datetime.fromtimestamp(expires_at, UTC).isoformat()}
    except (OverflowError, ValueError, OSError):
        return {}


def _render_missing_result(missing: Iterable[MissingReport], moment: str) -> Json:
    """Return what is not known, as observations and findings that are not satisfied."""
    found = list(missing) or [
        MissingReport(host="any host", user=None, reason="nothing was audited")
    ]
    named = ["\0".join((report.host, report.user or "", report.reason)) for report in found]
    message = list(dict(zip(named, found, strict=True)).items())
    parts = [
        _render_unknown(
            "report",
            (identity,),
            f"No report of {report.user or 'an unknown user'} on {report.host}",
            report.reason,
            moment,
        )
        for identity, report in message
    ]
    return {
        "uuid": _uuid("missing result", *named),
        "title": "No report",
        "description": "Expected users and hosts without a report.",
        "start": moment,
        "reviewed-controls": _render_reviewed("None of them could be reviewed."),
        "observations": [observed for observed, _ in parts],
        "findings": [concluded for _, concluded in parts],
    }


def _render_unknown(
    kind: str, identity: tuple[str, ...], title: str, why: str, moment: str
) -> tuple[Json, Json]:
    """Return what is not known as an observation and a finding that is not satisfied."""
    common = {"title": _text(title), "description": _text(why)}
    uid = _uuid("unknown", kind, *identity)
    observed = {"uuid": uid, **common, "methods": ["TEST"], "collected": moment}
    concluded = {
        "uuid": _uuid("unknown finding", kind, *identity),
        **common,
        "target": {
            "type": "objective-id",
            "target-id": f"tipstaff-{kind}",
            "status": {"state": "not-satisfied", "reason": "other"},
        },
        "related-observations": [{"observation-uuid": uid}],
    }
    return observed, concluded


def _text(text: str) -> str:
    """Return a text of one line, which may not be empty."""
    return clean(text).strip() or "-"


FORMAT = Format(
    "oscal",
    f"OSCAL {OSCAL} Assessment Results (NIST)",
    "compliance-trestle 5.2.0",
    "settings with what they beat, credentials, controls of other frameworks, the state",
    render,
)
