"""What `tipstaff fleet report`, `diff` and `duplicates` write as JSON.

Lists are cut where a fleet is large, and say how long they were; as files of CSV or Parquet they
are whole.
"""

from typing import Literal

from tipstaff_policy.checks.model import Severity
from tipstaff_schemas.report import SCHEMA_VERSION, Part, Tool
from tipstaff_schemas.values import Moment

Standing = Literal["complies", "fails", "silent", "cannot_tell"]
"""How a host stands, the first that applies: `fails`: a person's newest report there does not
comply; `silent`: a newest report is older than the limit; `cannot_tell`: a report could not say;
`complies`."""
Now = Literal["complies", "fails", "silent", "cannot_tell", "absent"]
"""`absent`: there was no report yet, or none for so long that the host is taken for gone."""
Move = Literal["worse", "better", "new", "gone"]
"""`better`: it complies now, fails in less than before, or reports again and does not fail. Any
other change is `worse`, also that a host does not report any more."""
Cause = Literal["policy", "client", "tipstaff", "host", "silence"]
"""What is another one than before, and may be why; `host` where nothing else is, and `silence`
where no report came that would say."""


class HostCounts(Part):
    """How many hosts stand how."""

    hosts: int
    complies: int
    fails: int
    silent: int
    cannot_tell: int


class DayCounts(HostCounts):
    """How hosts stood at the same time of another day."""

    at: Moment


class ExpectedCounts(Part):
    """The hosts that are expected, against those that report."""

    expected: int
    reporting: int
    """Expected, and seen; silent ones included."""
    missing: int
    """Expected and never seen, or not for so long that they are gone."""
    unexpected: int
    """Seen and not expected."""


class Movement(Part):
    """How many hosts became what since a moment."""

    since: Moment
    worse: int
    better: int
    unchanged: int
    new: int
    gone: int


class UnitCounts(HostCounts):
    """How the hosts of a unit stand."""

    unit: str
    """Empty for hosts without one."""
    missing: int


class CheckCounts(Part):
    """On how many hosts a check came out how; a host counts once, by its worst."""

    check: str
    title: str
    """Empty where this release does not know the check."""
    severity: Severity
    passed: int
    failed: int
    waived: int
    """Failed, and an active waiver covers it."""
    errors: int
    since: Moment | None
    """When the oldest of the failures began that no waiver covers; null where there is none."""


class UnitCheckCounts(Part):
    """The same of the hosts of one unit."""

    unit: str
    check: str
    passed: int
    failed: int
    waived: int
    errors: int


class VersionCounts(Part):
    """How the newest reports of a version stand: one a person's client on a host."""

    name: str
    """Of the client, of the policy, or of Tipstaff."""
    version: str
    """Empty where it has none."""
    reports: int
    complies: int
    fails: int
    cannot_tell: int
    silent: int


class ControlCounts(Part):
    """A control over the fleet: each host that is not silent counts once."""

    id: str
    title: str
    passed: int
    failed: int
    waived: int
    """Failed, and waivers cover all of it."""
    not_evidenced: int


class FleetFramework(Part):
    """The controls of a framework."""

    id: str
    title: str
    controls: list[ControlCounts]


class WaiverCounts(Part):
    """A waiver that ends soon, or has ended since the report."""

    check: str
    owner: str
    ticket: str
    ends: Moment
    ended: bool
    hosts: int


class LogRollback(Part):
    """An action log that does not hold any more what an earlier report saw of it."""

    host: str
    host_id: str
    user: str
    home: str
    fault: Literal["shorter", "rewritten"]
    """`rewritten`: the same number of records, and the newest one is another."""
    seen_at: Moment
    """Of the newest report that shows it."""
    length: int
    """The fewest records that a report saw after one that saw more."""
    before_at: Moment
    """Since when a report had seen more, or another newest one."""
    before_length: int
    """The most records that were seen before."""


class FailureEntry(Part):
    """A failure that stands, and since when."""

    host: str
    host_id: str
    unit: str
    user: str
    client: str
    home: str
    check: str
    subject: str
    severity: Severity
    waived: bool
    since: Moment


class FailingHost(Part):
    """A host that fails, by its failures of at least medium severity that no waiver covers."""

    host: str
    host_id: str
    unit: str
    users: list[str]
    checks: list[str]
    """Empty where its report says so and no such failure shows it."""
    severity: Severity | None
    """Of the gravest."""
    since: Moment | None
    """When the oldest began."""
    seen_at: Moment


class HostEntry(Part):
    """A host that a list is about."""

    host: str
    host_id: str
    unit: str
    user: str
    """The person whose report it is; empty where the list is of hosts."""
    client: str
    seen_at: Moment | None
    """Null where it was never seen."""
    why: str
    """What the report says, where it says something."""


class ImageEntry(Part):
    """The newest report of a person's client in an image, which is no live host."""

    host: str
    user: str
    client: str
    home: str
    seen_at: Moment
    compliant: bool | None
    failed: int


class FailingList(Part):
    """Hosts that fail: those with the gravest failures first, then the longest."""

    total: int
    entries: list[FailingHost]


class FailureList(Part):
    """Failures, the oldest first."""

    total: int
    entries: list[FailureEntry]


class HostList(Part):
    """Hosts; the longest unseen first."""

    total: int
    entries: list[HostEntry]


class ImageList(Part):
    """Images, by name."""

    total: int
    entries: list[ImageEntry]


class RollbackList(Part):
    """Action logs that went backwards, the newest first."""

    total: int
    entries: list[LogRollback]


class FleetReport(Part):
    """How a fleet stands at a moment: by hosts, units, checks, versions and controls."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    at: Moment
    silent_after_s: int
    gone_after_s: int
    hosts: HostCounts
    expected: ExpectedCounts | None
    """Null where no expected hosts were given."""
    movement: Movement
    trend: list[DayCounts]
    """The oldest day first; the last one is `at`."""
    images: int
    """Of person's clients in images; their reports count nowhere else."""
    rejected: int
    """Documents that could not be counted."""
    units: list[UnitCounts]
    """The worst first."""
    checks: list[CheckCounts]
    """The worst first."""
    units_by_check: list[UnitCheckCounts]
    clients: list[VersionCounts]
    policies: list[VersionCounts]
    releases: list[VersionCounts]
    """Of Tipstaff."""
    frameworks: list[FleetFramework]
    waivers: list[WaiverCounts]
    """The first to end first."""
    log_rollbacks: RollbackList
    failing: FailingList
    failures: FailureList
    silent: HostList
    cannot_tell: HostList
    missing: HostList
    image_list: ImageList
    exit_code: Literal[0, 1, 4, 5]


class FaultMoved(Part):
    """A failure of at least medium severity that no waiver covers, now or before and not both."""

    change: Literal["began", "ended"]
    check: str
    subject: str
    severity: Severity


class Reason(Part):
    """What is another one than before."""

    cause: Cause
    before: str
    """The versions; empty where there is none to name."""
    after: str


class HostMoved(Part):
    """Hosts that became the same, for the same reason."""

    move: Move
    before: Now
    after: Now
    because: list[Reason]
    changes: list[FaultMoved]
    hosts: int
    names: list[str]
    """Some of them, sorted."""


class FleetDiff(Part):
    """Which hosts became worse, better, new or gone between two moments, and why."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    since: Moment
    until: Moment
    silent_after_s: int
    gone_after_s: int
    movement: Movement
    moved: list[HostMoved]
    """The worse ones first, then by the number of hosts."""
    moved_groups: int
    """How many there are, where the list was cut."""
    exit_code: Literal[0, 1, 5]


class LoginOnHost(Part):
    """Where a login is."""

    host: str
    host_id: str
    unit: str
    user: str
    client: str
    store: str
    seen_at: Moment


class LoginOnHosts(Part):
    """A login that several hosts hold."""

    fingerprint: str
    """Keyed by the policy's fleet key: it tells logins apart, and none can be made from it."""
    kind: str
    method: str
    hosts: int
    users: int
    """Different names of persons among them."""
    places: list[LoginOnHost]
    """The first of them, by name."""


class FleetDuplicates(Part):
    """Which logins are on more than one host."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    at: Moment
    credentials: int
    """Of the newest reports."""
    without_fingerprint: int
    """Of them, those that cannot be compared: their policy has no fleet key."""
    logins: int
    """How many are on more than one host."""
    entries: list[LoginOnHosts]
    """On the most hosts first."""
    exit_code: Literal[0, 1, 4, 5]


class RejectedEntry(Part):
    """A document that could not be counted."""

    source: str
    place: str
    why: str
    size: int
    data: str
    """The beginning of it; empty unless it was asked for."""


class FleetRejected(Part):
    """What was put into quarantine at ingest."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    total: int
    entries: list[RejectedEntry]
    exit_code: Literal[0, 1]
