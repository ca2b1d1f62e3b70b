"""What `tipstaff policy sync` writes as JSON."""

from typing import ClassVar, Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import FaultJson


class RoleVersion(Part):
    """The metadata that was verified."""

    role: str
    version: int


class FileChange(Part):
    """What became of one file, or would."""

    path: str
    action: Literal[
        "unchanged", "written", "restored", "replaced", "merged", "removed", "given back", "left"
    ]
    """`restored`: the file of a sync was changed. `replaced`: no sync put it there.
    `merged`: so too, and its keys stay. `given back`: what was replaced is in its place again.
    `left`: it is not what a sync put there, so that it is not removed."""


class PolicySynced(Part):
    """Which release a host now has."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    dry_run: bool
    id: str
    version: str
    fingerprint: str
    """Of the policy; reports of this host name it too."""
    metadata: list[RoleVersion]
    fresh_until: str
    """When a run fails that finds nothing newer; RFC 3339, UTC."""
    completed: list[FileChange]
    """What an earlier run had begun and this one has put in place first."""
    changes: list[FileChange]
    faults: list[FaultJson]
    """Why it contradicts other files on this host."""
    exit_code: int
    knowledge_not_used: str | None = None
    """Why the published knowledge of client versions was left out; null where nothing was."""
    UNSAID: ClassVar = ("knowledge_not_used",)
    """Fields that are left out where there is nothing to say."""
