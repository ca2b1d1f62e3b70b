"""Which state is to be judged, and what a command line says about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from tipstaff_policy.model.state import Client, EntryPoint, Platform
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.model.client_key import ClientKey
    from tipstaff_policy.model.secret import FleetKey

Detail = Literal["none", "lines", "all"]
"""How much beyond what the decision reads: nothing; where it stands; keys and files without effect
and digests too."""


class Invocation(Record):
    """What a command line of the client says about the state that it will run on."""

    entry_point: EntryPoint
    overrides: tuple[str, ...] = ()
    """As they take effect: what stands later wins."""
    profile: str | None = None
    cwd: str | None = None
    """The folder that the client is set to work in; its own files are searched without it."""
    ignore_user_config: bool = False
    remote: str | None = None
    """The address of the client that does the work, by its own login."""


Document = dict[str, Any]

Reader = Callable[[str], Document]


class ReadOptions(Record):
    """How deep a host is read, by what means, and on whose behalf; never what is there."""

    detail: Detail = "none"
    """What is wanted beyond what the decision reads; it costs start-up time."""
    lean: bool = False
    """Whether only what compliance reads is wanted: no personal file, and no installation."""
    every_place: bool = False
    """Whether every place of a credential is looked into, though no rule restricts sign-in."""
    aside: bool = False
    """Whether the credential file was renamed aside, to be judged without the client's lock."""
    newer_toml: Reader | None = None
    hands_over: bool = False
    """Whether a fuller program acts where this one does not see the whole."""
    asks: bool = False
    """Whether the client's service may be asked for identities that only it knows."""
    unlocks: bool = True
    """Whether a locked keyring may ask the person to unlock it."""
    unasked: bool = False
    """Whether no user asks, as in a root run and in `watch`: this process's variables are not a
    user's, and without a session bus the content of a keyring is unknown."""
    personal_rules: bool = True
    """Whether rules in personal layers count; without a user's request for a removal they do
    not."""


class PolicyInputs(Record):
    """What the organisation's policy gives to a reading; a host without a policy has none."""

    trusted_keys: tuple[str, ...] | None = None
    """Public keys (JWK, as JSON) that have to have signed a token; None asks for no signature."""
    fleet_key: FleetKey | None = None
    """What keys the fingerprints of credentials; None asks for none."""
    homes: tuple[str, ...] = ()
    """Further folders with users' homes, where a search for credentials looks too."""
    carried: tuple[ClientKey, ...] = ()
    """Keys of the client's files that a policy carries, to be compared with what is deployed."""


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
    platform: Platform = "linux"
    process_cwd: str | None = None
    """The working folder of the client's process, from which its environment is understood; None
    where that is ``cwd``, which an option of the client may move."""
    remote: str | None = None
    """The address of the client that does the work, where this one only asks it to."""
    options: ReadOptions = ReadOptions()
    policy_inputs: PolicyInputs = PolicyInputs()

    @property
    def started_in(self) -> str:
        """Return the working folder of the client's process."""
        return self.cwd if self.process_cwd is None else self.process_cwd

    def read_with(self, **options: Any) -> Request:
        """Return the request to read the same state with other options, named as in `ReadOptions`.

        Raises:
            TypeError: There is no such option.
        """
        return self._replace(options=self.options._replace(**options))

    def with_inputs(self, **inputs: Any) -> Request:
        """Return the request with what a policy gives, named as in `PolicyInputs`.

        Raises:
            TypeError: There is no such input.
        """
        return self._replace(policy_inputs=self.policy_inputs._replace(**inputs))


def this_platform() -> Platform:
    """Return the platform that this program runs on."""
    names: dict[str, Platform] = {"darwin": "macos", "win32": "windows"}
    return names.get(sys.platform, "linux")


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
