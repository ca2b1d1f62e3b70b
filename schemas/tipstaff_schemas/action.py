"""A line of the action log."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part
from tipstaff_schemas.values import StepJson


class TornEntry(Part):
    """What a crash left of a record that was never finished."""

    bytes: int
    sha256: str


class ActionRecord(Part):
    """What was done, and its place in the chain; written by `tipstaff_policy.action_log.record`."""

    sequence: int
    """Counts from 1, and goes on in a new file."""
    time: str
    """RFC 3339, UTC."""
    torn: TornEntry | None
    """What is missing between the previous record and this one."""
    previous: str | None
    """The hash of the record before; null in the first."""
    schema_version: Literal["1"] = SCHEMA_VERSION
    tool_version: str
    action: str
    """The command that did it."""
    home: str
    """The client's folder."""
    exit_code: int
    client: str
    client_version: str | None
    verdict: str | None
    reason: str
    steps: list[StepJson]
    policy_id: str | None
    policy_version: str | None
    hash: str
    """SHA-256 of the line up to, and without, the comma before this field."""
