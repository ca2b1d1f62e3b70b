"""Where the client keeps its files on each platform: one table a platform.

Paths are written with slashes and without a drive, as they stand in an image of the system.
Source: docs/clients/claude.md (layers); Linux was run, macOS and Windows are from the source.
"""

from tipstaff_policy.model.state import Evidence, Platform
from tipstaff_policy.record import Record


class Table(Record):
    """The places of one platform."""

    system: str
    """Folder of the administrators' files."""
    users: str
    """Folder that holds the users' homes."""
    further_homes: tuple[str, ...]
    ignores_case: bool
    device: str
    """What device management writes: a domain of preferences, a key of the registry, or nothing."""
    evidence: Evidence


TABLES: dict[Platform, Table] = {
    "linux": Table(
        system="/etc/claude-code",
        users="/home",
        further_homes=("/root",),
        ignores_case=False,
        device="",
        evidence="run",
    ),
    "macos": Table(
        system="/Library/Application Support/ClaudeCode",
        users="/Users",
        further_homes=("/var/root",),
        ignores_case=True,
        device="preferences",
        evidence="source",
    ),
    "windows": Table(
        system="/Program Files/ClaudeCode",
        users="/Users",
        further_homes=(),
        ignores_case=True,
        device="registry",
        evidence="source",
    ),
}
