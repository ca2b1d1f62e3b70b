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
    "unjudged": "NOT JUDGED",
    "still_failing": "still fails",
    "waived": "waived now",
    "fixed": "fixed",
    "no_longer_applies": "applies no longer",
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
    counted = [f"{n} {WORDS[change]}" for change, n in document.counts.items() if n]
    told = ", ".join(counted) or "nothing fails, before and after"
    lines = [told, f"from  {document.before}", f"to    {document.after}"]
    for host in document.hosts:
        lines += ["", *_host(host)]
    return as_text(lines)


def _host(host: HostCompared) -> list[str]:
    lines = [f"{host.host}  {host.user}  {host.home}"]
    if host.before is None or host.after is None:
        when = "before" if host.after is None else "now"
        return [*lines, f"  there is a report only {when}"]
    lines += _others(host, host.before, host.after)
    for each in host.changes:
        lines += _change(each)
    return lines if host.changes else [*lines, "  nothing fails, before and after"]


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
        lines.append(f"  {CAUSES[cause]} is another one{between}")
    return lines


def _verdict(named: ReportNamed) -> str:
    return f"{COMPLIANT[named.compliant].lower()}, {named.verdict}"


def _policy(named: ReportNamed) -> str:
    name = f"{named.policy_id or 'no id'} {named.policy_version or ''}".strip()
    return f"{name} ({named.policy_fingerprint})"


def _change(each: FindingChange) -> list[str]:
    subject = f"{each.title} ({each.subject})"
    lines = [f"  {WORDS[each.change]:<17} {each.check} {each.severity:<8} {subject}"]
    if each.after in ("fail", "error"):
        lines.append(f"      observed: {each.observed}")
        lines += [f"      expected: {each.expected}"] if each.expected else []
    if each.failed_by:
        held = f", and held at {each.held_at}" if each.held_at else ""
        lines.append(f"      since:    known to fail at {each.failed_by}{held}")
    if each.because:
        causes = " or ".join(CAUSES[cause] for cause in each.because)
        lines.append(f"      because:  {causes} changed")
    return lines
