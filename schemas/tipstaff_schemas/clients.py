"""What `tipstaff client list` and `tipstaff client diff` write as JSON."""

from typing import Literal

from tipstaff_schemas.client_fields import ClientFields
from tipstaff_schemas.comparison import PolicyNamed
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import DecisionJson


class InstallationListed(ClientFields, Part):
    """A program of a client: the engine's value, since when it is here, and what to do."""

    since: str | None
    """Since when this version is known to be on the host; RFC 3339, UTC. Null where nothing says
    so."""
    since_from: Literal["installation", "action log"] | None
    """What says so: when the file that states its version was put there, or the user's log."""
    to_do: str
    """What to do about its version; empty where it is proven."""


class ClientsListed(Part):
    """Every program of a client that was found on a host."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    client: str
    installations: list[InstallationListed]
    """The one that a person starts by its name first."""
    proven: list[str]
    """The versions that Tipstaff was compared with, the oldest first; those that installed
    knowledge adds too."""
    knowledge: int | None
    """The counter of the installed knowledge that counts; null for Tipstaff's own alone."""


class UnreadSource(Part):
    """A host or report that could not be compared."""

    source: str
    why: str


class HostDecided(Part):
    """What two versions of a client do on one host."""

    host: str
    """The file of its report; `this host` for the machine that was asked."""
    user: str
    """Whose start it is; empty where nothing says so."""
    changes: bool
    """Whether the verdict, or what is removed, is another one."""
    kinds: list[Literal["start", "log_out", "message"]]
    """What changes for the person: whether the client starts signed in, the log-out, or only what
    the client says; empty where nothing does."""
    old: DecisionJson
    new: DecisionJson


class ClientsCompared(Part):
    """Which verdicts an upgrade of a client changes."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    client: str
    versions: list[str]
    """The old one and the new one."""
    policy: PolicyNamed | None
    """The policy under which the versions were compared; null for the rules that hosts have."""
    release: list[str]
    """What the new version does otherwise, in words, by all that is known of both."""
    rules: list[str]
    """What of the policy's files one of the versions alone cannot enforce."""
    hosts: list[HostDecided]
    """Of a fleet the ones that change, with one for each class of equal states."""
    compared: int
    """How many users were compared; of a fleet more than are listed."""
    unread: list[UnreadSource]
    """What could not be read."""
    exit_code: int
    """1 where a verdict changes, else 4 where something could not be read."""
