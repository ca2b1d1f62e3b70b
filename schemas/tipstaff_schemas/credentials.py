"""What `tipstaff logout` and `tipstaff credentials …` write as JSON."""

from collections.abc import Iterable
from typing import Literal

from tipstaff_policy.clients.interface.stores import Relation
from tipstaff_policy.model.steps import Step
from tipstaff_schemas.enforcement import RevocationJson
from tipstaff_schemas.report import SCHEMA_VERSION, Owned, Part, Tool, Workspace
from tipstaff_schemas.values import StepJson


class LogOutReport(Part):
    """What a log-out that was asked for found, did and left."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    home: str
    """The client's folder."""
    steps: list[StepJson]
    revocations: list[RevocationJson]
    """The later answers of the issuer; empty if no revocation was requested."""
    note: str
    dry_run: bool
    exit_code: int


class ListedCredential(Owned):
    """A place where a login is, or can be, stored; never the login itself."""

    store: str
    """``file``, ``keyring``, ``encrypted``, ``residue``, or the name of a variable."""
    path: str | None
    state: Literal["held", "unreadable", "out of reach"]
    reason: str
    """Why it cannot be read; empty where it can."""
    kind: str | None
    method: str | None
    workspace: Workspace
    plan: str | None
    active: bool | None
    """Whether the client would use it; None where its configuration stops it, or is uncertain."""
    mode: str | None
    """Permission bits of a file in octal."""
    owner: int | None
    links: int | None
    """Names of the file; more than one is a copy that a log-out does not reach."""
    target: str | None
    """Where a link leads."""
    last_refresh: str | None
    expires_at: str | None
    changed_at: str | None
    age_days: int | None
    """Since the last refresh, else since the file was changed."""


class CredentialsListed(Part):
    """All logins of one folder of the client and of the environment."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    home: str
    note: str
    """Why the active login is unknown; empty if it is known."""
    credentials: list[ListedCredential]


class FoundCopy(Part):
    """A place outside of the client's stores that contains a login."""

    place: str
    reason: Relation
    note: str
    mode: str | None
    owner: int | None
    changed_at: str | None


class CopiesFound(Part):
    """Every copy that a search came across, and what it could not look into."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    searched: list[str]
    compared_with: list[str]
    """The stores and variables whose logins were looked for."""
    entries: int
    files: int
    copies: list[FoundCopy]
    unseen: list[str]
    exit_code: int


class MovedStep(Part):
    """What became of the login in one store."""

    store: str
    path: str | None
    outcome: Literal["planned", "stored", "removed", "left"]
    detail: str


WORDS: dict[str, Literal["planned", "stored", "removed", "left"]] = {
    "planned": "planned",
    "stored": "stored",
    "kept": "stored",
    "removed": "removed",
    "failed": "left",
}
"""How a move calls the outcome of a step."""


def build_moved_steps(steps: Iterable[Step]) -> list[MovedStep]:
    """Return the steps of a move in its own words."""
    return [
        MovedStep(store=step.store, path=step.path, outcome=WORDS[step.outcome], detail=step.detail)
        for step in steps
    ]


class LoginMoved(Part):
    """What moving a login between stores did."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    home: str
    to: str
    """A store of the client."""
    steps: list[MovedStep]
    note: str
    dry_run: bool
    exit_code: int


class LoginsRevoked(Part):
    """What became of every stored login at its issuer; the stores keep what they hold."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    home: str
    revocations: list[RevocationJson]
    dry_run: bool
    exit_code: int
