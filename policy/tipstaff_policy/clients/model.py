"""What an adapter gives to the engine, and what it is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.record import Record
from tipstaff_policy.toml_text import Reader
from tipstaff_policy.values import (
    Client,
    Decision,
    EntryPoint,
    Fault,
    HostState,
    Identity,
    Judged,
    Platform,
)

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.custody import Custody
    from tipstaff_policy.deployment import Deployment
    from tipstaff_policy.login.model import SignIn
    from tipstaff_policy.organisation.client_keys import ClientKey
    from tipstaff_policy.organisation.model import FleetKey
    from tipstaff_policy.revocation import Issuer
    from tipstaff_policy.surroundings import ModelProvider, Program, Running, Surroundings

ASIDE = ".tipstaff-aside"
"""What the name of a credential file ends in while it is judged without the client's lock."""
Detail = Literal["none", "lines", "all"]
"""How much beyond what the decision reads: nothing; where it stands; keys and files without effect
and digests too."""


def this_platform() -> Platform:
    """Return the platform that this program runs on."""
    names: dict[str, Platform] = {"darwin": "macos", "win32": "windows"}
    return names.get(sys.platform, "linux")


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


class Request(Record):
    """Which state is to be judged. Everything that would otherwise be asked of the machine."""

    env: Mapping[str, str]
    cwd: str
    """The folder in which the client is started; a relative name of its folder counts from it."""
    now: int
    """Seconds since 1970."""
    client_version: str | None = None
    system_root: str | None = None
    """A tree that stands for ``/``; the environment's credentials are then not seen."""
    client_home: str | None = None
    overrides: tuple[str, ...] = ()
    """``key=value`` as given to the client by ``-c``."""
    entry_point: EntryPoint = "exec"
    profile: str | None = None
    ignore_user_config: bool = False
    program: str | None = None
    """The client's program, where a command names it: a path, or a name as PATH finds it."""
    client: Client | None = None
    """The installation to judge, where it was found before."""
    detail: Detail = "none"
    """What is wanted beyond what the decision reads; it costs start-up time."""
    every_place: bool = False
    """Whether every place of a credential is looked into, though no rule restricts sign-in."""
    hands_over: bool = False
    """Whether a fuller program acts where this one does not see the whole."""
    lean: bool = False
    """Whether only what compliance reads is wanted: no personal file, and no installation."""
    aside: bool = False
    """Whether the credential file was renamed aside, to be judged without the client's lock."""
    newer_toml: Reader | None = None
    platform: Platform = "linux"
    trusted_keys: tuple[str, ...] | None = None
    """Public keys (JWK, as JSON) that have to have signed a token; None asks for no signature."""
    fleet_key: FleetKey | None = None
    """What keys the fingerprints of credentials; None asks for none."""
    homes: tuple[str, ...] = ()
    """Further folders with users' homes, where a search for credentials looks too."""
    carried: tuple[ClientKey, ...] = ()
    """Keys of the client's files that a policy carries, to be compared with what is deployed."""
    unasked: bool = False
    """Whether no person asks, as in a root run and in `watch`: this process's variables are not a
    person's, and without a session bus nobody knows what a keyring holds."""
    personal_rules: bool = True
    """Whether rules that stand in personal layers count; where nobody asks for a removal they do
    not."""
    unlocks: bool = True
    """Whether a locked keyring may ask the person to unlock it."""
    process_cwd: str | None = None
    """The working folder of the client's process, from which its environment is understood; None
    where that is ``cwd``, which an option of the client may move."""

    remote: str | None = None
    """The address of the client that does the work, where this one only asks it to."""
    asks: bool = False
    """Whether the client's service may be asked whose a credential is that only it can tell."""

    @property
    def started_in(self) -> str:
        """Return the working folder of the client's process."""
        return self.cwd if self.process_cwd is None else self.process_cwd


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


class Invocation(Record):
    """What a command line of the client says about the state that it will run on."""

    entry_point: EntryPoint
    overrides: tuple[str, ...] = ()
    """As they take effect: what stands later wins."""
    profile: str | None = None
    cwd: str | None = None
    """The folder that the client is told to work in; its own files are searched without it."""
    ignore_user_config: bool = False
    remote: str | None = None
    """The address of the client that does the work, by its own login."""


def as_invoked(request: Request, invocation: Invocation, program: str) -> Request:
    """Return the request that a command line of the client amounts to, in its folder.

    Source: tests/conformance/test_folders.py for the folder of the process.
    """
    cwd = os.path.join(request.cwd, invocation.cwd) if invocation.cwd else request.cwd
    return request._replace(
        entry_point=invocation.entry_point,
        overrides=(*request.overrides, *invocation.overrides),
        profile=invocation.profile,
        cwd=cwd,
        process_cwd=request.started_in,
        remote=invocation.remote,
        ignore_user_config=invocation.ignore_user_config,
        program=program,
    )


def every_invocation(
    adapter: Adapter, request: Request, command: tuple[str, ...]
) -> tuple[Request, ...]:
    """Return what a command may amount to: one request a reading, the likeliest first.

    A command that is not the client's changes nothing.
    """
    readings = adapter.read_invocation(command)
    if readings is None:
        return (request,)
    return tuple(as_invoked(request, each, command[0]) for each in readings)


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
    observe: Callable[[Request, HostState], Surroundings]
    """Gathers the evidence that checks read beyond the state; writes nothing."""
    follows: Callable[[HostState, Surroundings], Surroundings]
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
    custody: Callable[[], Custody]
    """Loads what the commands about stored logins ask for."""
    deployment: Callable[[], Deployment]
    """Loads how a policy is written as files of the client."""
    provider: Callable[[HostState], ModelProvider | None] = lambda _state: None
    """What answers the client; None where its configuration stops it, or it has no choice."""
