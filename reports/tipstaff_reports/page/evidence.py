"""What the report stands on: run, image, action log."""

from tipstaff_reports.page.elements import Content, Markup
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Fact, facts, section
from tipstaff_reports.page.shown import code, codes, nothing, prose
from tipstaff_schemas.report import ActionLog

ENVIRONMENTS = {
    "own": "read: the run was the person's own",
    "not_seen": "not seen: credentials in variables were not looked at",
}


def render_evidence(entry: Entry) -> Markup:
    """Return where and how the report was made."""
    run = entry.report.run
    selected = codes(run.selected, "none") if run.selected is not None else "all"
    found: list[Fact] = [
        ("Run", code(run.id)),
        ("Started", prose(run.started_at)),
        ("Finished", prose(run.finished_at)),
        ("Host's id", code(run.host.id, "not known")),
        ("Environment", ENVIRONMENTS[run.environment]),
        ("Image", code(run.system_root, "none: the host itself")),
        ("Checks asked for", selected),
        ("Trial", "yes" if run.trial else "no"),
        *_action_log(run.action_log),
    ]
    return section(entry.place, "evidence", "Evidence", facts(found))


def _action_log(log: ActionLog) -> list[Fact]:
    newest: Content = (f"number {log.length}, ", code(log.head)) if log.head else nothing("none")
    found: list[Fact] = [("Newest record of the action log", newest)]
    if log.fault:
        found.append(("Fault of the action log", prose(log.fault)))
    return found
