"""`report diff` as plain text: what broke first, then what else became of what failed."""

from tipstaff_reports.text import COMPLIANT, as_text
from tipstaff_schemas.report_comparison import (
    Cause,
    Change,
    FindingChange,
    HostCompared,
    ReportNamed,
    ReportsCompared,
)

WORDS: dict[Change, str] = {
    "broke": "BROKE",
    "new": "NEW",
    "waiver_ended": "WAIVER ENDED",
    "graver": "GRAVER",
    "unjudged": "NOT JUDGED",
    "still_failing": "still failing",
    "waived": "waived now",
    "fixed": "fixed",
    "no_longer_applies": "no longer applicable",
    "judged": "judged again",
}
CAUSES: dict[Cause, str] = {
    "host": "something on the host",
    "policy": "the policy",
    "client": "the client",
    "tipstaff": "Tipstaff's version",
    "selection": "the selection of checks",
}


def render(document: ReportsCompared) -> str:
    """Return what became of every finding that failed or was an error."""
    lines = [", ".join(_headline(document)), f"from  {document.before}", f"to    {document.after}"]
    missing = [
        (report.user or "an unknown user", report.host, report.reason)
        for report in document.missing
    ]
    lines += [f"NO REPORT of {user} on {host}: {reason}" for user, host, reason in missing]
    for host in document.hosts:
        lines += ["", *_host(host)]
    return as_text(lines)


def _headline(document: ReportsCompared) -> list[str]:
    parts = [f"{n} {WORDS[change]}" for change, n in document.counts.items() if n]
    only_now = sum(host.before is None for host in document.hosts)
    only_before = sum(host.after is None for host in document.hosts)
    parts += [f"{only_before} only in the earlier report"] if only_before else []
    parts += [f"{only_now} only in the later report"] if only_now else []
    parts += [f"{len(document.missing)} MISSING"] if document.missing else []
    return parts or ["nothing fails, before and after"]


def _host(host: HostCompared) -> list[str]:
    lines = [f"{host.host}  {host.user}  {host.home}  {host.entry_point}"]
    if host.before is None or host.after is None:
        lines.append(f"  only in the {'earlier' if host.after is None else 'later'} report")
    else:
        lines += _others(host, host.before, host.after)
        lines += [] if host.changes else ["  nothing fails, before and after"]
    return lines + [line for change in host.changes for line in _change(change)]


def _others(host: HostCompared, before: ReportNamed, after: ReportNamed) -> list[str]:
    lines = [f"  {before.finished_at}  {_verdict(before)}"]
    lines += [f"  {after.finished_at}  {_verdict(after)}"]
    pairs = {
        "policy": (_policy(before), _policy(after)),
        "client": (before.client_version, after.client_version),
        "tipstaff": (before.tool_version, after.tool_version),
    }
    for cause in host.differs:
        one, two = pairs.get(cause, ("", ""))
        between = f": {one} -> {two}" if one != two else ""
        lines.append(f"  {CAUSES[cause]} changed{between}")
    return lines


def _verdict(named: ReportNamed) -> str:
    return f"{COMPLIANT[named.compliant].lower()}, {named.verdict}"


def _policy(named: ReportNamed) -> str:
    name = f"{named.policy_id or 'no id'} {named.policy_version or ''}".strip()
    return f"{name} ({named.policy_fingerprint})"


def _change(change: FindingChange) -> list[str]:
    subject = f"{change.title} ({change.subject})"
    lines = [f"  {WORDS[change.change]:<20} {change.check} {change.severity:<8} {subject}"]
    if change.after in ("fail", "error"):
        lines.append(f"      observed: {change.observed}")
        lines += [f"      expected: {change.expected}"] if change.expected else []
    if change.failed_by:
        passed = f"passed at {change.held_at}, " if change.held_at else ""
        lines.append(f"      since:    {passed}failed at {change.failed_by}")
    if change.because:
        causes = " or ".join(CAUSES[cause] for cause in change.because)
        lines.append(f"      because:  {causes} changed")
    return lines
