"""OCSF 1.5.0: events for a security lake, one a finding."""

from tipstaff_reports.model import Audited, Format
from tipstaff_reports.ocsf_events import render_events


def render(audit: Audited) -> str:
    """Return an array of Compliance Findings (class 2003)."""
    return render_events(audit, "1.5.0")


FORMAT = Format(
    "ocsf-1.5.0",
    "OCSF 1.5.0, Compliance Finding (2003), profile host",
    "ocsf-json-schema 1.2.0 with further properties refused",
    "settings with what they beat, credentials, the state",
    render,
)
