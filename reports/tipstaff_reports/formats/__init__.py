"""The report formats by name; a format's file is loaded when it is asked for."""

from tipstaff_policy import load_part
from tipstaff_reports.model import Format

MODULES: dict[str, str] = {
    "text": "plain",
    "json": "whole",
    "ndjson": "lines",
    "sarif": "sarif",
    "sarif-all": "sarif_all",
    "junit": "junit",
    "ocsf": "ocsf",
    "ocsf-1.5.0": "ocsf_1_5",
    "oscal": "oscal",
    "csv": "table",
    "prom": "prometheus",
    "md": "markdown",
    "github": "github",
    "html": "html",
}
"""Name to module, in the order in which the manual shows them."""


def load_format(name: str) -> Format:
    """Return a format by its name, which must be one of `MODULES`."""
    found: Format = load_part(f"{__name__}.{MODULES[name]}:FORMAT")
    return found
