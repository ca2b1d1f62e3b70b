"""What a start of the client runs with: its provider, its active credential, what else is there.

Source: docs/clients/claude.md, "Which credential is active" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.effective import Variables, drop_refused
from tipstaff_policy.clients.claude.config.keys import (
    BASE_URL,
    HOST_MANAGED,
    ON,
    OTHER_ADDRESS,
    PROFILE,
    PROJECT_VARIABLES,
    SET,
    SIMPLE,
    UNIX_SOCKET,
)
from tipstaff_policy.clients.claude.config.personal import OF_PROJECT, SETTINGS_OPTION
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import MANAGED, OF_MACHINE
from tipstaff_policy.clients.claude.credentials.members import NO_TEXT, TEXT_KIND
from tipstaff_policy.clients.claude.decision.blanks import as_taken, is_blank
from tipstaff_policy.clients.claude.methods import PROVIDERS, Role, role_of
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.state import (
    Credential,
    HeldCredential,
    HostState,
    Layer,
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
LATE = (*MANAGED, *OF_PROJECT)
"""The layers whose variables the client sets only after it has asked for a policy."""
PLANS = ("team", "enterprise")
"""The plans of organisations, by which the service has a policy."""
Found = tuple[int, Role, Credential]
"""A credential with its place in the client's order."""
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
    """Whether a key in custom headers goes along with whatever is sent, blanks too."""
    has_sign_in: bool
    """Whether a claude.ai login is there that the session reads, active or not."""
    host_managed: bool
    unix_socket: bool
    bare: bool
    other_address: bool
    """Whether requests go to another address than the service's own."""
    pinned_address: bool
    """Whether the administrators of the machine set that address."""
    has_console: bool
    """Whether a Console key is stored that the session reads, active or not."""
    unscoped: Credential | None
    """A stored login that is not for the client, and so signed out."""
    has_profile: bool
    """Whether a profile would be active but for a Console key."""
    heeds_server: bool
    """Whether the policy counts that the service sent before."""
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
    def is_unsent(self) -> bool:
        """Return whether the active key is one of blanks, for which the client sends nothing."""
        is_key = self.role == "key" and self.credential is not None and is_blank(self.credential)
        return is_key and not self.provider and not self.has_headers

    @property
    def is_sign_in(self) -> bool:
        """Return whether the active credential is a claude.ai sign-in, by its scopes too."""
        content = self.content
        return self.role in SIGN_INS and content is not None and content.kind != TEXT_KIND

    @property
    def source(self) -> str | None:
        """Return where the session signs in from."""
        if self.provider:
            return self.switch
        return self.credential.source if self.credential else None


def session_of(
    state: HostState,
    behaviour: Behaviour,
    *,
    pins_organisation: bool = False,
    key_approved: bool = True,
) -> Session:
    """Return what a start runs with.

    Args:
        pins_organisation: Whether the administrators of the machine name organisations.
        key_approved: Whether the person approved the key of the environment, which an interactive
            session asks for once.
    """
    allowed = (*PROJECT_VARIABLES, *behaviour.projects_also_set)
    layers = drop_refused(state.layers, behaviour)
    variables = Variables(layers, of_projects=allowed)
    host_managed = variables.get(HOST_MANAGED) == ON
    if host_managed:
        variables = Variables(layers, ignores_settings=True)
    found = _find_credentials(state, behaviour, variables, key_approved=key_approved)
    is_own = not _switch(variables) and not _is_elsewhere_early(layers)
    late = frozenset(layer.path for layer in layers if layer.name in LATE)
    own = [candidate for candidate in found if not _is_of_server(candidate[2], state)]
    early = own if behaviour.checks_server else found
    heeds_server = is_own and asks_for_policy(
        early, behaviour, pins_organisation=pins_organisation, late=late
    )
    if not heeds_server:
        found = own
    elif behaviour.server_alone and behaviour.server_sets_variables and not host_managed:
        variables = Variables(layers, with_server=True, of_projects=allowed)
    switch = _switch(variables)
    bare = variables.get(SIMPLE) == ON
    hidden = bare or (host_managed and behaviour.host_hides_logins)
    keys = [] if hidden else list(filter(_is_key_of_any_kind, state.credentials))
    usable = found
    if variables.get(PROFILE) != SET and any(map(_is_idle, keys)):
        usable = [candidate for candidate in found if candidate[1] != "profile"]
    return _session(
        usable,
        Session(
            provider=PROVIDERS.get(switch, ""),
            switch=switch,
            credential=None,
            role=None,
            has_headers=any(role == "headers" for _, role, _ in found)
            or any(role_of(credential) == "headers" for credential in state.credentials),
            host_managed=host_managed,
            unix_socket=variables.get(UNIX_SOCKET) == SET,
            bare=bare,
            has_sign_in=any(
                role in SIGN_INS and isinstance(credential.content, HeldCredential)
                for _, role, credential in found
            ),
            other_address=variables.get(BASE_URL) == OTHER_ADDRESS,
            has_console=bool(keys),
            unscoped=next(filter(_is_unscoped, state.credentials), None),
            has_profile=_has_profile(found),
            heeds_server=heeds_server,
            pinned_address=_is_pinned(variables.origin(BASE_URL)),
        ),
    )


def _is_idle(key: Credential) -> bool:
    """Return whether a Console key signs in nothing; it still keeps a profile from doing so."""
    return isinstance(key.content, UnreadableCredential)


def _is_pinned(origin: Origin | None) -> bool:
    names = tuple(name for source in OF_MACHINE for name in source)
    return origin is not None and origin.layer in names


def _is_elsewhere_early(layers: tuple[Layer, ...]) -> bool:
    """Return whether requests go elsewhere already before a project's files are read."""
    allowed = tuple(name for name in PROJECT_VARIABLES if name != BASE_URL)
    return Variables(layers, of_projects=allowed).get(BASE_URL) == OTHER_ADDRESS


def _switch(variables: Variables) -> str:
    return next((name for name in PROVIDERS if variables.get(name) == ON), "")


def _find_credentials(
    state: HostState, behaviour: Behaviour, variables: Variables, *, key_approved: bool
) -> list[Found]:
    """Return the credentials that a start looks at, in the client's order."""
    bare = variables.get(SIMPLE) == ON
    hidden = variables.get(HOST_MANAGED) == ON and behaviour.host_hides_logins
    profile_first = variables.get(PROFILE) == SET
    found: list[Found] = []
    for stored in state.credentials:
        known_role, credential = as_taken(stored, behaviour)
        role = known_role or BY_STORE.get(credential.source)
        if role is None or role == "provider" or not _is_there(credential):
            continue
        if role == "profile" and behaviour.profiles == "unknown":
            continue
        if _is_read(role, credential, bare=bare, host_managed=hidden) and (
            role != "key" or key_approved
        ):
            found.append((_place(role, profile_first=profile_first), role, credential))
    found.sort(key=lambda candidate: candidate[0])
    if any(role == "profile" for _, role, _ in found):
        # Before such a profile a Console key counts, which it would not before the login.
        found = [candidate for candidate in found if not _yields(candidate, behaviour)]
    return found


def _yields(found: Found, behaviour: Behaviour) -> bool:
    """Return whether a login yields to a profile: of earlier clients each, else by its scopes."""
    _, role, credential = found
    if role != "login":
        return False
    content = credential.content
    is_text = isinstance(content, HeldCredential) and content.kind == TEXT_KIND
    return is_text or behaviour.profiles == "first"


def asks_for_policy(
    found: list[Found],
    behaviour: Behaviour,
    *,
    pins_organisation: bool,
    late: frozenset[str],
) -> bool:
    """Return whether the client asks the service for a policy, and so heeds one that it kept.

    It does with a key, a profile, a token, and a login of an organisation's plan or of none that is
    known; with another login only where the machine names organisations.

    Args:
        late: The files whose variables the client does not see yet when it asks.
    """
    held = {
        role: credential.content
        for _, role, credential in reversed(found)
        if isinstance(credential.content, HeldCredential)
    }
    login = held.get("login")
    if _has_early_key(found, late):
        return True
    if login and behaviour.asks_by_plan_alone:
        return login.plan in PLANS
    if login and (pins_organisation or login.plan in (None, *PLANS)):
        return True
    first = next((role for _, role, _ in found if role in held and role != "helper"), None)
    return first == "profile"


def _has_early_key(found: list[Found], late: frozenset[str]) -> bool:
    """Return whether a key or token is there before late files are read.

    A helper hides a stored key.
    """
    early = {
        role
        for _, role, credential in found
        if isinstance(credential.content, HeldCredential) and credential.path not in late
    }
    has_helper = any(role == "helper" for _, role, _ in found)
    return bool(early & {"key", "token"}) or ("console" in early and not has_helper)


def _has_profile(found: list[Found]) -> bool:
    """Return whether a profile comes first among what is stored, Console keys left out."""
    others = ("headers", "gateway", "console")
    held = [
        role
        for _, role, credential in found
        if role not in others and isinstance(credential.content, HeldCredential)
    ]
    return held[:1] == ["profile"]


def _is_key_of_any_kind(credential: Credential) -> bool:
    """Return whether a Console key is stored, be it a value that the client does not send."""
    content = credential.content
    if isinstance(content, UnreadableCredential):
        return content.reason == NO_TEXT
    return isinstance(content, HeldCredential) and role_of(credential) == "console"


def _is_unscoped(credential: Credential) -> bool:
    content = credential.content
    return (
        role_of(credential) == "login"
        and isinstance(content, HeldCredential)
        and not content.usable
    )


def _is_of_server(credential: Credential, state: HostState) -> bool:
    """Return whether only the policy that the service sent names a credential."""
    if role_of(credential) != "helper":
        return False
    return any(layer.name == SERVER and layer.path == credential.path for layer in state.layers)


def _session(found: list[Found], session: Session) -> Session:
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
    return not (host_managed and role in (*STORED, "helper"))


def _place(role: Role, *, profile_first: bool) -> int:
    if role == "profile" and profile_first:
        return ORDER.index("login") * 2 - 1
    return ORDER.index(role) * 2
