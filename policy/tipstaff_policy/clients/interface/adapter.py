"""What an adapter gives to the engine, and what it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tipstaff_policy import load_part
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Invocation, Request, as_invoked
from tipstaff_policy.model.state import (
    Client,
    Decision,
    Fault,
    HostState,
    Judged,
    Method,
    ServiceAnswer,
)
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # loaded only where there is a policy
    from contextlib import AbstractContextManager

    from tipstaff_policy.clients.interface.deployment import Deployment
    from tipstaff_policy.clients.interface.issuer import Issuer
    from tipstaff_policy.clients.interface.knowledge import ClientKnowledge
    from tipstaff_policy.clients.interface.lint import ClientLint
    from tipstaff_policy.clients.interface.rehearsal import MadeUpHost
    from tipstaff_policy.clients.interface.sign_in import SignIn
    from tipstaff_policy.clients.interface.slots import StoreSlot
    from tipstaff_policy.clients.interface.stores import CredentialStores
    from tipstaff_policy.model.advice import CheckAdvice, KeyText
    from tipstaff_policy.model.host_facts import HostFacts, ModelProvider, Program, Running
    from tipstaff_policy.model.layers import EffectivePolicy


def find_working_folder(named: str = ".") -> str:
    """Return a folder, absolute, that is named from the working folder of this process.

    Raises:
        EvaluationError: The working folder was removed.
    """
    try:
        return os.path.abspath(named)
    except FileNotFoundError:
        raise EvaluationError(
            "the working folder was removed, so nothing can be named from it",
            expected="a folder that exists",
            remedy="go to one, and start again; the client does not start here either",
        ) from None


def program_name(path: str) -> str:
    """Return the name of a program; on Windows in lower case and without its ending."""
    name = os.path.basename(path)
    return name if os.sep == "/" else os.path.splitext(name)[0].lower()


def function_at(place: str) -> Callable[..., Any]:
    """Return a function that loads the one at ``module:NAME`` when it is called."""

    def call(*given: Any) -> Any:
        return load_part(place)(*given)

    return call


def value_at(place: str) -> Callable[..., Any]:
    """Return a function without arguments that loads the value at ``module:NAME``."""
    return lambda: load_part(place)


class Administrators(Record):
    """How the credentials of a host stand to the client's own managed files."""

    faults: tuple[Fault, ...]
    """Why the files cannot be used; then nothing is judged."""
    restricts: bool
    """Whether any credential could break their rules."""
    judged: tuple[Judged, ...] = ()
    """One for each credential that can be read."""
    binding: tuple[str, ...] = ()
    """The names of the layers whose rules no file of the user's beats."""
    methods: tuple[Method, ...] = ()
    """The client's, for what people call them."""


def every_invocation(
    adapter: Adapter, request: Request, command: tuple[str, ...]
) -> tuple[Request, ...]:
    """Return what a command may amount to: one request a reading, the likeliest first.

    A command that is not the client's changes nothing.
    """
    readings = adapter.read_invocation(command)
    if readings is None:
        return (request,)
    return tuple(as_invoked(request, reading, command[0]) for reading in readings)


def with_start_option(request: Request, option: StartOption, value: str) -> Request:
    """Return a request with what an option of the client says; the later of two wins."""
    if option.field == "overrides":
        return request._replace(overrides=(*request.overrides, value))
    if option.field == "profile":
        return request._replace(profile=value)
    return request._replace(ignore_user_config=True)


class StartOption(Record):
    """An option of the client's own command line that says on which state it runs."""

    name: str
    """As a person types it."""
    field: Literal["overrides", "profile", "ignore_user_config"]
    """What it says, by the name of the field of `Request`."""
    value: str = ""
    """What help calls its value; empty for a switch."""


class Versions(Record):
    """The versions of a client."""

    proven: tuple[str, ...]
    """Those on which its conformance suite agrees, the oldest first."""
    order: Callable[[str], tuple[int, int, int] | None]
    """Returns by what a version stands before or after others; None for what is no version."""

    @property
    def newest(self) -> str:
        """Return the newest proven version."""
        return self.proven[-1]


class Adapter(Record):
    """A client, as functions from values to values and two readers of the machine."""

    name: str
    key_advice: Callable[[], Mapping[str, KeyText]]
    """Loads what a person should know of each sign-in key."""
    methods: tuple[Method, ...]
    """Every way to sign in, the usual one first."""
    sign_in: Mapping[str, str]
    """The command to sign in, by login method; ``{}`` stands for the client or for `tipstaff`."""
    folder: str
    """The client's folder below a user's home, where nothing names another."""
    slots: tuple[StoreSlot, ...]
    """Its stores, in the order in which a log-out empties them."""
    further_files: tuple[str, ...]
    """Other parts of the client's folder that the decision reads, besides stores and settings."""
    hold: Callable[[int, str, float], AbstractContextManager[None]]
    """Holds the client's own locks of a folder, named by descriptor and path, during a change of a
    login; a limit in seconds applies to all of them. Raises StoreLockedError if another process
    holds one for longer, AccessDeniedError if one cannot be taken."""
    read_state: Callable[[Request], HostState]
    decide: Callable[[HostState], Decision]
    advice: Callable[[], Mapping[str, CheckAdvice]]
    """Loads what the checks say of this client, by check."""
    effective: Callable[[HostState], EffectivePolicy]
    """The sign-in settings that the client's version really uses on a state; what a layer says
    is in force only if this says so."""
    observe: Callable[[Request, HostState], HostFacts]
    """Gathers the evidence that checks read beyond the state; writes nothing."""
    follows: Callable[[HostState, HostFacts], HostFacts]
    """Returns the surroundings with all that follows from the state worked out again; what was
    seen on the host alone stays as it is."""
    program: str
    """The name that a person types to start the client."""
    programs: Callable[[Request], tuple[Program, ...] | None]
    """Every program of that name on the path, in its order, and whether the guard fronts it."""
    find_installations: Callable[[Request], tuple[Client, ...]]
    """Every client that a request is about, the one that a person starts by its name first; one
    without a path where there is none."""
    read_invocation: Callable[[tuple[str, ...]], tuple[Invocation, ...] | None]
    """Every reading of a command line, the likeliest first; None where it is not this client's."""
    uses_no_credential: Callable[[tuple[str, ...]], bool]
    """Whether a command line certainly signs in by no credential, so that it starts although the
    sign-in cannot be judged."""
    by_administrators: Callable[[HostState], Administrators]
    """Judges every credential of a state by the client's own managed files."""
    identify: Callable[[Request, HostState, tuple[str, ...]], tuple[ServiceAnswer, ...]]
    """Asks the client's service whose the credentials of some sources are; it raises nothing."""
    together: tuple[str, ...]
    """The variables that are one sign-in together, so that none is taken away alone."""
    running: Callable[[str], Running]
    """The client's processes of a folder, on a live machine; loaded only after a log-out."""
    login: Callable[[], SignIn]
    """How the client signs in; loaded only to do so."""
    issuer: Callable[[], Issuer]
    """How its credentials are revoked; loaded only by who revokes."""
    removal_verb: str
    """The client's own command that removes a login, named in messages."""
    custody: Callable[[], CredentialStores]
    """Loads what the commands about stored logins ask for."""
    deployment: Callable[[], Deployment]
    """Loads how a policy is written as files of the client."""
    lint: Callable[[], ClientLint]
    """Loads what is known of the client's own files before they ship."""
    live_evidence: tuple[str, ...]
    """What every audit of a running Linux system observes, and no audit of an image can: fields
    of `HostFacts`."""
    entry_points: tuple[str, ...]
    """How the client can be started, the first for where none is named."""
    start_options: tuple[StartOption, ...]
    """Which of its options say on which state it runs."""
    check_start: Callable[[Request], None]
    """Raises a UsageError for a start that the client does not take; reads nothing."""
    versions: Versions
    libraries: Mapping[str, str]
    """What the full program needs to read the client's stores, each with what it is for."""
    rehearsal: Callable[[], MadeUpHost]
    """Returns what a log-out is rehearsed with."""
    sign_in_here: Mapping[str, str] = {}
    """The commands among `sign_in` for which that of Tipstaff reads otherwise, such as
    ``tipstaff login --by key``."""
    installed_since: Callable[[Request, Client], int | None] = lambda _request, _client: None
    """When a client was put where it is, in seconds since 1970; None where that is not known."""
    knowledge: Callable[[], ClientKnowledge] = value_at(
        "tipstaff_policy.clients.interface.knowledge:NO_KNOWLEDGE"
    )
    """Loads what a document of knowledge has about the client."""
    provider: Callable[[HostState], ModelProvider | None] = lambda _state: None
    """What answers the client; None where its configuration stops it, or it has no choice."""

    @property
    def files(self) -> dict[str, str]:
        """Return the stores that are a file of the client's folder, each with its name."""
        return {slot.store: slot.name for slot in self.slots if slot.name is not None}

    @property
    def plain_stores(self) -> tuple[str, ...]:
        """Return the stores that keep a login as plain text."""
        return tuple(slot.store for slot in self.slots if slot.plain)

    def method(self, name: str | None) -> Method | None:
        """Return a login method by its name; None for a name that is not one of the client's."""
        return next((method for method in self.methods if method.name == name), None)
