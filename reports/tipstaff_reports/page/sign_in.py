"""How the credentials stand to the administrators' rules, and what Tipstaff does about it."""

from collections.abc import Mapping

from tipstaff_policy.model.state import Fault, Judged, Violation
from tipstaff_reports.page.elements import Content, Markup
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Fact, Row, facts, paragraph, section, table
from tipstaff_reports.page.shown import (
    code,
    codes,
    join_in_words,
    names_for,
    nothing,
    owner_called,
    owners_called,
    places,
    prose,
)
from tipstaff_reports.text import opens_on_error, what_tipstaff_does

MODES = {
    "enforce": "a violation is removed",
    "warn": "a violation is only reported so far",
    "silent": "a violation leads to nothing yet",
}


def render_sign_in(entry: Entry) -> Markup:
    """Return what Tipstaff would do to this user, with every credential that it judged."""
    found = entry.report.sign_in
    if found is None:
        message: Content = paragraph("This report is of a release that did not say it.")
        return section(entry.place, "sign_in", "What Tipstaff does", message)
    does = what_tipstaff_does(found, opens=opens_on_error(entry.report))
    summary: list[Fact] = [
        ("Sign-in", (code(found.verdict), f": {does}")),
        ("Reason", prose(found.reason)),
        ("Stores to empty", codes(found.removes, "no store")),
        ("Variables that violate", codes(found.variables, "none")),
        ("In force", (code(found.mode), f": {MODES[found.mode]}")),
    ]
    columns = ("Store or variable", "Sign-in", "Rules that it breaks", "Why", "Read by")
    names = dict(entry.report.names())
    rows = [_credential(judged, names) for judged in found.credentials]
    judged = table("Credentials", columns, rows)
    faults = table("Files that cannot be used", FAULT_COLUMNS, map(_fault, found.faults))
    return section(
        entry.place,
        "sign_in",
        "What Tipstaff does",
        facts(summary),
        judged if found.credentials else paragraph("No credential was judged."),
        faults if found.faults else paragraph("Every file of the administrators can be used."),
    )


FAULT_COLUMNS = ("Where", "What", "Expected", "To do", "Effect")


def _credential(judged: Judged, names: Mapping[str, str]) -> Row:
    broken = join_in_words([_render_broken(one, names) for one in judged.violations])
    by = "only the full program" if judged.needs_library else "this program"
    return Row(
        (
            code(judged.source),
            code(judged.verdict),
            broken if judged.violations else nothing("none"),
            prose(judged.reason),
            by,
        )
    )


def _render_broken(violation: Violation, names: Mapping[str, str]) -> Content:
    called = names_for(violation, names)
    return (
        f"{violation.attribute.replace('_', ' ')} of ",
        code(violation.source),
        ": ",
        owner_called(violation.observed, called, "no claim"),
        "; allowed: ",
        owners_called(violation.allowed, called),
        " by ",
        places(violation.origins),
    )


def _fault(fault: Fault) -> Row:
    second = "; a reader of TOML 1.1 may take it" if fault.second_opinion else ""
    return Row(
        (
            code(fault.where),
            prose(fault.what),
            prose(fault.expected),
            prose(fault.remedy),
            f"{fault.effect}{second}",
        )
    )
