"""Controls that checks evidence, and a report grouped by them."""

from collections.abc import Iterable
from functools import partial

from tipstaff_policy import load_part
from tipstaff_reports.frameworks.model import Control, Framework
from tipstaff_reports.model import Document, each_report
from tipstaff_reports.summary import is_waived
from tipstaff_schemas.report import ControlEntry, FrameworkEntry, Report

MODULES: dict[str, str] = {
    "nist-800-53r5": "nist_800_53r5",
    "cis-v8": "cis_v8",
    "iso-27001-2022": "iso_27001_2022",
    "soc2": "soc2",
}
"""Id to module, in the order in which reports show them."""


def load_framework(name: str) -> Framework:
    """Return a framework by its id, which must be one of `MODULES`."""
    found: Framework = load_part(f"{__name__}.{MODULES[name]}:FRAMEWORK")
    return found


def with_frameworks(document: Document, names: Iterable[str]) -> Document:
    """Return a document whose reports are grouped by frameworks; in place of those before."""
    asked = set(names)
    chosen = [load_framework(module) for module in MODULES if module in asked]
    return each_report(document, partial(_group_by, chosen))


def _group_by(frameworks: list[Framework], report: Report) -> Report:
    return report.model_copy(
        update={"frameworks": [group_by_control(report, framework) for framework in frameworks]}
    )


def group_by_control(report: Report, framework: Framework) -> FrameworkEntry:
    """Return a report by the controls of a framework.

    A control fails where any finding of its checks fails. It is a pass only where all of its
    checks ran, none is an error, and what the control is about passed: what was not looked at, or
    not understood, evidences nothing.
    """
    controls = [_control(report, control) for control in framework.controls]
    return FrameworkEntry(id=framework.id, title=framework.title, controls=controls)


def _control(report: Report, control: Control) -> ControlEntry:
    checks = {check for evidence in control.evidence for check in evidence.checks}
    found = [
        finding
        for finding in report.findings
        if finding.check in checks and finding.status != "not_applicable"
    ]
    failing = [finding for finding in found if finding.status == "fail"]
    return ControlEntry(
        id=control.id,
        title=control.title,
        status="fail" if failing else "pass" if _passes(report, control) else "not_evidenced",
        waived=bool(failing) and all(map(is_waived, failing)),
        findings=[finding.fingerprint for finding in found],
    )


def _passes(report: Report, control: Control) -> bool:
    """Return whether a control that does not fail is shown to hold."""
    checks = {check for evidence in control.evidence for check in evidence.checks}
    selected = report.run.selected
    ran = selected is None or checks <= set(selected)
    statuses = {
        (finding.check, finding.status) for finding in report.findings if finding.check in checks
    }
    central = any((check, "pass") in statuses for check in control.evidence[0].checks)
    return ran and central and not any(status == "error" for _, status in statuses)
