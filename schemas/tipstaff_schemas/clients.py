"""What `tipstaff client list` and `tipstaff client diff` write as JSON."""

from typing import Literal

from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import ClientJson, DecisionJson


class ClientsListed(Part):
    """Every program of a client that was found on a host."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    client: str
    installations: list[ClientJson]
    """The one that a person starts by its name first."""
    proven: list[str]
    """The versions that Tipstaff was compared with, the oldest first."""


class HostDecided(Part):
    """What two versions of a client do on one host."""

    host: str
    """The file of its report; `this host` for the machine that was asked."""
    changes: bool
    """Whether the verdict, or what is removed, is another one."""
    old: DecisionJson
    new: DecisionJson


class ClientsCompared(Part):
    """Which verdicts an upgrade of a client changes."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    client: str
    versions: list[str]
    """The old one and the new one."""
    hosts: list[HostDecided]
    exit_code: int
    """1 where a verdict changes."""
