"""What `tipstaff report verify` writes as JSON."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool

FleetDocument = Literal[
    "fleet-report", "fleet-diff", "fleet-duplicates", "fleet-rejected", "fleet-simulation"
]


class ReportVerified(Part):
    """A report that is as it was signed, and what it says of itself."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    file: str
    sha256: str
    signer: str
    """The key's type and fingerprint; it is one of the trusted ones."""
    reports: int | None
    """How many it holds; null for a format that is not read back."""
    fleet: FleetDocument | None = None
    """Which document of a fleet it is; null for the reports themselves."""
    contradictions: list[str]
    """Where a report contradicts itself, though the signature holds."""
    exit_code: Literal[0, 6]
