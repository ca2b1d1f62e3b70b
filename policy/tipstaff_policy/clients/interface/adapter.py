"""What an adapter gives to the engine, and what it is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Invocation, Request, as_invoked
from tipstaff_policy.model.state import (
    Client,
    Decision,
    Fault,
    HostState,
    Identity,
    Judged,
)
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.clients.interface.deployment import Deployment
    from tipstaff_policy.clients.interface.issuer import Issuer
    from tipstaff_policy.clients.interface.sign_in import SignIn
    from tipstaff_policy.clients.interface.stores import CredentialStores
    from tipstaff_policy.model.advice import CheckAdvice, LoginMethod
    from tipstaff_policy.model.host_facts import HostFacts, ModelProvider, Program, Running
    from tipstaff_policy.model.layers import EffectivePolicy


def working_folder(named: str = ".") -> str:
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


class KeyText(Record):
    """What a person should know of a sign-in key."""

    does: str
    belongs: str
    """The files that it works in."""
    default: str


class Locks(Record):
    """The client's lock files inside its folder, in the order in which it takes them."""

    names: tuple[str, ...]
    modes: tuple[int, ...]


class Adapter(Record):
    """A client, as functions from values to values and two readers of the machine."""

    name: str
    key_texts: Mapping[str, KeyText]
    """What a person should know of each sign-in key."""
    sign_in: Mapping[str, str]
    """The command to sign in, by login method; ``{}`` stands for the client or for `tipstaff`."""
    folder: str
    """The client's folder below a user's home, where nothing names another."""
    files: Mapping[str, str]
    """The stores that are files, each with its path inside the client's folder."""
    further_files: tuple[str, ...]
    """What else of the client's folder the decision reads, beside stores and configuration."""
    locks: Locks
    read_state: Callable[[Request], HostState]
    decide: Callable[[HostState], Decision]
    methods: Callable[[], tuple[LoginMethod, ...]]
    """Loads every way to sign in."""
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
    identify: Callable[[Request, HostState, tuple[str, ...]], tuple[Identity, ...]]
    """Asks the client's service whose the credentials of some sources are; it raises nothing."""
    together: tuple[str, ...]
    """The variables that are one sign-in together, so that none is taken away alone."""
    running: Callable[[str], Running]
    """The client's processes of a folder, on a live machine; loaded only after a log-out."""
    empty_store: Callable[[Request, str, str], None]
    """Empties a store that is no file, of one home; raises what the store raises."""
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
    provider: Callable[[HostState], ModelProvider | None] = lambda _state: None
    """What answers the client; None where its configuration stops it, or it has no choice."""
