"""Findings by severity and status, as numbers and as a picture."""

from tipstaff_reports.page.charts import Bar, bars
from tipstaff_reports.page.elements import Markup, element
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Row, table
from tipstaff_reports.page.shown import GRAVEST_FIRST

COLUMNS = ("Severity", "Fails", "Waived", "Error", "Passes", "n/a")
KINDS = ("failing", "waived", "error", "passed", "not-applicable")


def render_severities(entry: Entry) -> Markup:
    """Return how many findings of each severity fail, pass, or neither."""
    every = [
        Bar(
            severity,
            tuple(sum(bar.finding.severity == severity for bar in group) for group in entry.groups),
        )
        for severity in GRAVEST_FIRST
    ]
    found = [bar for bar in every if any(bar.parts)]
    text = "Findings by severity and status; the table next to it has the numbers."
    rows = [Row((bar.label, *map(str, bar.parts))) for bar in found]
    return element(
        "figure",
        table("Findings by severity and status", COLUMNS, rows, "counts by-status"),
        bars(text, KINDS, found),
    )
