"""What `tipstaff install`, `uninstall` and `status` write as JSON."""

from typing import Annotated, Literal

from pydantic import PlainSerializer

from tipstaff_policy.doctor.diagnosis import Diagnosis, Mark
from tipstaff_policy.installation.model import Action, Outcome
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import as_json


class SetupStep(Part):
    """One change to the host."""

    action: Action
    path: str
    """A path as the host calls it; for ``run`` the command of systemd."""
    detail: str
    outcome: Outcome
    why: str
    """Of a step that failed."""


class SetupReport(Part):
    """What an installation, or its end, changed or would change."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    command: Literal["install", "uninstall"]
    system_root: str | None
    dry_run: bool
    steps: list[SetupStep]
    exit_code: int


class StatusReport(Part):
    """Whether everything is as it was installed, and which clients the guard fronts."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    system_root: str | None
    installed_version: str | None
    """None where nothing is installed, or its list was changed."""
    mark: Mark
    symptoms: list[Annotated[Diagnosis, PlainSerializer(as_json)]]
    exit_code: int
