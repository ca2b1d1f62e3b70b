"""The document of a root run: every user who was looked at, each with a report of his own."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tipstaff_policy.all_users.run_as_user import Outcome
from tipstaff_schemas.enforcement import EnforcementReport
from tipstaff_schemas.report import SCHEMA_VERSION, Host, Part, Report, Tool
from tipstaff_schemas.values import Moment


class Answer(BaseModel):
    """What the process of one user hands to root; anything else is no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    exit_code: int
    report: str
    """A report as JSON, which its own model reads."""


class User(Part):
    """One user of one home, and what came of the turn."""

    user: str
    uid: int
    home: str
    outcome: Outcome
    """`skipped`: an account without a home, or none that people use and no client's folder."""
    reason: str
    """Why there is no report; empty where there is one."""
    exit_code: int
    """0 where the user was skipped."""


class AuditedUser(User):
    """A user, and the audit of the home."""

    report: Report | None


class EnforcedUser(User):
    """A user, and what was enforced in the home."""

    report: EnforcementReport | None


class OfUsers(Part):
    """A root run; times are RFC 3339 in UTC."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    host: Host
    started_at: Moment
    finished_at: Moment
    unseen: list[str]
    """Folders with homes that could not be looked through, each with the reason."""
    exit_code: int
    """The worst of all users, as one user's clients are weighed; 4 at least where something was
    not seen."""


class AuditOfUsers(OfUsers):
    """The audit of every user."""

    users: list[AuditedUser]


class EnforcementOfUsers(OfUsers):
    """The enforcement for every user."""

    users: list[EnforcedUser]
    dry_run: bool
