"""A root run as plain text: one block a user, then who was left out."""

from tipstaff_reports import text
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.report import Report
from tipstaff_schemas.users import AuditedUser, AuditOfUsers, EnforcedUser, EnforcementOfUsers


def render(document: AuditOfUsers | EnforcementOfUsers, *, verbose: bool = False) -> str:
    """Return what a root run found and did, for a person."""
    lines = []
    for user in document.users:
        if user.outcome != "skipped":
            lines += [f"{user.user}  uid {user.uid}  {user.home}  exit {user.exit_code}"]
            lines += [f"  {line}".rstrip() for line in _describe(user, verbose=verbose)] + [""]
    lines += [f"not searched: {obstacle}" for obstacle in document.unseen]
    for reason, names in _group_skipped(document).items():
        lines.append(f"skipped, {reason}: {', '.join(names)}")
    judged = sum(user.outcome == "done" for user in document.users)
    failed = sum(user.outcome == "failed" for user in document.users)
    lines.append(f"{judged} judged, {failed} failed; exit {document.exit_code}")
    return text.as_text(lines)


def _describe(user: AuditedUser | EnforcedUser, *, verbose: bool) -> list[str]:
    match user.report:
        case Report():
            return text.render(user.report, verbose=verbose).splitlines()
        case EnforcementReport():
            return text.as_text(text.enforcement_lines(user.report)).splitlines()
        case None:
            return [f"not evaluated: {user.reason}; no removal is known"]


def _group_skipped(document: AuditOfUsers | EnforcementOfUsers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for user in document.users:
        if user.outcome == "skipped":
            found.setdefault(user.reason, []).append(user.user)
    return found
