"""What `tipstaff report diff` writes as JSON."""

from typing import Literal

from tipstaff_policy.checks.model import Severity, Status
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.reports import MissingReport

Change = Literal[
    "broke",
    "new",
    "waiver_ended",
    "graver",
    "unjudged",
    "still_failing",
    "waived",
    "fixed",
    "no_longer_applies",
    "judged",
]
"""`broke`: it did not fail before. `new`: it fails, and its earlier state is unknown.
`waiver_ended`, `waived`: it failed before too, with a waiver only before, or only now. `graver`:
it failed before too, at a lower severity. `unjudged`: it is an error now, or was open and was not
checked now. `no_longer_applies`: it was open, and there is nothing to judge now. `judged`: it was
an error, and is none now."""
WORSE: tuple[Change, ...] = ("broke", "new", "waiver_ended", "graver")
Cause = Literal["host", "policy", "client", "tipstaff", "selection"]
"""What is another one than before, and may be why; `host` where something on it changed."""


class ReportNamed(Part):
    """One report of the two."""

    run_id: str
    finished_at: str
    tool_version: str
    client_version: str
    entry_point: str
    policy_id: str | None
    policy_version: str | None
    policy_fingerprint: str
    verdict: str
    compliant: bool | None


class FindingChange(Part):
    """One finding, before and after."""

    change: Change
    fingerprint: str
    check: str
    subject: str
    title: str
    severity: Severity
    before: Status | None
    """Null where it was not there."""
    after: Status | None
    observed: str
    """Now; before, where it is not there any more."""
    expected: str
    held_at: str | None
    """When it was last seen not to fail; null if unknown, or if it does not fail now."""
    failed_by: str | None
    """Since when it is known to fail; null where it does not fail now."""
    because: list[Cause]
    """All that can be why; empty where its status is the same."""


class HostCompared(Part):
    """A person's client on a host, in two reports."""

    host: str
    user: str
    home: str
    entry_point: str
    before: ReportNamed | None
    """Null where there is a report only now."""
    after: ReportNamed | None
    differs: list[Cause]
    """What changed apart from the host itself."""
    changes: list[FindingChange]
    """Findings that failed or were an error in either; the worst first. Where there is a report
    only now, all that is open in it is `new`."""


class ReportsCompared(Part):
    """What became of every finding between two reports, or two collections of some."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    before: str
    after: str
    hosts: list[HostCompared]
    missing: list[MissingReport]
    """The users and hosts that are missing in the later report."""
    counts: dict[Change, int]
    exit_code: Literal[0, 1, 4, 5]
