"""Facts around a client that are evidence for checks, though its decision does not read them.

Gathered at the edge by the client's adapter, for an audit only; free of secrets, ready for JSON.
A part is None if it was not read: in an image, on another platform, or because the check that
reads it was not selected.
"""

from typing import Literal

from tipstaff_policy.model.state import HeldCredential, Origin, UnreadableCredential
from tipstaff_policy.record import Record

About = Literal["login method", "workspace", "organisation", "account", "store"]


class LooseFile(Record):
    """A file of the administrators that another user could change."""

    path: str
    who: tuple[str, ...]
    """Each place on the way to it that others can write, in words."""


class CaBundle(Record):
    """The file of further certificate authorities that the environment names."""

    variable: str
    path: str
    fault: str | None = None
    """Why the client cannot use it."""
    certificates: int = 0
    expired: tuple[int, ...] = ()
    """Which of the certificates have expired; counts from 1."""


class LoginLog(Record):
    """What the client wrote down of its log-ins; never a part of the content."""

    path: str
    mode: str
    owner: int
    owner_expected: int
    secrets: tuple[str, ...] = ()
    """The kinds of secrets in it, sorted."""
    unread: str | None = None
    """Why it was not searched, or not wholly."""


class TakenPort(Record):
    """A port on which a program listens."""

    port: int
    by: str
    """A process in words."""
    client: bool = False
    """Whether that is the client itself, in a log-in that is going on."""


class CallbackPorts(Record):
    """The ports of which the browser log-in needs one."""

    needed: tuple[int, ...]
    taken: tuple[TakenPort, ...] = ()
    unread: str | None = None
    """Why this is unknown."""


class Obstacle(Record):
    """Why the client's own log-out would leave a credential."""

    source: str
    path: str | None
    why: str


class Removal(Record):
    """How the client's own log-out would fare."""

    tried: tuple[str, ...]
    """The stores that hold something and that it would empty."""
    obstacles: tuple[Obstacle, ...] = ()
    unseen: tuple[Obstacle, ...] = ()
    """What could not be looked at."""


class Program(Record):
    """A program of the client that is started by its name."""

    path: str
    unguarded: str | None
    """Why the guard does not stand in front of it; None where it does."""


class RunningClient(Record):
    """A process of the client."""

    pid: int
    started_at: int
    """Seconds since 1970."""
    here: bool | None
    """Whether it uses the client's folder that is judged; None if unknown."""


class Running(Record):
    """The processes of the client on this machine."""

    clients: tuple[RunningClient, ...] = ()
    changed_at: int | None = None
    """When the credential file was last changed; None where there is none."""
    unread: str | None = None
    """Why this is unknown."""


class StatedRule(Record):
    """A sign-in setting as one layer states it, whether it wins or not."""

    about: About
    key: str
    allows: tuple[str, ...] | None
    """None where it restricts nothing, so that it only clears what weaker layers say."""
    origin: Origin
    held_by: Literal["administrators", "user", "start"]
    """``start`` for what a folder, a profile or a flag brings along."""
    beatable: bool
    """Whether some layer of the user's is stronger, or it is one itself."""
    heeded: bool
    """Whether this version of the client reads the key at all."""
    in_force: bool
    """Whether it is heeded and no stronger layer has the key."""


class Gap(Record):
    """Credentials that a restriction in force does not bind."""

    key: str
    passes: str
    """The credentials, in words."""
    remedy: str
    origins: tuple[Origin, ...]
    closable: bool = True
    """Whether the administrators can close it without forbidding what they allow."""


class UnreadFile(Record):
    """A file of the administrators that the user may not read."""

    path: str
    why: str


class Widened(Record):
    """A list of a restriction to which a further file adds."""

    key: str
    added: tuple[str, ...]
    origins: tuple[Origin, ...]
    """The adding files first."""


class CarriedKey(Record):
    """A key of the client's files that the policy carries, and what is deployed of it."""

    name: str
    """As the policy document writes it."""
    found: Literal["same", "other", "missing"]
    """By the strongest of the administrators' files that state it."""
    at: Origin | None
    """Where that stands."""
    wanted: tuple[Origin, ...]


class StoreUse(Record):
    """The store in force, and whether the client can keep a login there."""

    name: str
    origins: tuple[Origin, ...]
    """The setting that names it; empty where nothing does."""
    falls_back: str = ""
    """Why the plain file is used in its place; empty where it is not."""
    unclear: str = ""
    """Why this is unknown; empty if it is known."""


class LeftOver(Record):
    """A credential that the client, started as it is judged here, does not look at."""

    source: str
    path: str
    content: HeldCredential | UnreadableCredential


class LeftOvers(Record):
    """What was found outside of the store in force."""

    found: tuple[LeftOver, ...]
    unseen: tuple[str, ...]
    """Each place that could not be searched, and why."""


class DeviceValue(Record):
    """A value that device management has for the client."""

    path: str
    forced: bool


class LogOut(Record):
    """Whether the client's own log-out works."""

    works: bool | None
    """None if unknown."""
    why: str
    places: tuple[str, ...]
    """Files, with the line where it is known."""


class ModelProvider(Record):
    """What answers the client, and what the user has changed about it."""

    name: str
    origin: Origin | None
    """The setting that chooses it; None where the client does so by itself."""
    past_login: tuple[Origin, ...] = ()
    """The user's own settings by which the client needs no login."""
    elsewhere: tuple[Origin, ...] = ()
    """The user's own settings by which the login is sent to another address."""
    idle: tuple[str, ...] = ()
    """Providers of the user's own that are not in use."""
    unclear: str = ""
    """Why this is unknown; empty if it is known."""
    by_login: bool = True
    """Whether the client sends it the login."""


class Release(Record):
    """What is known of the version that the client was judged as."""

    proven: tuple[str, ...]
    """The versions on which Tipstaff was compared with the client, oldest first."""
    since: int | None = None
    """When it was installed here, in seconds since 1970; None if unknown."""
    knowledge: int | None = None
    """The counter of the installed knowledge, which then proves some of them; None without it."""
    unusable_knowledge: str | None = None
    """Why installed knowledge does not count, with its path; None where nothing is wrong."""


class RemoteSession(Record):
    """A client that works through another one, by the login of that one."""

    address: str
    """Where the other one is reached, without any user or password."""
    pid: int | None = None
    """None for the command line that is judged."""


class HostFacts(Record):
    """One field a kind of evidence."""

    loose_files: tuple[LooseFile, ...] | None = None
    ca_bundle: CaBundle | None = None
    """None also where the environment names none."""
    login_log: LoginLog | None = None
    """None also where there is none."""
    callback_ports: CallbackPorts | None = None
    removal: Removal | None = None
    programs: tuple[Program, ...] | None = None
    running: Running | None = None
    rules: tuple[StatedRule, ...] | None = None
    """Strongest first."""
    carried: tuple[CarriedKey, ...] = ()
    """One for each key of the client's files that the policy carries to this platform."""
    store: StoreUse | None = None
    """None also where the rules cannot be read."""
    left_over: LeftOvers | None = None
    device_values: tuple[DeviceValue, ...] | None = None
    """None also where the platform has no device management."""
    log_out: LogOut | None = None
    provider: ModelProvider | None = None
    """None also where the configuration stops the client."""
    release: Release | None = None
    remote_sessions: tuple[RemoteSession, ...] | None = None
    gaps: tuple[Gap, ...] | None = None
    unread_files: tuple[UnreadFile, ...] | None = None
    widened: tuple[Widened, ...] | None = None
    config_server: Origin | None = None
    """The requirement by which a server states a part of the policy; None also where there is
    none."""
