"""How a sign-in ended, as text."""

from tipstaff_reports.text import clean
from tipstaff_schemas.login import LoginReport

EARLIER = {
    "none": "there was none",
    "kept": "untouched",
    "replaced": "replaced by the new one",
    "unclear": "look at it yourself",
}


def render(report: LoginReport) -> str:
    """Return what came of a sign-in, for a person."""
    lines = [
        f"{report.outcome.replace('_', ' '):<14} {report.note}",
        f"earlier login  {EARLIER[report.earlier]}",
        *(f"warning        {each}" for each in report.warnings),
    ]
    lines += [f"to do          {report.remedy}"] if report.remedy else []
    return clean("\n".join([*lines, *report.advice])) + "\n"
