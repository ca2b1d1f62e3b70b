"""The values that pass between the steps of the engine; frozen, free of secrets, ready for JSON.

They are records because dataclasses would double the guard's start-up (ADR 0003).
The ``state`` field distinguishes the members of a union.
"""

from __future__ import annotations

from typing import Literal

from tipstaff_policy.record import Record

Verdict = Literal[
    "allow", "log_out", "block", "ignore_credential", "not_logged_in", "refuse", "unknown"
]
Compliance = Literal["complies", "violates", "cannot_tell", "nobody"]
Mode = Literal["enforce", "warn", "silent"]
Effect = Literal["refuse", "unknown"]
Grammar = Literal["config", "requirements"]
Attribute = Literal[
    "login_method", "workspace", "organisation", "account", "environment", "signature", "age"
]
IdentityAttribute = Literal["workspace", "organisation", "account"]
"""Whose a login can be."""
OWNERS: tuple[IdentityAttribute, ...] = ("workspace", "organisation", "account")
EntryPoint = str
"""How a client is started, by the name that its adapter gives to it."""
Platform = Literal["linux", "macos", "windows"]
KindOfPlace = Literal["store", "variable", "helper", "settings"]
"""A store that can be emptied, a variable, a program that prints it, or a line of settings."""
Evidence = Literal["run", "source", "inferred"]
VersionSource = Literal["option", "package", "assumed", "doubted"]
Signature = Literal["trusted", "unsigned", "untrusted", "unknown key", "not verified"]


class Odd(Record):
    """A TOML value of a type that no sign-in setting takes."""

    state: Literal["odd"]
    """First and without default, so that no list of words is ever taken for one."""
    type: str
    text: str
    """The value as a person would recognise it, shortened."""


Value = str | Odd | tuple[str | Odd, ...]


class Origin(Record):
    """Where a setting stands."""

    layer: str
    path: str
    line: int | None
    """Counts from 1; None if lines were not requested, or the setting came from a flag."""

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class Setting(Record):
    """One key of one layer."""

    key: str
    value: Value
    origin: Origin


class Fault(Record):
    """Why a file could not be used."""

    what: str
    where: str
    effect: Effect
    """``refuse`` if the client stops too; ``unknown`` if Tipstaff alone cannot judge it."""
    expected: str = ""
    remedy: str = ""
    second_opinion: bool = False
    """Whether a reader of TOML 1.1, which the guard has not, could still accept the file."""


class Stray(Record):
    """A key that looks like a sign-in setting and has no effect where it stands."""

    key: str
    origin: Origin
    reason: str
    likely: str
    """What was probably meant, and where it belongs."""


class Shape(Record):
    """What kind of value stands somewhere in a document, without the value itself."""

    path: tuple[str, ...]
    """Names of tables, numbers of items."""
    type: str
    text: str = ""
    """Of a text a word or an address of the client's own, of a number the bound below it, of a
    boolean which; nothing else."""
    line: int | None = None


class AbsentLayer(Record):
    """There is no such file; the client takes it for an empty one."""

    state: Literal["absent"] = "absent"


class ReadLayer(Record):
    """A file that was read."""

    settings: tuple[Setting, ...]
    strays: tuple[Stray, ...] = ()
    sha256: str | None = None
    shapes: tuple[Shape, ...] = ()
    """Of the keys whose kind of value could stop the client; none where nothing does."""
    state: Literal["read"] = "read"


class FaultyLayer(Record):
    """A file that is there and cannot be used."""

    fault: Fault
    state: Literal["faulty"] = "faulty"


class IgnoredLayer(Record):
    """A file that is there and that the client does not read; for explanations only."""

    reason: str
    likely: str
    """What to do for it to have effect."""
    settings: tuple[Setting, ...] = ()
    state: Literal["ignored"] = "ignored"


class Layer(Record):
    """One source of settings."""

    name: str
    rank: int
    """0 is the weakest; unique within a host."""
    path: str
    administrators: bool
    """Whether only the platform's administrators can write it."""
    grammar: Grammar
    content: AbsentLayer | ReadLayer | FaultyLayer | IgnoredLayer


class WorkspaceClaims(Record):
    """The three places of a login that may name a workspace; None where one does not."""

    id_token: str | None = None
    access_token: str | None = None
    account_id: str | None = None
    same_user: bool = False
    """Whether both tokens name the same user, or neither names one."""


class Identity(Record):
    """Whose a login is, by one attribute."""

    attribute: IdentityAttribute
    value: str | None
    """None where the login names none."""
    known: Literal["token", "claimed", "service"]
    """A token of the service says it, a file that its user can edit, or the service alone can."""


class FileFacts(Record):
    """What the file system says of a credential file, without following a link."""

    type: Literal["file", "directory", "link", "fifo", "other"]
    mode: str
    """Permission bits in octal, four digits."""
    owner: int
    owner_expected: int
    """The user to whom the client's folder belongs."""
    links: int
    target: str | None = None
    """Where a symbolic link leads."""


def identity_of(claims: WorkspaceClaims, *, asked: bool) -> Identity:
    """Return the workspace that a login is judged by.

    The access token's counts, because the service trusts it, and editing it breaks the session;
    without one the id token's, then the plain field.

    Args:
        asked: Whether only the service knows.
    """
    by_token = claims.id_token if claims.access_token is None else claims.access_token
    value = claims.account_id if by_token is None else by_token
    if asked:
        return Identity("workspace", value, "service")
    return Identity("workspace", value, "claimed" if by_token is None else "token")


class NoCredential(Record):
    """Nothing is stored there."""

    state: Literal["absent"] = "absent"


class HeldCredential(Record):
    """A credential that the client can use or ask the service about."""

    kind: str
    """The client's own spelling."""
    method: str
    """By the name that its adapter gives to it."""
    usable: bool = True
    """False for a login without tokens or without the time of its last refresh."""
    claims: WorkspaceClaims = WorkspaceClaims()
    plan: str | None = None
    last_refresh: int | None = None
    """Seconds since 1970."""
    expires_at: int | None = None
    """Seconds since 1970, from the access token."""
    ask: str | None = None
    """What only the service knows before this credential counts, in a word of its adapter."""
    signature: Signature | None = None
    """How its tokens stand to the keys that the organisation trusts; None where it names none."""
    fingerprint: str | None = None
    """Shows that two hosts have the same one; keyed by the policy, None if it names no key."""
    sendable: bool = True
    """False where a character in it, such as a line end, keeps the client from sending it."""
    identity: tuple[Identity, ...] | None = None
    """Whose it is; None where method and claims say so."""
    state: Literal["held"] = "held"

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Return whose it is; nothing of a login that belongs to no one, as a key does."""
        if self.identity is not None:
            return self.identity
        return () if self.method == "api" else (identity_of(self.claims, asked=bool(self.ask)),)


IMAGE_HIDES = "which an image does not show"
"""How every reason ends that only a live host could settle."""


class UnreadableCredential(Record):
    """Something that the client (``refuse``) or Tipstaff alone (``unknown``) cannot read."""

    reason: str
    effect: Effect
    present: bool = True
    """Whether there is known to be something; not if the store itself is out of reach."""
    method: str | None = None
    """Of a document that only lacks what its kind needs, which ends a fall-back; else None."""
    needs_library: bool = False
    """Whether the full program, which has the library for it, could still read it."""
    unseen: bool = False
    """Whether the store was not read, so that its content is unknown."""
    state: Literal["unreadable"] = "unreadable"


class Credential(Record):
    """One place for a credential, and what was found there."""

    source: str
    """A store, by the name that its adapter gives to it, or the name of an environment variable."""
    path: str | None
    """Its path; None for a variable."""
    content: NoCredential | HeldCredential | UnreadableCredential
    file: FileFacts | None = None
    removable: bool = True
    """False where the client's own removal is known to fail."""
    kind_of_place: KindOfPlace | None = None
    """What gives it; None where the path says so: one that has a path is stored, else it is a
    variable."""
    scrub: tuple[str, ...] | None = None
    """The variables without which the client does not find it; None for a variable itself. What
    is given by settings or a helper program may have none: then only a change of those helps."""

    @property
    def place(self) -> KindOfPlace:
        """Return what gives it."""
        return self.kind_of_place or ("variable" if self.path is None else "store")

    @property
    def is_stored(self) -> bool:
        """Return whether it is in a store, so that it can be removed from there."""
        return self.place == "store"

    @property
    def scrubbed_by(self) -> tuple[str, ...]:
        """Return the variables that take it away when they are unset; none where nothing does."""
        if self.scrub is not None:
            return self.scrub
        return (self.source,) if self.place == "variable" else ()

    @property
    def named(self) -> str:
        """Return where it comes from, for a person."""
        if self.place == "variable":
            return f"the environment variable {self.source}"
        if self.place == "store":
            return self.path or self.source
        return f"{self.source} in {self.path or 'the settings'}"


class Machine(Record):
    """The host and user to whom the policy applies: they select scopes, cohorts and waivers."""

    host_id: str | None
    """A digest of the machine's own id, which stays on the machine."""
    host_name: str
    user: str
    """The owner of the home; empty if unknown."""


class Client(Record):
    """The client program whose behaviour is foretold."""

    name: str
    version: str
    version_source: VersionSource
    """``assumed`` if no package states it; ``doubted`` if the user could write that package."""
    path: str | None
    proven: bool
    entry_point: EntryPoint
    precedence: str
    precedence_evidence: Evidence
    may_be: tuple[str, ...] = ()
    """Versions that judge differently, and that it may be instead (ADR 0014)."""
    writable_at: str | None = None
    """The first place where others than the administrators can change it, and why."""
    knowledge: int | None = None
    """The counter of the installed knowledge that it is judged by; None for that of Tipstaff."""


class Reading(Record):
    """What a version that the client may be instead finds in the stores."""

    version: str
    credentials: tuple[Credential, ...]


class ServiceAnswer(Record):
    """An identity that only the service knows; not part of the credential."""

    source: str
    workspace: str | None
    """Of a login whose workspace alone says whose it is; else its organisation or account. None
    where the service did not name one."""
    service: str
    """The service that answered; empty if another request would not help."""
    fault: str = ""
    """Why it did not name one."""
    needs_library: bool = False
    """Whether the full program, which has the library for it, could ask."""
    missing: str = ""
    """What would have to be installed to ask, where it is not a part of every installation."""


class Method(Record):
    """A way to sign in to a client."""

    name: str
    """As policies and reports write it."""
    label: str
    """What people call it, behind "signs in with"."""
    title: str
    """What people call it by itself, with its article."""
    has_workspace: bool
    """Whether its logins belong to a workspace, an organisation or an account."""


class Ordered(Record):
    """What the organisation's policy orders about sign-ins on a host; None orders nothing."""

    login_methods: tuple[str, ...] | None = None
    workspaces: tuple[str, ...] | None = None
    forbids_variables: bool = False
    wants_signature: bool = False
    longest_age_s: int | None = None
    origins: tuple[tuple[Attribute, tuple[Origin, ...]], ...] = ()
    """Where each of them stands."""
    waived: tuple[str, ...] = ()
    """The checks whose failure an active waiver covers on this host."""
    unverified_waivers: bool = False
    """Whether waivers were pasted that this process cannot verify."""
    mode: Mode = "enforce"
    """How far the start of the policy has come on this host."""
    why: str = ""
    """Why it has come only so far."""
    organisations: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    names: tuple[tuple[str, str], ...] = ()
    """What people call workspaces, organisations and accounts: pairs of id and name."""

    def restricts(self) -> bool:
        """Return whether any credential could break it."""
        named = self.organisations is not None or self.accounts is not None
        return named or self[:5] != (None, None, False, False, None)

    def list_allowed(self, attribute: IdentityAttribute) -> tuple[str, ...] | None:
        """Return whose a login may be; None where that is not restricted."""
        if attribute == "workspace":
            return self.workspaces
        return self.organisations if attribute == "organisation" else self.accounts

    def places(self, attribute: Attribute) -> tuple[Origin, ...]:
        """Return where a restriction stands."""
        return dict(self.origins).get(attribute, ())


class HostState(Record):
    """Everything that compliance, decision and checks read, free of secrets."""

    client: Client
    home: str
    """The client's own folder."""
    home_from: str
    """What named it: an option, a variable, or the image."""
    cwd: str
    """The folder in which the client is started."""
    platform: Platform
    environment: Literal["own", "not_seen"]
    evaluated_at: int
    """Seconds since 1970."""
    layers: tuple[Layer, ...]
    credentials: tuple[Credential, ...]
    """In the order in which the client prefers them."""
    faults: tuple[Fault, ...] = ()
    """What is wrong outside of any layer."""
    readings: tuple[Reading, ...] = ()
    """One for each version that the client may be instead."""
    places: tuple[Credential, ...] | None = None
    """Every place where a client of any setting finds a credential, read as the newest proven
    version reads it; None if nothing restricts sign-in, so that they were not read."""
    ordered: Ordered | None = None
    """What the organisation's policy orders; None where there is none."""
    policy_faults: tuple[Fault, ...] = ()
    """Why the organisation's policy cannot be used."""
    defaults_bind: bool = False
    """Whether administrators' defaults, which a user's own files beat, count as rules: in root
    runs and in `watch`."""
    system_root: str | None = None
    """The tree that stands for ``/``, so that no image passes for a live host; None on one."""
    further_homes: tuple[str, ...] = ()
    """Further folders of the client that count: those whose ``.env`` file names the one that is
    used, and those that the client's own processes go on to from there."""
    identities: tuple[ServiceAnswer, ...] = ()
    """The service's answers about credentials whose workspace only it knows."""
    administrators: tuple[Layer, ...] | None = None
    """The administrators' layers as the newest proven version reads them; None where this one
    reads them alike."""

    def everywhere(self) -> tuple[Credential, ...]:
        """Return what compliance judges; what this client finds, where nothing more was read."""
        return self.credentials if self.places is None else self.places

    def names(self) -> tuple[tuple[str, str], ...]:
        """Return what the organisation calls workspaces, organisations and accounts, by id."""
        return self.ordered.names if self.ordered else ()


class Violation(Record):
    """A restriction that a credential does not meet."""

    attribute: Attribute
    source: str
    observed: str | None
    """None where the credential makes no claim at all."""
    allowed: tuple[str, ...]
    origins: tuple[Origin, ...]


class Judged(Record):
    """How one credential stands to the administrators' rules."""

    source: str
    verdict: Compliance
    violations: tuple[Violation, ...] = ()
    """What it breaks, the gravest first; what is waived is left out."""
    reason: str = ""
    """Why it breaks a rule, or why that cannot be known."""
    needs_library: bool = False
    """Whether the full program, which has the library for it, could judge it."""


class SignIn(Record):
    """Whether the credentials on a host satisfy the administrators' rules.

    Nothing that the user writes but the credentials themselves has a part in it.
    """

    verdict: Compliance
    reason: str
    removes: tuple[str, ...] = ()
    """The stores whose credential violates."""
    variables: tuple[str, ...] = ()
    """The environment variables whose credential violates, and other sources of one outside of
    any store."""
    credentials: tuple[Judged, ...] = ()
    mode: Mode = "enforce"
    """What a violation leads to: a log-out, a warning, or nothing yet."""
    faults: tuple[Fault, ...] = ()
    """Why the administrators' files or the organisation's policy cannot be used."""

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Return what every credential breaks."""
        return tuple(broken for one in self.credentials for broken in one.violations)

    def find_judged(self, source: str | None) -> Judged | None:
        """Return how the credential of a source stands."""
        return next(
            (credential for credential in self.credentials if credential.source == source), None
        )


class Decision(Record):
    """What the client does at start-up on a state."""

    verdict: Verdict
    reason: str
    removes: tuple[str, ...] = ()
    """The stores that the client itself really empties."""
    depends_on: tuple[str, ...] = ()
    active: str | None = None
    """The source of the credential that was judged."""
    methods: tuple[str, ...] = ()
    """The login methods that remain allowed."""
    workspaces: tuple[str, ...] | None = None
    """The workspaces that remain allowed; None where none is required."""
    violations: tuple[Violation, ...] = ()
    unread: tuple[str, ...] = ()
    """The sources whose content would count and could not be read."""
    blocked_by: tuple[Origin, ...] = ()
    """The rules that together leave no login method at all."""
    organisations: tuple[str, ...] | None = None
    """The organisations that remain allowed; None where none is required, so for the next."""
    accounts: tuple[str, ...] | None = None

    def list_allowed(self, attribute: IdentityAttribute) -> tuple[str, ...] | None:
        """Return whose a login may still be; None where that is not restricted."""
        if attribute == "workspace":
            return self.workspaces
        return self.organisations if attribute == "organisation" else self.accounts
