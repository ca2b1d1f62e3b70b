"""Where the client keeps its files on each platform: one table a platform.

Paths are written with slashes and without a drive, as they stand in an image of the system.
Source: docs/clients/codex.md (layers); Linux was run, macOS and Windows are from the source.
"""

from tipstaff_policy.model.state import Evidence, Platform
from tipstaff_policy.record import Record


class Table(Record):
    """The places of one platform."""

    system: str
    """Folder of the administrators' files."""
    managed_in_home: bool
    """Whether the legacy managed file is in the client's folder, where the user can write."""
    users: str
    """Folder that holds the users' homes."""
    further_homes: tuple[str, ...]
    ignores_case: bool
    device: bool
    """Whether device management can set values."""
    encrypts: bool
    """Whether a keyring store keeps an encrypted file by default."""
    evidence: Evidence


TABLES: dict[Platform, Table] = {
    "linux": Table(
        system="/etc/codex",
        managed_in_home=False,
        users="/home",
        further_homes=("/root",),
        ignores_case=False,
        device=False,
        encrypts=False,
        evidence="run",
    ),
    "macos": Table(
        system="/etc/codex",
        managed_in_home=False,
        users="/Users",
        further_homes=("/var/root",),
        ignores_case=True,
        device=True,
        encrypts=False,
        evidence="source",
    ),
    "windows": Table(
        system="/ProgramData/OpenAI/Codex",
        managed_in_home=True,
        users="/Users",
        further_homes=(),
        ignores_case=True,
        device=False,
        encrypts=True,
        evidence="source",
    ),
}
