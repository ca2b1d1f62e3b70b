"""How a sign-in ended, as text."""

from tipstaff_reports.text import as_text, revocation_lines
from tipstaff_schemas.login import LoginReport

EARLIER = {
    "none": "no earlier login",
    "kept": "the earlier login is unchanged",
    "replaced": "the earlier login was replaced",
    "unclear": "whether the earlier login still exists is unknown",
}


def render(report: LoginReport) -> str:
    """Return what came of a sign-in, for a person."""
    lines = [
        f"sign-in   {report.outcome.replace('_', ' ')}: {report.note}",
        f"earlier   {EARLIER[report.earlier]}",
        *(f"warning   {warning}" for warning in report.warnings),
    ]
    for revocation in report.revocations:
        lines += revocation_lines(revocation)
    lines += [f"to do     {report.remedy}"] if report.remedy else []
    return as_text([*lines, *report.advice])
