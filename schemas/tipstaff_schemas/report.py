"""The report of an audit and of an enforcement: the models that every format is made from."""

from typing import ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    model_serializer,
)

from tipstaff_policy.assessment.findings import Threshold
from tipstaff_policy.checks.model import Severity, Status
from tipstaff_policy.model.state import HeldCredential, Platform, Verdict, WorkspaceClaims
from tipstaff_policy.model.wording import add_names
from tipstaff_schemas.client_fields import ClientFields
from tipstaff_schemas.values import (
    ClientJson,
    DecisionJson,
    EvidenceJson,
    FaultJson,
    IdentityJson,
    Moment,
    OrdersJson,
    OriginJson,
    SettingJson,
    SignInJson,
    StageJson,
    StateJson,
    SurroundingsJson,
    WaivedJson,
    leave_unsaid,
)

SCHEMA_VERSION: Literal["1"] = "1"


OWNER_NOT_NAMED = {
    "token": "none",
    "claimed": "none",
    "service": "that only the service knows",
}
"""Who knows it, and what is said of a login that names no owner."""


class Part(BaseModel):
    """A part of a document: frozen, and with no field that it does not know."""

    # Built when a document is made: a command makes one, and all of them are imported.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Tool(Part):
    """The program that wrote the document."""

    name: Literal["tipstaff"] = "tipstaff"
    version: str


class Host(Part):
    """The machine."""

    id: str | None
    """A digest of the machine's own id, which stays on the machine."""
    name: str
    os: Platform
    """Of the host that was judged, also where it is an image."""


class ActionLog(Part):
    """Where the action log stood; an image has none."""

    head: str | None = None
    """The hash of its newest record; null where there is none."""
    length: int = 0
    """The number of that record; records are counted from 1 and never restart."""
    fault: str = ""
    """Why it could not be written or read."""


class Run(Part):
    """When, where and by whom; times are RFC 3339 in UTC."""

    id: str
    started_at: Moment
    finished_at: Moment
    host: Host
    user: str
    """Whose login it is: in an image the owner of the home by its list of accounts."""
    audited_by: str | None = None
    """The account that ran the audit; null in a report of a release that did not say."""
    environment: Literal["own", "not_seen"]
    system_root: str | None
    trial: bool = False
    """Whether the organisation's policy is not enforced on this host yet, so that a violation of
    it is reported and removes nothing."""
    selected: list[str] | None = None
    fail_on: Threshold | None = None
    """The least severity that counts against compliance, `never` as `medium`; null where no
    findings were asked for."""
    action_log: ActionLog = ActionLog.model_construct()


class ClientEntry(ClientFields, Part):
    """A client that was judged: the engine's value, and its own verdict."""

    verdict: Verdict


class PolicyFile(Part):
    """A file that the effective policy was made from."""

    path: str
    key: str | None = None
    """Inside a property list, the key whose value it is; null for a whole file."""
    sha256: str


class PolicyRule(Part):
    """One field of the organisation's policy in force."""

    field: str
    value: str | list[str]
    """As the document writes it."""
    origins: list[OriginJson]


class Policy(Part):
    """What is in force: the organisation's document, and the client's own settings."""

    # The key of the fleet is no value of a document: orders are written without it.
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: str | None = None
    version: str | None = None
    fingerprint: str
    """SHA-256 over the files, in the order of their paths."""
    files: list[PolicyFile]
    settings: list[SettingJson]
    rules: list[PolicyRule] = []
    stage: StageJson | None = None
    """How far its start has come on this host; null without a document that can be used."""
    waivers: list[WaivedJson] = []
    """Every waiver that the host knows, the pasted ones too, whether it covers anything or not."""
    faults: list[FaultJson] = []
    """Why the organisation's document cannot be used."""
    orders: OrdersJson | None = None
    """What the checks read of the organisation's document, so that the findings can be made again;
    without secrets, without the keys themselves, and without the waivers, which stand above."""


Names = tuple[tuple[str, str], ...]
"""What people call workspaces, organisations and accounts: pairs of id and name."""


class Workspace(Part):
    """What the parts of a login say of its workspace."""

    id_token: str | None
    access_token: str | None
    account_id: str | None

    def list_claimed(self, names: Names = ()) -> tuple[str, ...]:
        """Return what the parts say, each once; with what people call it."""
        named = (self.id_token, self.access_token, self.account_id)
        return add_names(dict.fromkeys(value for value in named if value is not None), names)

    @classmethod
    def of(cls, held: HeldCredential | None) -> "Workspace":
        """Return what the claims of a login say; nothing where it cannot be read."""
        claims = held.claims if held else WorkspaceClaims()
        return cls.model_construct(
            id_token=claims.id_token,
            access_token=claims.access_token,
            account_id=claims.account_id,
        )


class Owned(Part):
    """A credential, and whose it is where that is not a workspace."""

    UNSAID: ClassVar = ("identities",)
    """Fields that are left out where there is nothing to say."""
    identities: list[IdentityJson] | None = None
    """Whose it is and who knows that; left out where the workspace says all of it."""

    _leave_unsaid = model_serializer(mode="wrap")(leave_unsaid)

    def owners(self, names: Names = ()) -> list[str]:
        """Return whose it is, in words; with what people call each."""
        found = self.identities or ()
        values = (
            OWNER_NOT_NAMED[identity.known] if identity.value is None else identity.value
            for identity in found
        )
        shown = zip(found, add_names(values, names), strict=True)
        return [f"{identity.attribute} {value}" for identity, value in shown]


class CredentialEntry(Owned):
    """A credential that was found, without any part of its secret."""

    store: str
    path: str | None
    kind: str | None
    """Null where it cannot be read."""
    method: str | None
    active: bool
    workspace: Workspace
    fingerprint: str | None = None
    last_refresh: str | None = None
    expires_at: str | None = None


class FindingEntry(Part):
    """The result of a check for one subject: the engine's finding, and its identifiers."""

    check: str
    subject: str
    title: str
    severity: Severity
    status: Status
    observed: str
    expected: str
    evidence: list[EvidenceJson]
    remedy: str
    first_failed_at: Moment | None
    """Since when it is known to fail, from an earlier report; null if none was given."""
    waiver: WaivedJson | None
    fingerprint: str
    """Of host, client's folder, check and subject: the same in every run on that host."""


class ControlEntry(Part):
    """A control of a framework, and what the findings say of it."""

    id: str
    title: str
    status: Literal["pass", "fail", "not_evidenced"]
    """`not_evidenced` where no check that evidences it passed or failed, or one is an error."""
    waived: bool
    """Whether every failure has an owner."""
    findings: list[str]
    """Fingerprints of those that passed, failed or were an error."""


class FrameworkEntry(Part):
    """A report by the controls of one framework."""

    id: str
    title: str
    controls: list[ControlEntry]


class Summary(Part):
    """Counts of findings by status, and what they amount to."""

    compliant: bool | None
    passed: int = Field(alias="pass")
    failed: int = Field(alias="fail")
    error: int
    not_applicable: int
    waived: int


class Report(Part):
    """The evidence of one audit.

    `decide(report.state) == report.decision` and `comply(report.state) == report.sign_in` hold.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    tool: Tool
    run: Run
    client: ClientJson
    """The client with the worst verdict, to which all that follows belongs."""
    clients: list[ClientEntry]
    """Every client found, in the order of search."""
    policy: Policy
    credentials: list[CredentialEntry]
    decision: DecisionJson
    sign_in: SignInJson | None = None
    """How the credentials stand to the administrators' rules, which is what Tipstaff acts on; null
    in reports of releases that did not say it."""
    findings: list[FindingEntry]
    summary: Summary
    frameworks: list[FrameworkEntry] = []
    """Those that were asked for."""
    state: StateJson
    surroundings: SurroundingsJson
    """What the checks read beyond the decision's state."""

    def names(self) -> Names:
        """Return what the organisation calls workspaces, organisations and accounts."""
        orders = self.policy.orders
        return orders.policy.workspace_names if orders else ()
