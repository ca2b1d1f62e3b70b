"""Running the selected checks, and what their outcomes amount to."""

from collections.abc import Iterable, Mapping
from typing import Literal, cast

from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.checks.model import (
    SEVERITIES,
    Check,
    Evidence,
    Host,
    Outcome,
    Severity,
    Status,
    locate,
    not_applicable,
    parse_evidence,
)
from tipstaff_policy.errors import (
    FINDINGS_EXIT,
    INVALID_EXIT,
    NOTHING_CHECKED_EXIT,
    UNEVALUATED_EXIT,
    UsageError,
)
from tipstaff_policy.model.advice import CheckAdvice
from tipstaff_policy.model.state import Decision, Fault, SignIn
from tipstaff_policy.organisation.in_force import Orders
from tipstaff_policy.organisation.waivers.standing import Waived
from tipstaff_policy.record import Record

NO_ADVICE: Mapping[str, CheckAdvice] = {}
Threshold = Severity | Literal["never"]


class Finding(Record):
    """What a check says of one subject."""

    check: str
    subject: str
    title: str
    severity: Severity
    status: Status
    observed: str
    expected: str
    evidence: tuple[Evidence, ...]
    remedy: str
    first_failed_at: str | None = None
    waiver: Waived | None = None
    """The owner of the risk, and the end of the waiver; the status itself stays."""


def select_checks(select: Iterable[str], ignore: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that a selection names; an id or its beginning stands for all that fit.

    Raises:
        UsageError: A word fits no check.
    """
    chosen = _find_matching(select) or set(MODULES)
    return tuple(sorted(chosen - _find_matching(ignore)))


def _find_matching(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for word in words:
        fitting = {module for module in MODULES if module.startswith(word.strip().upper())}
        if not fitting or not word.strip():
            raise UsageError(f"no check fits {word!r}", expected=", ".join(sorted(MODULES)))
        found |= fitting
    return found


def evaluate_checks(
    host: Host,
    selected: Iterable[str],
    policy_faults: tuple[Fault, ...] = (),
    *,
    advice: Mapping[str, CheckAdvice] = NO_ADVICE,
) -> tuple[Finding, ...]:
    """Return the findings of the selected checks, in their order.

    Args:
        policy_faults: Why the organisation's policy cannot be used; then no check that reads it
            gives more than an error.
        advice: What the checks say of this client, by check.
    """
    findings = []
    for check_id in selected:
        check, evaluate = load_check(check_id)
        own = advice.get(check_id, CheckAdvice())
        if own.not_applicable:
            outcomes = not_applicable(own.not_applicable, "client")
        elif policy_faults and check.reads_policy:
            outcomes = _not_judged(policy_faults)
        else:
            outcomes = evaluate(host)
        spoken = check._replace(title=own.title or check.title, remedy=own.remedy or check.remedy)
        findings += [_finding(spoken, outcome, host.orders) for outcome in outcomes]
    return tuple(findings)


def _not_judged(faults: tuple[Fault, ...]) -> tuple[Outcome, ...]:
    places = tuple(parse_evidence(fault.where) for fault in faults)
    text = "; ".join(fault.what for fault in faults)
    why = f"not judged: the organisation's policy is invalid: {text}"
    expected = "; ".join(dict.fromkeys(fault.expected for fault in faults if fault.expected))
    return (Outcome("error", "policy", why, expected, places),)


def _finding(check: Check, outcome: Outcome, orders: Orders | None) -> Finding:
    own = outcome.severity or check.severity
    wanted = dict(orders.policy.severities).get(check.id) if orders else None
    waiver = orders.waiver(check.id) if orders and outcome.status == "fail" else None
    if waiver and not check.waivable:
        waiver = waiver._replace(standing="not_waivable")
    return Finding(
        check.id,
        outcome.subject,
        check.title,
        cast("Severity", wanted.value) if wanted else own,
        outcome.status,
        outcome.observed,
        outcome.expected,
        tuple(dict.fromkeys(map(locate, outcome.evidence))),
        (outcome.remedy or check.remedy) if outcome.status in ("fail", "error") else "",
        waiver=waiver,
    )


def is_waived(finding: Finding) -> bool:
    """Return whether an active waiver covers a finding."""
    return finding.waiver is not None and finding.waiver.standing == "active"


def counts(findings: Iterable[Finding], fail_on: Threshold) -> int:
    """Return how many findings fail at or above a severity without a waiver."""
    if fail_on == "never":
        return 0
    least = SEVERITIES.index(fail_on)
    return sum(
        finding.status == "fail"
        and not is_waived(finding)
        and SEVERITIES.index(finding.severity) >= least
        for finding in findings
    )


def is_compliant(
    decision: Decision,
    findings: tuple[Finding, ...],
    *,
    fail_on: Threshold,
    complete: bool,
    sign_in: SignIn,
) -> bool | None:
    """Return whether a host complies; None where only a part of the checks was selected.

    Never true where compliance, the decision or a check could not be judged.
    """
    failed = counts(findings, "medium" if fail_on == "never" else fail_on)
    undecided = decision.verdict in ("refuse", "unknown")
    undecided = undecided or sign_in.verdict in ("violates", "cannot_tell")
    if failed or undecided or any(finding.status == "error" for finding in findings):
        return False
    return True if complete else None


def audit_exit(
    decision: Decision,
    findings: tuple[Finding, ...],
    fail_on: Threshold,
    *,
    sign_in: SignIn,
) -> int:
    """Return the exit code of an audit: the first that applies of 3, 4, 5, 1, 0."""
    refused = any(fault.effect == "refuse" for fault in sign_in.faults)
    if decision.verdict == "refuse" or refused:
        return INVALID_EXIT
    unknown = decision.verdict == "unknown" or sign_in.verdict == "cannot_tell"
    if unknown or any(finding.status == "error" for finding in findings):
        return UNEVALUATED_EXIT
    if not any(finding.status in ("pass", "fail") for finding in findings):
        return NOTHING_CHECKED_EXIT
    complete = {finding.check for finding in findings} >= {*MODULES}
    forbidden = complete and sign_in.verdict == "violates" and fail_on != "never"
    return FINDINGS_EXIT if forbidden or counts(findings, fail_on) else 0
