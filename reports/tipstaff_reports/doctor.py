"""`doctor` as plain text: the worst first, each with what to do."""

from tipstaff_policy.symptoms import Mark, Symptom
from tipstaff_reports.text import clean
from tipstaff_schemas.doctor import DoctorReport

MARKS: dict[Mark, str] = {"bad": "BAD", "cannot tell": "?", "good": "good"}
"""In the order in which they are shown."""


def render(report: DoctorReport) -> str:
    """Return the symptoms for a person; a pipe gets the same lines as a terminal."""
    found = {mark: [each for each in report.symptoms if each.mark == mark] for mark in MARKS}
    counted = ", ".join(f"{len(group)} {mark}" for mark, group in found.items() if group)
    lines = [f"{report.mark.upper()}  {counted}  ({report.home})"]
    lines += [line for group in found.values() for each in group for line in _lines(each)]
    return clean("\n".join(lines)) + "\n"


def _lines(symptom: Symptom) -> list[str]:
    lines = [f"  {MARKS[symptom.mark]:<4}  {symptom.name:<20}  {symptom.observed}"]
    return [*lines, f"        to do: {symptom.remedy}"] if symptom.remedy else lines
