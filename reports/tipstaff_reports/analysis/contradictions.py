"""Find contradictions in a report by computing again what follows from its other parts."""

from collections.abc import Iterator, Sequence

from tipstaff_policy import __version__
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.findings import Finding, audit_exit, is_compliant, is_waived
from tipstaff_policy.checks import MODULES
from tipstaff_policy.clients import load_client
from tipstaff_policy.errors import AUDITED_WORST_FIRST, UNEVALUATED_EXIT, TipstaffError
from tipstaff_policy.model.state import SignIn
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_reports.frameworks import group_by_control, load_framework
from tipstaff_reports.model import Document
from tipstaff_reports.reevaluation import find_differing_findings, find_differing_parts
from tipstaff_schemas.build import finding_fingerprint, policy_fingerprint
from tipstaff_schemas.report import FindingEntry, Report
from tipstaff_schemas.reports import MergedReports
from tipstaff_schemas.users import AuditOfUsers


def contradictions(document: Document) -> list[str]:
    """Return what does not follow from the rest, each with where it stands; none in a whole one.

    Whether this decision follows from this state is only asked of what this release wrote.
    """
    match document:
        case Report():
            return _of_report(document)
        case MergedReports():
            return _of_each("reports.{}", document.reports)
        case AuditOfUsers():
            reports = [user.report for user in document.users]
            return [*_of_each("users.{}.report", reports), *_of_users(document)]


def _of_each(where: str, reports: Sequence[Report | None]) -> list[str]:
    return [
        f"{where.format(number)}.{fault}"
        for number, report in enumerate(reports)
        if report is not None
        for fault in _of_report(report)
    ]


def _of_users(document: AuditOfUsers) -> Iterator[str]:
    """Yield where the exit codes of a root run do not follow from its reports."""
    for number, user in enumerate(document.users):
        if (user.report is not None) != (user.outcome == "done"):
            yield f"users.{number}.outcome: does not fit whether there is a report"
        if user.report is not None and user.exit_code != _exit_code(user.report):
            yield f"users.{number}.exit_code: does not follow from the report"
    codes = [user.exit_code for user in document.users]
    codes += [UNEVALUATED_EXIT] if document.unseen else []
    known = all(code in AUDITED_WORST_FIRST for code in codes)
    if not known or document.exit_code != min(codes, key=AUDITED_WORST_FIRST.index, default=0):
        yield "exit_code: is not the worst of all users"


def _exit_code(report: Report) -> int:
    return audit_exit(
        report.decision,
        tuple(map(_finding, report.findings)),
        report.run.fail_on or "medium",
        sign_in=_sign_in(report),
    )


def _sign_in(report: Report) -> SignIn:
    """Return how the credentials stand by the state; reports of older releases do not say it."""
    if report.sign_in is not None:
        return report.sign_in
    return comply(report.state, load_client(report.client.name).by_administrators)


def _of_report(report: Report) -> list[str]:
    found = [*_of_findings(report), *_of_summary(report), *_of_frameworks(report)]
    # What another release decided and checked, this one cannot make again.
    if report.tool.version == __version__:
        found += _check_made_again(report)
    if report.client != report.state.client:
        found.append("client: is another one than state.client")
    if report.policy.fingerprint != policy_fingerprint(report.policy.files):
        found.append("policy.fingerprint: is not that of policy.files")
    if report.run.finished_at < report.run.started_at:
        found.append("run.finished_at: is before run.started_at")
    return found


def _check_made_again(report: Report) -> Iterator[str]:
    """Yield where a law of the reports does not hold: each part is made again from the state."""
    try:
        adapter = load_client(report.client.name)
        decided = adapter.decide(report.state)
    except TipstaffError as error:
        yield f"client.name: {error.what}"
        return
    if decided != report.decision:
        yield "decision: does not follow from state"
    complied = comply(report.state, adapter.by_administrators)
    if complied != report.sign_in:
        yield "sign_in: does not follow from state"
    yield from find_differing_parts(report, adapter, decided)
    yield from find_differing_findings(report, adapter, decided, complied)


def _of_findings(report: Report) -> Iterator[str]:
    run = report.run
    for number, finding in enumerate(report.findings):
        made = finding_fingerprint(
            run.host, report.state, run.system_root, finding.check, finding.subject
        )
        if finding.fingerprint != made:
            yield f"findings.{number}.fingerprint: is not that of its check and subject"
    ran = {finding.check for finding in report.findings}
    expected = set(MODULES if run.selected is None else run.selected)
    if report.tool.version == __version__ and ran != expected:
        names = ", ".join(sorted(ran ^ expected))
        yield f"findings: are not those of the checks that ran: {names}"


def _of_summary(report: Report) -> Iterator[str]:
    summary, findings = report.summary, tuple(map(_finding, report.findings))
    statuses = [finding.status for finding in findings]
    counted = {
        "pass": (summary.passed, statuses.count("pass")),
        "fail": (summary.failed, statuses.count("fail")),
        "error": (summary.error, statuses.count("error")),
        "not_applicable": (summary.not_applicable, statuses.count("not_applicable")),
        "waived": (summary.waived, sum(map(is_waived, findings))),
    }
    for name, (said, made) in counted.items():
        if said != made:
            yield f"summary.{name}: is {said}, and there are {made}"
    complies = is_compliant(
        report.decision,
        findings,
        fail_on=report.run.fail_on or "medium",
        complete=report.run.selected is None,
        sign_in=_sign_in(report),
    )
    if summary.compliant != complies:
        yield f"summary.compliant: is {_word(summary.compliant)}, but should be {_word(complies)}"


def _of_frameworks(report: Report) -> Iterator[str]:
    for number, framework in enumerate(report.frameworks):
        if framework.id not in FRAMEWORKS or report.tool.version != __version__:
            continue
        if framework != group_by_control(report, load_framework(framework.id)):
            yield f"frameworks.{number}: is not what the findings come to"


def _finding(entry: FindingEntry) -> Finding:
    named = {name: getattr(entry, name) for name in Finding._fields}
    return Finding(**named | {"evidence": tuple(entry.evidence)})


def _word(value: bool | None) -> str:  # noqa: FBT001 - the one fact that it turns into a word
    return {True: "true", False: "false", None: "null"}[value]
