"""Why a report's verdict is what it is, and what the verdict does not cover, for every format."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from tipstaff_policy.checks.model import SEVERITIES, Severity
from tipstaff_policy.model.state import Client
from tipstaff_policy.model.wording import DECISIONS
from tipstaff_schemas.report import ClientEntry, FindingEntry, Report

Section = Literal[
    "fails", "unevaluated", "passes", "waived", "policy", "decision", "sign_in", "evidence"
]
NOT_DECIDED = ("refuse", "unknown")
SIGN_IN = {
    "violates": "a credential breaks a rule of the administrators",
    "cannot_tell": "whether every credential complies is unknown",
}
SHOWN_BY = {"violates": "fail", "cannot_tell": "error"}
"""The status of a finding that shows a sign-in which does not comply."""


class Reason(NamedTuple):
    """One reason, as a clause without its full stop."""

    words: str
    """Fixed words and numbers."""
    section: Section
    """The part of a report that shows it in full."""
    detail: str = ""
    """What was found; it may hold anything that stands on a host."""

    def in_full(self) -> str:
        """Return the words with what was found."""
        return f"{self.words}: {self.detail}" if self.detail else self.words


def is_waived(finding: FindingEntry) -> bool:
    """Return whether an active waiver covers a failure."""
    return finding.status == "fail" and bool(finding.waiver and finding.waiver.standing == "active")


def least_that_counts(report: Report) -> Severity:
    """Return the mildest severity that counts against compliance."""
    least = report.run.fail_on
    return "medium" if least is None or least == "never" else least


def counts(finding: FindingEntry, report: Report) -> bool:
    """Return whether a failing finding is grave enough to count against compliance."""
    return SEVERITIES.index(finding.severity) >= SEVERITIES.index(least_that_counts(report))


def reasons_against(report: Report) -> tuple[Reason, ...]:
    """Return what alone makes a host not compliant, as the engine's findings have it."""
    return tuple(_of_findings(report)) + tuple(_find_other_reasons(report))


def reasons(report: Report) -> tuple[Reason, ...]:
    """Return why the verdict of a report is what it is."""
    found, least = list(reasons_against(report)), least_that_counts(report)
    if report.summary.compliant and not found:
        text = f"every check that applies here ran; none fails at {least} severity or above"
        found.append(Reason(text, "passes"))
    if report.summary.compliant is False and not found:
        found.append(Reason("the report says so, though no finding in it does", "fails"))
    if mild := sum(not counts(finding, report) for finding in _find_failing(report)):
        verb = _count_words(mild, "finding fails", "findings fail")
        found.append(Reason(f"{verb} below {least} severity, where it does not count", "fails"))
    if waived := sum(map(is_waived, report.findings)):
        found.append(
            Reason(_count_words(waived, "failure is", "failures are") + " waived", "waived")
        )
    return tuple(found)


def bounds(report: Report) -> tuple[Reason, ...]:
    """Return what a reader of the verdict has to know: what counted, and what was left out."""
    run, found = report.run, []
    if run.fail_on in ("low", "high", "critical"):
        text = f"only findings of severity {run.fail_on} and higher count against it"
        found.append(Reason(text, "evidence"))
    if run.selected is not None:
        text = f"only {_count_words(len(run.selected), 'check', 'checks')} ran"
        found.append(Reason(text, "evidence", ", ".join(run.selected)))
    if run.system_root is not None:
        text = f"an image at {run.system_root}, not a live host"
        found.append(Reason(text, "evidence"))
    if run.environment == "not_seen":
        text = "credentials in the environment were not looked at"
        found.append(Reason(text, "evidence"))
    if run.trial:
        why = report.state.ordered.why if report.state.ordered else ""
        found.append(Reason("the organisation's policy is not enforced here yet", "policy", why))
    if depends_on := report.decision.depends_on:
        text = "a part of the decision depends on the service"
        found.append(Reason(text, "decision", ", ".join(depends_on)))
    return tuple(found)


def bounds_in_words(report: Report) -> list[str]:
    """Return the bounds of a verdict as formats of plain text write them."""
    return [bound.in_full() for bound in bounds(report)]


def explain_undecided(report: Report) -> str:
    """Return why a report cannot be compliant whatever its findings say; empty where it can."""
    shown = {finding.status for finding in report.findings}
    sign_in = report.sign_in.verdict if report.sign_in else ""
    for reason in _find_other_reasons(report):
        if reason.section != "sign_in" or SHOWN_BY[sign_in] not in shown:
            return reason.in_full()
    return ""


def _of_findings(report: Report) -> Iterator[Reason]:
    if grave := sum(counts(finding, report) for finding in _find_failing(report)):
        verb = _count_words(grave, "finding fails and is", "findings fail and are")
        yield Reason(f"{verb} not waived", "fails")
    if errors := sum(finding.status == "error" for finding in report.findings):
        yield Reason(
            f"{_count_words(errors, 'check', 'checks')} could not be evaluated", "unevaluated"
        )


def _find_other_reasons(report: Report) -> Iterator[Reason]:
    """Yield what no finding has to show: the policy, the decision, the sign-in."""
    decision, sign_in = report.decision, report.sign_in
    if faults := report.policy.faults:
        text = "; ".join(f"{fault.where}: {fault.what}" for fault in faults)
        yield Reason("the organisation's policy is invalid", "policy", text)
    if decision.verdict in NOT_DECIDED:
        yield Reason(DECISIONS[decision.verdict], "decision", decision.reason)
    if sign_in and sign_in.verdict in SIGN_IN:
        yield Reason(SIGN_IN[sign_in.verdict], "sign_in", sign_in.reason)


def _find_failing(report: Report) -> Iterable[FindingEntry]:
    return (
        finding
        for finding in report.findings
        if finding.status == "fail" and not is_waived(finding)
    )


def _count_words(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def describe_knowledge(client: Client | ClientEntry) -> str:
    """Return by which installed knowledge a client is judged; nothing where by Tipstaff's own."""
    return f", by installed knowledge {client.knowledge}" if client.knowledge is not None else ""
