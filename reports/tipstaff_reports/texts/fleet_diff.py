"""`fleet diff`, `duplicates` and `rejected` as plain text."""

from tipstaff_reports.text import as_text
from tipstaff_reports.texts.fleet_report import (
    count_noun,
    cut,
    day,
    last_day,
    movement_text,
)
from tipstaff_schemas.fleet import (
    FaultMoved,
    FleetDiff,
    FleetDuplicates,
    FleetRejected,
    HostMoved,
    LoginOnHosts,
    Reason,
)

SHOWN = 30
"""Entries of the text; JSON has more of them."""
STANDINGS = {
    "complies": "complies",
    "fails": "fails",
    "silent": "is silent",
    "cannot_tell": "cannot tell",
    "absent": "no report",
}
CHECKS = 4
"""Checks of an entry that a line names."""


def render(document: FleetDiff, *, verbose: bool = False) -> str:
    """Return what became of the hosts: the numbers, then hosts that became the same together.

    Args:
        verbose: Whether all entries and names are there that the document holds.
    """
    moved = document.movement
    between = f"from {day(document.since)} to {last_day(document.until)}"
    lines = [f"{movement_text(moved)}   {between}"]
    shown = document.moved if verbose else document.moved[:SHOWN]
    for move in ("worse", "better", "gone", "new"):
        found = [host for host in shown if host.move == move]
        lines += [move] if found else []
        lines += [_render_moved(host, verbose=verbose) for host in found]
    if more := document.moved_groups - len(shown):
        lines.append(f"{more:,} more groups of hosts: --verbose, --limit N or --format json")
    return as_text(lines)


def _render_moved(host: HostMoved, *, verbose: bool) -> str:
    names = host.names if verbose else host.names[:3]
    more = host.hosts - len(names)
    who = ", ".join(map(cut, names)) + (f" and {more:,} more" if more else "")
    parts = [f"{STANDINGS[host.before]} → {STANDINGS[host.after]}"]
    parts += [text for text in (_changes(host.changes, verbose=verbose),) if text]
    because = [_reason(reason) for reason in host.because if reason.cause != "silence"]
    if because:
        parts.append(f"({'; '.join(because)})")
    return f"  {who:<24}  {'  '.join(parts)}"


def _reason(reason: Reason) -> str:
    """Return what is another one; a policy may have other files and the same version."""
    if reason.cause == "host":
        return "nothing but the host"
    if reason.before == reason.after:
        return f"other files of {reason.cause} {reason.after}".rstrip()
    return f"{reason.cause} {reason.before or 'none'} → {reason.after or 'none'}"


def _changes(changes: list[FaultMoved], *, verbose: bool) -> str:
    """Return the checks that fail now and did not, with +, and the others with -."""
    marks = {"began": "+", "ended": "-"}
    found = list(dict.fromkeys(f"{marks[change.change]}{change.check}" for change in changes))
    shown = found if verbose else found[:CHECKS]
    more = len(found) - len(shown)
    return " ".join([*shown, *([f"and {more} more"] if more else [])])


def render_duplicates(document: FleetDuplicates) -> str:
    """Return which logins are on several hosts."""
    several = count_noun(document.logins, "login is", "logins are")
    credentials = count_noun(document.credentials, "credential")
    lines = [f"{several} on more than one host, of {credentials} at {day(document.at)}"]
    if document.without_fingerprint:
        lines.append(
            f"{count_noun(document.without_fingerprint, 'credential has', 'credentials have')} no "
            "fingerprint and cannot be compared: the policy needs a fleet key"
        )
    for entry in document.entries:
        lines += _login(entry)
    if more := document.logins - len(document.entries):
        lines.append(f"{more:,} more: --limit N")
    return as_text(lines)


def _login(login: LoginOnHosts) -> list[str]:
    """Return where a login is; the beginning of its fingerprint identifies it."""
    what = login.method or login.kind or "login"
    hosts, users = count_noun(login.hosts, "host"), count_noun(login.users, "user name")
    lines = [f"{what} {login.fingerprint[:16]}   {hosts}, {users}"]
    lines += [
        f"  {cut(place.host)}{f' ({cut(place.unit)})' if place.unit else ''} {cut(place.user)} "
        f"{place.client}   {place.store}, seen {day(place.seen_at)}"
        for place in login.places
    ]
    return lines


def render_rejected(document: FleetRejected) -> str:
    """Return which documents could not be counted, and why."""
    lines = [f"{count_noun(document.total, 'document')} rejected; none of them counts as a report"]
    for entry in document.entries:
        lines.append(f"{entry.source} {entry.place}".rstrip())
        lines.append(f"  {entry.why}   ({count_noun(entry.size, 'byte')})")
        if entry.data:
            lines += [f"  | {line}" for line in entry.data.splitlines()]
    if more := document.total - len(document.entries):
        lines.append(f"{more:,} more: --limit N")
    return as_text(lines)
