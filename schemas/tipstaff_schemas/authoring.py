"""What `tipstaff policy lint` and `policy show FILE` write as JSON."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import OriginJson


class LintEntry(Part):
    """Something that would not do what its author thinks."""

    rule: str
    severity: Literal["error", "warning", "note"]
    file: str
    line: int | None
    """Counts from 1; null where a file has no lines, or lacks something."""
    what: str
    suggestion: str


class PolicyLinted(Part):
    """What was found in some files."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    files: list[str]
    client: str | None = None
    """The client whose version that is."""
    client_version: str
    """The oldest client that the files were judged for; files of others by their own version."""
    findings: list[LintEntry]
    exit_code: Literal[0, 1, 3]


class StatementEntry(Part):
    """One sentence of a policy."""

    about: Literal[
        "who",
        "how",
        "where",
        "from when",
        "for whom",
        "what happens",
        "what ships",
        "the client",
        "waived",
    ]
    says: str
    origins: list[OriginJson]
    """None where the policy is silent, which has a meaning too."""


class PolicyInWords(Part):
    """A policy in words."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    file: str
    id: str | None
    version: str | None
    statements: list[StatementEntry]
