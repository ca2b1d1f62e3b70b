"""JUnit XML, by the schema of Jenkins: a job is red where something fails."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import datetime

from tipstaff_reports.identity import identities, number_doubles
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import bounds_in_words, explain_undecided, is_waived
from tipstaff_reports.text import COMPLIES, clean, place_of, waiver_text
from tipstaff_schemas.report import FindingEntry, Report
from tipstaff_schemas.reports import MissingReport


def render(audit: Audited) -> str:
    """Return a suite a report and a case a finding, the decision before them.

    The decision is an error where it could not be made. A waived failure is `skipped`, and says
    that it fails and who answers for it: a pipeline is green because of a waiver, never because of
    silence. What does not apply is `skipped` too. Readers know a case by its class and its name
    alone, so that the class names the host and the user: no host hides another one's failure.

    Source: junit-10.xsd of Jenkins' xunit plugin.
    """
    root = ET.Element("testsuites")
    for report, whose in zip(audit.reports, identities(audit.reports), strict=True):
        root.append(_suite(report, whose))
    if audit.missing or not audit.reports:
        root.append(_render_missing_suite(audit.missing))
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True).replace("\r", "") + "\n"


def _suite(report: Report, whose: str) -> ET.Element:
    run, findings = report.run, report.findings
    failures = [
        finding for finding in findings if finding.status == "fail" and not is_waived(finding)
    ]
    begun, ended = (datetime.fromisoformat(moment) for moment in (run.started_at, run.finished_at))
    suite = ET.Element(
        "testsuite",
        name=clean(f"tipstaff: {run.host.name}, {run.user}, {report.client.name}"),
        tests=str(len(findings) + 1),
        failures=str(len(failures)),
        errors=str(
            sum(finding.status == "error" for finding in findings) + bool(explain_undecided(report))
        ),
        skipped=str(
            sum(finding.status == "not_applicable" or is_waived(finding) for finding in findings)
        ),
        hostname=clean(run.host.name),
        timestamp=ended.strftime("%Y-%m-%dT%H:%M:%S"),
        time=f"{max(0.0, (ended - begun).total_seconds()):.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report).items():
        ET.SubElement(properties, "property", name=name, value=clean(value))
    suite.append(_decision(report, whose))
    names = number_doubles(
        [clean(f"{finding.check} {finding.title}: {finding.subject}") for finding in findings]
    )
    for finding, name in zip(findings, names, strict=True):
        suite.append(_case(finding, f"{whose}.{finding.check}", name))
    ET.SubElement(suite, "system-out").text = clean(
        f"{report.decision.verdict}: {report.decision.reason}"
    )
    return suite


def _properties(report: Report) -> dict[str, str]:
    run, policy, summary = report.run, report.policy, report.summary
    return {
        "compliant": COMPLIES[summary.compliant],
        "bounds": "; ".join(bounds_in_words(report)),
        "fail_on": run.fail_on or "",
        "environment": run.environment,
        "system_root": run.system_root or "",
        "verdict": report.decision.verdict,
        "tipstaff.version": report.tool.version,
        "client.version": report.client.version,
        "policy.id": policy.id or "",
        "policy.version": policy.version or "",
        "policy.fingerprint": policy.fingerprint,
        "run.id": run.id,
        "run.user": run.user,
        "run.audited_by": run.audited_by or "",
        "action_log.head": run.action_log.head or "",
        "action_log.length": str(run.action_log.length),
    }


def _decision(report: Report, whose: str) -> ET.Element:
    """Return a case that is an error if the client's decision is unknown."""
    case = ET.Element("testcase", classname=f"{whose}.decision", name="decision", time="0")
    if why := explain_undecided(report):
        ET.SubElement(case, "error", message=clean(why), type=report.decision.verdict)
    return case


def _case(finding: FindingEntry, classname: str, name: str) -> ET.Element:
    case = ET.Element("testcase", classname=classname, name=name, time="0")
    words = clean(finding.observed)
    if is_waived(finding) and finding.waiver:
        _outcome(case, "skipped", f"fails and is waived: {waiver_text(finding.waiver)}", finding)
    elif finding.status == "fail":
        _outcome(case, "failure", words, finding).set("type", finding.severity)
    elif finding.status == "error":
        _outcome(case, "error", words, finding).set("type", finding.severity)
    elif finding.status == "not_applicable":
        ET.SubElement(case, "skipped", message=f"not applicable: {words}")
    return case


def _outcome(case: ET.Element, name: str, message: str, finding: FindingEntry) -> ET.Element:
    element = ET.SubElement(case, name, message=clean(message))
    element.text = "\n".join(map(clean, _describe(finding)))
    return element


def _describe(finding: FindingEntry) -> Iterable[str]:
    yield f"severity: {finding.severity}"
    yield f"observed: {finding.observed}"
    if finding.expected:
        yield f"expected: {finding.expected}"
    for evidence in finding.evidence:
        yield f"see: {place_of(evidence)}"
    yield f"to do: {finding.remedy}"
    if finding.first_failed_at:
        yield f"known to fail since: {finding.first_failed_at}"
    if finding.waiver:
        yield f"waiver: {waiver_text(finding.waiver)}"
    yield f"fingerprint: {finding.fingerprint}"


def _render_missing_suite(missing: tuple[MissingReport, ...]) -> ET.Element:
    """Return a suite of errors, one for each of whom there is no report; never an empty one."""
    named = [clean(f"{report.user or 'an unknown user'} on {report.host}") for report in missing]
    words = [*zip(number_doubles(named), (report.reason for report in missing), strict=True)]
    words = words or [("all users", "nothing was audited")]
    count = str(len(words))
    suite = ET.Element(
        "testsuite", name="tipstaff: no report", tests=count, failures="0", errors=count
    )
    for who, reason in words:
        case = ET.SubElement(suite, "testcase", classname="tipstaff", name=clean(who), time="0")
        ET.SubElement(case, "error", message=clean(f"no report: {reason}"), type="missing")
    return suite


FORMAT = Format(
    "junit",
    "JUnit XML, junit-10.xsd of Jenkins' xunit plugin",
    "xmlschema with that schema",
    "settings, credentials, controls, the state",
    render,
)
