"""How a client signs in, as its adapter says it."""

from collections.abc import Callable, Mapping

from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, IdentityAttribute, Origin
from tipstaff_policy.record import Record


class Trouble(Record):
    """Why a sign-in stops, and what the person can do about it."""

    what: str
    remedy: str
    exit_code: int
    rules: tuple[Origin, ...] = ()
    """The rules that the sign-in breaks."""


class Flow(Record):
    """One way of the client to sign in."""

    words: tuple[str, ...]
    """The client's own command line, without its program."""
    option: str
    """Of `tipstaff login`; empty for the one without."""
    method: str
    kind: str
    """What it stores in the plain case; the client's own spelling."""
    needs_service: bool
    """Whether it cannot end well without the sign-in service."""
    returns_by_port: bool = False
    """Whether a browser has to come back to a port of this machine."""
    revokes_earlier: bool = False
    """Whether the client revokes the login that was there before."""
    gives_out: bool = False
    """Whether the service gives out a login, which is revoked where it is not kept."""
    owner_known_by: str | None = None
    """The only source of the owner of a login, as in `HeldCredential.ask`; None if its own claims
    name it."""
    owner: IdentityAttribute | None = None
    """The attribute by which the login names its owner; None for a workspace, or for none."""
    stored: str = "an access token"
    """What it stores, in plain words."""
    store: str | None = None
    """Where it stores that, whatever the settings say; None where `SignIn.store_of` says it."""


class SignIn(Record):
    """How a client signs in, as far as the engine has to know."""

    flows: Mapping[str, Flow]
    """By the name that `tipstaff login --by` takes; the first where none is named."""
    home_variable: str
    """The variable that names the client's folder."""
    store_key: str
    """The key that sets where the client stores a login."""
    service: str
    """Where it is asked whose a login is that does not say so itself."""
    own_names: tuple[str, ...]
    """What a login changes in the client's folder; all else there it may share."""
    store_of: Callable[[HostState], "Place"]
    """Returns where the client would store a login."""
    options: Callable[[Request, HostState], tuple[str, ...]]
    """Returns what is added to the command line so that the client logs where it always does."""
    obstacle: Callable[[Request, Flow], Trouble | None]
    """Returns what is known beforehand to stop a flow; reads the machine."""
    hints: Callable[[Request, Flow], tuple[str, ...]]
    """Returns what helps a person before a flow begins; reads the machine."""
    log_end: Callable[[Request, HostState], int]
    """Returns how long the client's log of logins is now."""
    explain: Callable[[Request, HostState, "Ran", int], Trouble]
    """Returns why a login failed; the number is where its part of the log begins."""


class Place(Record):
    """Where the client stores a login."""

    setting: str
    """The value of the client's setting."""
    source: str
    """The store that this comes to here; empty where no later start would find the login."""
    origins: tuple[Origin, ...] = ()
    unfit: str = ""
    """Why a login cannot be put there from aside."""
    empties: tuple[str, ...] = ()
    """The other stores that the client empties once it has stored a login there."""


class Ran(Record):
    """How the client's login ended."""

    code: int
    said: str
    """The end of what it said; shown to the person already, and never repeated."""
    broken_off: bool = False
    """Whether the person asked for an end."""
