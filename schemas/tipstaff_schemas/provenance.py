"""What `tipstaff policy show`, `policy explain` and `why` write as JSON."""

from typing import Annotated, Literal

from pydantic import PlainSerializer

from tipstaff_policy.action_log.chain import LastAction
from tipstaff_policy.assessment.explanation import Explanation, Ineffective, Why
from tipstaff_schemas.authoring import StatementEntry
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import (
    ClientJson,
    DecisionJson,
    FaultJson,
    SettingJson,
    SignInJson,
    as_json,
)

_written = PlainSerializer(as_json)


class Subject(Part):
    """Which state was resolved: two processes of the client differ in one of these."""

    client: ClientJson
    platform: Literal["linux", "macos", "windows"]
    home: str
    home_from: str
    """What named the client's folder."""
    cwd: str
    profile: str | None
    overrides: list[str]


class LayerEntry(Part):
    """A file of the configuration, weakest first."""

    rank: int
    name: str
    path: str
    administrators: bool
    state: Literal["absent", "read", "faulty", "ignored"]
    note: str
    """What is wrong with it, or why it is not read."""


class OrganisationShown(Part):
    """The organisation's policy on a host, in words."""

    id: str | None
    version: str | None
    files: list[str]
    mode: Literal["enforce", "warn", "silent"] | None
    """What a violation leads to on this host at this time; null for a policy that is invalid."""
    why: str
    newer: list[str]
    """The files that need a newer release; then the last good copy is in force."""
    statements: list[StatementEntry]
    faults: list[FaultJson]
    """Why the policy cannot be used."""


class PolicyShown(Part):
    """The organisation's policy, every sign-in setting in force, and what has no effect."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    subject: Subject
    settings: list[SettingJson]
    ineffective: list[Annotated[Ineffective, _written]]
    layers: list[LayerEntry]
    provider: str = ""
    """The model provider, where it is not the client's own as it comes."""
    organisation: OrganisationShown | None = None
    """Null where there is no policy of the organisation."""


class KeyExplained(Part):
    """Why a key has its value, who could change it, and what it does."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    subject: Subject
    explanation: Annotated[Explanation, _written]


class WhyAnswered(Part):
    """The present verdict for the person in front of the machine."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    subject: Subject
    why: Annotated[Why, _written]
    sign_in: SignInJson
    decision: DecisionJson
    last_log_out: Annotated[LastAction | None, _written] = None
    """The newest record of the action log about a log-out from this folder."""
    provider: str = ""
    """The model provider, where it is not the client's own as it comes."""
