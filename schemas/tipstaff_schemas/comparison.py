"""What `tipstaff policy diff` and `tipstaff policy simulate` write as JSON."""

from typing import Annotated, Literal

from tipstaff_policy.assessment.policy_diff.meaning import Change
from tipstaff_policy.assessment.simulation import Outcome, Simulated
from tipstaff_policy.clients.interface.deployment import Way
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import written_as_json

ChangeJson = Annotated[Change, written_as_json]
SimulatedJson = Annotated[Simulated, written_as_json]


class PolicyNamed(Part):
    """A policy as its author has it, or an artefact of one."""

    path: str
    id: str | None
    """Null for an artefact that does not carry the document itself."""
    version: str | None


class PoliciesCompared(Part):
    """What changes for whom between two policies."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    before: PolicyNamed
    after: PolicyNamed
    differs: bool
    changes: list[ChangeJson]


class PersonSimulated(Part):
    """A person on a host, and what becomes of the person; one line a person in `--each`."""

    source: str
    """The host's folder, or the report's file and line; of a store the client's folder."""
    host: str
    host_id: str | None
    user: str
    result: SimulatedJson


class OutcomeCounted(Part):
    """How many end alike, and the first of them, those first to whom it is new."""

    outcome: Outcome
    count: int
    new: int
    """Of them those for whom the client does not do so by itself today."""
    examples: list[PersonSimulated]


class Unreadable(Part):
    """Something other than a host or report, and why it could not be simulated."""

    source: str
    why: str


class Lost(Part):
    """How many lose the sign-in by a method or of a workspace."""

    name: str | None
    """Null for logins that name no workspace."""
    count: int


class Gate(Part):
    """Whether a pipeline is to stop."""

    fail_on: Literal["log_out", "certain"]
    """`certain` counts users who could not work: logged out, or the client refuses to start;
    `log_out` also counts those whose result is unknown."""
    at_most: str
    counted: int
    exceeded: bool


class KeyTakenAway(Part):
    """A key of the client that hosts have now, and that no file which is shipped has."""

    key: str
    path: str
    line: int | None
    """On the first of those hosts."""
    hosts: int


class StartShown(Part):
    """What a policy has an effect on at a stage of its start."""

    state: Literal["before", "warn", "cohort", "whole", "expired"]
    ships: str
    with_tipstaff: str
    """What a violation leads to on a host with Tipstaff."""
    without_tipstaff: str
    next: str
    """What the author does next."""
    asks: tuple[str, ...] = ()
    """What is asked of a vendor's service before a client starts, and what happens without an
    answer."""


class PolicySimulated(Part):
    """What a policy would do if it were shipped."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    policy: PolicyNamed
    at: str
    """The moment that is asked about, RFC 3339 in UTC."""
    ships: list[str]
    """What goes to endpoints: Tipstaff's document and the client's own files."""
    start: StartShown | None = None
    """What the start of the policy has come to at that moment."""
    later: list[str]
    """Moments after it at which the policy begins to warn or to log out."""
    way: Way
    simulated: int
    unreadable: int
    unread: list[Unreadable]
    """The first of them."""
    outcomes: list[OutcomeCounted]
    """The worst first."""
    methods_lost: list[Lost]
    workspaces_lost: list[Lost]
    """The most frequent ones."""
    without_environment: int
    """Simulated from what does not show variables: a credential in one was not seen."""
    takes_away: tuple[KeyTakenAway, ...] = ()
    """Where a file that is there were replaced; reports do not show it, only hosts do."""
    keys_not_seen: int = 0
    """Simulated from reports of hosts that have such a file: whether it holds keys that would be
    lost is not known, because reports do not hold every key."""
    gate: Gate | None = None
    exit_code: int
