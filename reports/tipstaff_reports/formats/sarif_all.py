"""SARIF 2.1.0 with every finding as a result, for readers that go by a result's kind."""

from typing import get_args

from tipstaff_policy.checks.model import Status
from tipstaff_reports.formats.sarif import render_results
from tipstaff_reports.model import Audited, Format


def render(audit: Audited) -> str:
    """Return a log in which what passes or does not apply is a result too, of that kind."""
    return render_results(audit, get_args(Status))


FORMAT = Format(
    "sarif-all",
    "SARIF 2.1.0 (OASIS, errata 01), every finding",
    "Microsoft's SARIF multitool 5.7.0, and the schema in its package",
    "settings with what they beat, credentials, the state",
    render,
)
