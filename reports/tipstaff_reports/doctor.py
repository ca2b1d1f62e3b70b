"""`doctor` as plain text: the worst first, each with what to do."""

from tipstaff_policy.symptoms import Mark, Symptom
from tipstaff_reports.text import as_text
from tipstaff_schemas.doctor import DoctorReport

MARKS: dict[Mark, str] = {"bad": "BAD", "cannot tell": "?", "good": "good"}
"""In the order in which they are shown."""


def render(report: DoctorReport) -> str:
    """Return the symptoms for a person; a pipe gets the same lines as a terminal."""
    return as_text(symptom_lines(report.mark, report.symptoms, report.home))


def symptom_lines(overall: Mark, symptoms: list[Symptom], whose: str = "") -> list[str]:
    """Return a line of counts, then every symptom, the worst first."""
    found = {mark: [each for each in symptoms if each.mark == mark] for mark in MARKS}
    counted = ", ".join(f"{len(group)} {mark}" for mark, group in found.items() if group)
    head = f"{overall.upper()}  {counted}" + (f"  ({whose})" if whose else "")
    return [head, *(line for group in found.values() for each in group for line in _lines(each))]


def _lines(symptom: Symptom) -> list[str]:
    lines = [f"  {MARKS[symptom.mark]:<4}  {symptom.name:<20}  {symptom.observed}"]
    return [*lines, f"        to do: {symptom.remedy}"] if symptom.remedy else lines
