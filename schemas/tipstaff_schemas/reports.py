"""Several reports as one document: what `tipstaff report merge` writes."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Report, Tool


class MissingReport(Part):
    """A user or host without the expected report."""

    host: str
    user: str | None
    """Null where it is not even known who."""
    reason: str


class MergedReports(Part):
    """Reports of several persons, hosts or moments."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    """What merged them; each report names what made it."""
    reports: list[Report]
    """Sorted by host, user, client's folder and moment; each run counts once."""
    missing: list[MissingReport]
