"""What became of every finding from one report to a later one, and what may be why."""

from collections import Counter
from typing import NamedTuple, get_args

from tipstaff_policy import __version__
from tipstaff_policy.checks.model import SEVERITIES, Status
from tipstaff_policy.errors import FINDINGS_EXIT, NOTHING_CHECKED_EXIT, UNEVALUATED_EXIT
from tipstaff_reports.model import Audited
from tipstaff_reports.summary import is_waived
from tipstaff_schemas.report import FindingEntry, Report, Tool
from tipstaff_schemas.report_comparison import (
    WORSE,
    Cause,
    Change,
    FindingChange,
    HostCompared,
    ReportNamed,
    ReportsCompared,
)

CHANGES: tuple[Change, ...] = get_args(Change)
"""The worst first."""
OPEN: tuple[Status, ...] = ("fail", "error")


class Pair(NamedTuple):
    """Two reports of the same person's client on the same host."""

    before: Report
    after: Report


def compare(before: Audited, after: Audited, *, names: tuple[str, str]) -> ReportsCompared:
    """Return what became of every finding.

    Where several reports are of the same host and client's folder, the newest counts.

    Args:
        names: Of the two files.
    """
    old, new = _newest(before), _newest(after)
    hosts = [_host(old.get(key), new.get(key)) for key in sorted({*old, *new})]
    missing = list(after.missing)
    counts = Counter(change.change for host in hosts for change in host.changes)
    return ReportsCompared(
        tool=Tool(version=__version__),
        before=names[0],
        after=names[1],
        hosts=hosts,
        missing=missing,
        counts={change: counts[change] for change in CHANGES},
        exit_code=UNEVALUATED_EXIT if missing else _exit_code(hosts, counts),
    )


def _exit_code(hosts: list[HostCompared], counts: Counter[Change]) -> int:
    """Return the first that applies of 5, 4, 1, 0."""
    if not any(host.before and host.after for host in hosts):
        return NOTHING_CHECKED_EXIT
    if counts["unjudged"] or any(host.after is None for host in hosts):
        return UNEVALUATED_EXIT
    return FINDINGS_EXIT if any(counts[kind] for kind in WORSE) else 0


def _newest(audit: Audited) -> dict[tuple[str, ...], Report]:
    by_time = sorted(audit.reports, key=lambda report: report.run.finished_at)
    return {place_of(known_report): known_report for known_report in by_time}


def place_of(report: Report) -> tuple[str, ...]:
    """Return what two reports of the same client's folder on the same host have in common."""
    client, host = report.client, report.run.host
    return host.id or host.name, client.name, home_of(report), client.entry_point


def home_of(report: Report) -> str:
    """Return the client's folder as the host itself names it, also where an image was audited."""
    return report.state.home.removeprefix(report.run.system_root or "")


def _host(before: Report | None, after: Report | None) -> HostCompared:
    shown = after or before
    if shown is None:
        raise ValueError("a host without a report")
    changes = []
    if after:
        # Of a host that is there only now, all that is open is new.
        changes = _changes(Pair(before or after.model_copy(update={"findings": []}), after))
    return HostCompared(
        host=shown.run.host.name,
        user=shown.run.user,
        home=home_of(shown),
        entry_point=shown.client.entry_point,
        before=_name_report(before) if before else None,
        after=_name_report(after) if after else None,
        differs=_differs(Pair(before, after)) if before and after else [],
        changes=sorted(changes, key=_worst_first),
    )


def _name_report(report: Report) -> ReportNamed:
    return ReportNamed(
        run_id=report.run.id,
        finished_at=report.run.finished_at,
        tool_version=report.tool.version,
        client_version=report.client.version,
        entry_point=report.client.entry_point,
        policy_id=report.policy.id,
        policy_version=report.policy.version,
        policy_fingerprint=report.policy.fingerprint,
        verdict=report.decision.verdict,
        compliant=report.summary.compliant,
    )


def _worst_first(change: FindingChange) -> tuple[int, int, str, str]:
    gravity = len(SEVERITIES) - SEVERITIES.index(change.severity)
    return CHANGES.index(change.change), gravity, change.check, change.subject


def _differs(pair: Pair) -> list[Cause]:
    """Return what changed apart from the host."""

    def causes_of(report: Report) -> dict[Cause, object]:
        return {
            "policy": report.policy.fingerprint,
            "client": (report.client.version, report.client.entry_point, report.client.path),
            "tipstaff": report.tool.version,
            "selection": report.run.selected,
        }

    before, after = causes_of(pair.before), causes_of(pair.after)
    return [cause for cause, value in before.items() if value != after[cause]]


def _changes(pair: Pair) -> list[FindingChange]:
    old = {finding.fingerprint: finding for finding in pair.before.findings}
    new = {finding.fingerprint: finding for finding in pair.after.findings}
    found = [
        _change(pair, old.get(fingerprint), new.get(fingerprint)) for fingerprint in {**old, **new}
    ]
    return [change for change in found if change is not None]


def _change(
    pair: Pair, before: FindingEntry | None, after: FindingEntry | None
) -> FindingChange | None:
    """Return what became of one finding; None where it neither failed nor was an error."""
    change = _kind(before, after)
    selected = pair.after.run.selected
    if before and before.status in OPEN and selected is not None and before.check not in selected:
        change = "unjudged"
    shown = after or before
    if change is None or shown is None:
        return None
    fails = after is not None and after.status == "fail"
    return FindingChange(
        change=change,
        fingerprint=shown.fingerprint,
        check=shown.check,
        subject=shown.subject,
        title=shown.title,
        severity=shown.severity,
        before=before.status if before else None,
        after=after.status if after else None,
        observed=shown.observed,
        expected=shown.expected,
        held_at=pair.before.run.finished_at if fails and change == "broke" else None,
        failed_by=_find_failing_since(pair, before, after) if fails else None,
        because=_because(pair, before, after),
    )


def _kind(before: FindingEntry | None, after: FindingEntry | None) -> Change | None:
    was, now = (side.status if side else None for side in (before, after))
    if now == "error":
        return "unjudged"
    if now == "fail":
        return _judge_failing(before, after)
    if was == "fail":
        return "fixed" if now == "pass" else "no_longer_applies"
    if was == "error":
        return "judged" if now else "no_longer_applies"
    return None


def _judge_failing(before: FindingEntry | None, after: FindingEntry | None) -> Change:
    if before is None or before.status == "error":
        return "new"
    if before.status != "fail":
        return "broke"
    was, now = (side is not None and is_waived(side) for side in (before, after))
    if was != now:
        return "waived" if now else "waiver_ended"
    if after and SEVERITIES.index(after.severity) > SEVERITIES.index(before.severity):
        return "graver"
    return "still_failing"


def _find_failing_since(pair: Pair, before: FindingEntry | None, after: FindingEntry | None) -> str:
    """Return the earliest moment at which a finding is known to have failed without a break."""
    known = [pair.after.run.finished_at]
    if after and after.first_failed_at:
        known.append(after.first_failed_at)
    if before and before.status == "fail":
        known.append(before.first_failed_at or pair.before.run.finished_at)
    return min(known)


def _because(pair: Pair, before: FindingEntry | None, after: FindingEntry | None) -> list[Cause]:
    """Return what can be why a status changed.

    Where the same is observed and something else is expected, it is not the host.
    """
    if (before and before.status) == (after and after.status):
        return []
    others = _differs(pair)
    same = before and after and before.observed == after.observed
    if same and before and after and before.expected != after.expected and others:
        return others
    return ["host", *others]
