"""What is read of documents; all else in them may be of another release."""

from typing import Literal

import msgspec

from tipstaff_policy.checks.model import Severity, Status
from tipstaff_policy.model.state import Platform

NONE = msgspec.Raw(b"")
"""A field that is not there; an optional one refuses every value (msgspec 0.23)."""


class Tool(msgspec.Struct):
    """The program that wrote a document."""

    name: Literal["tipstaff"]
    version: str


class Host(msgspec.Struct):
    """The machine."""

    id: str | None
    name: str
    os: Platform


class Log(msgspec.Struct):
    """Where the action log stood."""

    head: str | None = None
    length: int = 0
    fault: str = ""


class Run(msgspec.Struct):
    """When, where and by whom."""

    id: str
    finished_at: str
    host: Host
    user: str
    system_root: str | None
    trial: bool = False
    selected: list[str] | None = None
    action_log: Log = msgspec.field(default_factory=Log)


class Client(msgspec.Struct):
    """The client that was judged."""

    name: str
    version: str
    proven: bool


class Rule(msgspec.Struct):
    """A field of the policy in force."""

    field: str
    value: str | list[str]


class Signed(msgspec.Struct):
    """Of a waiver, who has signed it."""

    signed_by: str | None = None


class PolicyWaiver(msgspec.Struct):
    """A waiver that was in force."""

    waiver: Signed


class Policy(msgspec.Struct):
    """What was in force."""

    fingerprint: str
    id: str | None = None
    version: str | None = None
    rules: list[Rule] = []
    waivers: list[PolicyWaiver] = []


class Credential(msgspec.Struct):
    """A credential that was found."""

    store: str
    kind: str | None
    method: str | None
    active: bool
    fingerprint: str | None = None


class Waiver(msgspec.Struct):
    """Who answers for a failure, until when."""

    expires_at: int
    owner: str
    ticket: str


class Waived(msgspec.Struct):
    """A waiver of a finding."""

    standing: str
    waiver: Waiver


class Finding(msgspec.Struct):
    """What a check says of one subject."""

    check: str
    subject: str
    severity: Severity
    status: Status
    observed: str
    waiver: Waived | None = None


class Summary(msgspec.Struct):
    """What the findings amount to."""

    compliant: bool | None


class SignIn(msgspec.Struct):
    """How the credentials stand to the rules."""

    verdict: str
    reason: str = ""


class Decision(msgspec.Struct):
    """What the client would do."""

    verdict: str
    reason: str


class State(msgspec.Struct):
    """Where the client was judged."""

    home: str
    cwd: str


class Report(msgspec.Struct):
    """The report of one person on one host."""

    schema_version: str
    tool: Tool
    run: Run
    client: Client
    clients: msgspec.Raw
    policy: Policy
    credentials: list[Credential]
    decision: msgspec.Raw
    findings: msgspec.Raw
    summary: Summary
    state: msgspec.Raw
    sign_in: SignIn | None = None


class Enforcement(msgspec.Struct):
    """The report of an enforcement for one person on one host."""

    schema_version: str
    tool: Tool
    run: Run
    client: Client
    sign_in: SignIn
    sign_in_after: SignIn
    steps: list[msgspec.Raw]
    note: str
    dry_run: bool
    exit_code: int


class User(msgspec.Struct):
    """A user of a root run."""

    user: str
    home: str
    outcome: str
    reason: str
    report: msgspec.Raw


class OfUsers(msgspec.Struct):
    """The reports of a root run."""

    schema_version: str
    tool: Tool
    host: Host
    finished_at: str
    users: list[User]


class Merged(msgspec.Struct):
    """The reports of many hosts."""

    schema_version: str
    tool: Tool
    reports: list[msgspec.Raw]
    missing: list[msgspec.Raw]


class MissingReport(msgspec.Struct, forbid_unknown_fields=True):
    """A user of whom there is no report."""

    host: str
    user: str | None
    reason: str


class Mark(msgspec.Struct):
    """Which document it is, by a field that only this one has.

    The last three hold a document as a text: in the system's journal, of Vector and of Fluent Bit.
    """

    users: msgspec.Raw = NONE
    reports: msgspec.Raw = NONE
    steps: msgspec.Raw = NONE
    class_uid: msgspec.Raw = NONE
    host: msgspec.Raw = NONE
    TIPSTAFF_REPORT: str = ""
    message: str = ""
    log: str = ""
