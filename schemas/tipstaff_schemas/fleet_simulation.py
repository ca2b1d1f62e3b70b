"""What a policy would do to a fleet, as a document."""

from typing import Literal

from tipstaff_policy.assessment.simulation import Outcome
from tipstaff_policy.clients.interface.deployment import Way
from tipstaff_schemas.comparison import Gate, Lost, PolicyNamed, StartShown
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool


class FleetUser(Part):
    """A user on a host of the fleet."""

    host: str
    host_id: str | None
    """Null for a host that has no id."""
    user: str
    client: str
    home: str
    """The client's folder."""
    unit: str | None
    """Null where no unit is known."""


class ReasonCounted(Part):
    """Why some users end alike, in words that hold for each of them."""

    why: str
    """`~` stands for the user's home, `"…"` for an id of the user's own."""
    is_new: bool
    """Whether the client does not do so by itself today."""
    count: int
    examples: list[FleetUser]


class FleetOutcome(Part):
    """How many users end alike, and why."""

    outcome: Outcome
    count: int
    new: int
    """Of them those for whom the client does not do so by itself today."""
    silent: int
    """How many more end so on hosts that are silent, and are not in `count`."""
    reasons: list[ReasonCounted]
    """The most frequent ones first."""
    further: int
    """Users whose reason is not among them."""


class UnitSimulated(Part):
    """What becomes of the users of a unit."""

    unit: str | None
    """Null for hosts of which no unit is known."""
    users: int
    log_out: int
    refused: int
    unknown: int
    warned: int
    left_alone: int
    new: int
    """Of those who could not work any more, those for whom it is new."""


class Canary(FleetUser):
    """A host on which to try the policy first."""

    outcome: Outcome
    is_new: bool
    stands_for: int
    """Users whose state is judged alike, this one included."""


class FleetSimulated(Part):
    """What a policy would do to a fleet if it were shipped."""

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
    store: str
    simulated: int
    """Users on hosts that report; those below are not in it."""
    unjudged: int
    """Of them those whose report could not be simulated; their outcome is unknown."""
    outcomes: list[FleetOutcome]
    """The worst first."""
    units: list[UnitSimulated]
    """The one that loses most first."""
    methods_lost: list[Lost]
    workspaces_lost: list[Lost]
    """The most frequent ones."""
    without_environment: int
    """Simulated from what does not show variables: a credential in one was not seen."""
    keys_not_seen: int
    """Users of hosts that have a file which would be replaced: whether it holds keys that would be
    lost is not known, because reports do not hold every key."""
    silent: int
    """Users on hosts without a report since `silent_since`."""
    silent_since: str
    gone: int
    """Users on hosts without a report since `gone_since`, which were not simulated."""
    gone_since: str
    images: int
    """Users on images, which were not simulated."""
    classes: int
    """Kinds of state that were distinguished."""
    judgements: int
    """Users whose state was judged itself: one of each class, and a second one to prove it."""
    differing_classes: int
    """Classes whose second user ended otherwise; each user of these was judged."""
    canaries: list[Canary]
    """Where to try the policy first; the largest classes first, then further units."""
    gate: Gate | None = None
    exit_code: int
