"""What a start of the client runs with: its provider, its active credential, what lies beside.

Source: docs/clients/claude.md, "Which credential is active" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.effective import Variables
from tipstaff_policy.clients.claude.config.keys import (
    BASE_URL,
    HOST_MANAGED,
    ON,
    OTHER_ADDRESS,
    PROFILE,
    SET,
    SIMPLE,
    UNIX_SOCKET,
)
from tipstaff_policy.clients.claude.config.personal import SETTINGS_OPTION
from tipstaff_policy.clients.claude.config.sources import OF_MACHINE
from tipstaff_policy.clients.claude.methods import PROVIDERS, Role, role_of
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    Origin,
    UnreadableCredential,
)
from tipstaff_policy.record import Record

ORDER: tuple[Role, ...] = (
    "bearer", "helper", "key", "token", "login", "console", "profile", "gateway", "headers",
)  # fmt: skip
"""The credentials of the client's own service, the first one found is active."""
SIGN_INS: tuple[Role, ...] = ("login", "token")
"""What `enforceAnthropicSignIn` takes for a sign-in."""
STORED: tuple[Role, ...] = ("login", "console", "profile", "gateway")
BY_STORE: dict[str, Role] = {
    "credentials": "login",
    "config": "console",
    "legacy-config": "console",
}
"""What a store would hold that could not be read."""


class Session(Record):
    """A start of the client."""

    provider: str
    """The cloud provider in use; empty for Anthropic's own service."""
    switch: str
    """The variable that chose it."""
    credential: Credential | None
    """The active one of the client's own service, also where a provider is in use."""
    role: Role | None
    has_headers: bool
    """Whether a key in custom headers goes along with whatever is sent."""
    has_sign_in: bool
    """Whether a claude.ai login is there that the session reads, active or not."""
    host_managed: bool
    unix_socket: bool
    bare: bool
    other_address: bool
    """Whether requests go to another address than the service's own."""
    pinned_address: bool
    """Whether the administrators of the machine set that address."""
    unread: tuple[str, ...] = ()
    """Sources before the active one that the client cannot read either."""
    unclear: Credential | None = None
    """The first source before the active one that only Tipstaff cannot read."""

    @property
    def content(self) -> HeldCredential | None:
        """Return the active credential without its place."""
        held = self.credential.content if self.credential else None
        return held if isinstance(held, HeldCredential) else None

    @property
    def source(self) -> str | None:
        """Return where the session signs in from."""
        if self.provider:
            return self.switch
        return self.credential.source if self.credential else None


def session_of(state: HostState, *, key_approved: bool = True) -> Session:
    """Return what a start runs with.

    Args:
        key_approved: Whether the person approved the key of the environment, which an interactive
            session asks for once.
    """
    variables = Variables(state.layers)
    switch = next((name for name in PROVIDERS if variables.get(name) == ON), "")
    host_managed = variables.get(HOST_MANAGED) == ON
    bare = variables.get(SIMPLE) == ON
    profile_first = variables.get(PROFILE) == SET
    found: list[tuple[int, Role, Credential]] = []
    for credential in state.credentials:
        role = role_of(credential) or BY_STORE.get(credential.source)
        if role is None or role == "provider" or not _is_there(credential):
            continue
        if _is_read(role, credential, bare=bare, host_managed=host_managed) and (
            role != "key" or key_approved
        ):
            found.append((_place(role, profile_first=profile_first), role, credential))
    found.sort(key=lambda candidate: candidate[0])
    return _session(
        found,
        Session(
            provider=PROVIDERS.get(switch, ""),
            switch=switch,
            credential=None,
            role=None,
            has_headers=any(role == "headers" for _, role, _ in found),
            host_managed=host_managed,
            unix_socket=variables.get(UNIX_SOCKET) == SET,
            bare=bare,
            has_sign_in=any(
                role in SIGN_INS and isinstance(credential.content, HeldCredential)
                for _, role, credential in found
            ),
            other_address=variables.get(BASE_URL) == OTHER_ADDRESS,
            pinned_address=_is_pinned(variables.origin(BASE_URL)),
        ),
    )


def _is_pinned(origin: Origin | None) -> bool:
    names = tuple(name for source in OF_MACHINE for name in source)
    return origin is not None and origin.layer in names


def _session(found: list[tuple[int, Role, Credential]], session: Session) -> Session:
    unread: list[str] = []
    unclear: Credential | None = None
    for _, role, credential in found:
        if isinstance(credential.content, HeldCredential):
            session = session._replace(credential=credential, role=role)
            break
        if isinstance(credential.content, UnreadableCredential):
            if credential.content.effect == "unknown":
                unclear = unclear or credential
            else:
                unread.append(credential.source)
    return session._replace(unread=tuple(unread), unclear=unclear)


def _is_there(credential: Credential) -> bool:
    content = credential.content
    if isinstance(content, HeldCredential):
        return content.usable
    return isinstance(content, UnreadableCredential) and (content.present or content.unseen)


def _is_read(role: Role, credential: Credential, *, bare: bool, host_managed: bool) -> bool:
    """Return whether a start looks there at all."""
    if bare and role == "helper":
        return credential.path == SETTINGS_OPTION
    if bare:
        return role in ("bearer", "key", "headers")
    return not (host_managed and role in STORED)


def _place(role: Role, *, profile_first: bool) -> int:
    if role == "profile" and profile_first:
        return ORDER.index("login") * 2 - 1
    return ORDER.index(role) * 2
