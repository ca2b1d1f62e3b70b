"""`tipstaff policy sync` as plain text."""

from tipstaff_reports.text import as_text
from tipstaff_schemas.delivery import FileChange, PolicySynced

WHY = {
    "restored": ": it had been changed",
    "replaced": ": the earlier file did not come from a sync",
    "merged": ": the earlier file did not come from a sync; its keys stay",
    "given back": ": it was there before the first sync",
    "left": ": no sync put it there",
    "removed": ": the policy has no such file any more",
}


def render(document: PolicySynced) -> str:
    """Return the policy in force, then what became of each file."""
    state = "would be in force" if document.dry_run else "is in force"
    if document.faults:
        state = "was installed, but contradicts other files on this host"
    versions = ", ".join(f"{version.role} {version.version}" for version in document.metadata)
    lines = [
        f"policy {document.id} {document.version} {state}",
        f"  {document.fingerprint}",
        f"  {versions}; good until {document.fresh_until}",
    ]
    if document.completed:
        lines += ["  completed what an earlier run had begun:", *map(_line, document.completed)]
    lines += map(_line, document.changes)
    if document.knowledge_not_used is not None:
        lines.append(f"  knowledge is not used: it {document.knowledge_not_used}")
    lines += [f"error: {fault.where}: {fault.what}" for fault in document.faults]
    return as_text(lines)


def _line(change: FileChange) -> str:
    return f"  {change.action:<10}  {change.path}{WHY.get(change.action, '')}"
