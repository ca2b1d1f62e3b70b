"""`doctor` as plain text: the worst first, each with what to do."""

from tipstaff_policy.doctor.diagnosis import Diagnosis, Mark
from tipstaff_reports.text import as_text
from tipstaff_schemas.doctor import DoctorReport

MARKS: dict[Mark, str] = {"bad": "BAD", "cannot tell": "?", "good": "good"}
"""In the order in which they are shown."""


def render(report: DoctorReport, *, verbose: bool = False) -> str:
    """Return the symptoms for a person; a pipe gets the same lines as a terminal."""
    return as_text(symptom_lines(report.mark, report.symptoms, report.home, verbose=verbose))


def symptom_lines(
    overall: Mark, symptoms: list[Diagnosis], whose: str = "", *, verbose: bool
) -> list[str]:
    """Return a line of counts, then every symptom, the worst first.

    Args:
        verbose: Whether what is good is listed, and not only counted.
    """
    found = {mark: [symptom for symptom in symptoms if symptom.mark == mark] for mark in MARKS}
    counted = ", ".join(f"{len(group)} {mark}" for mark, group in found.items() if group)
    head = f"{overall.upper()}  {counted}" + (f"  ({whose})" if whose else "")
    listed = [
        diagnosis
        for mark, group in found.items()
        if verbose or mark != "good"
        for diagnosis in group
    ]
    lines = [head, *(line for entry in listed for line in _lines(entry))]
    good = len(found["good"])
    return lines if verbose or not good else [*lines, f"  good  {good}   (--verbose lists them)"]


def _lines(symptom: Diagnosis) -> list[str]:
    lines = [f"  {MARKS[symptom.mark]:<4}  {symptom.name:<20}  {symptom.observed}"]
    return [*lines, f"        to do: {symptom.remedy}"] if symptom.remedy else lines
