"""Reading what compliance judges: the administrators' files and every place of a credential."""

from tipstaff_policy.clients.codex.compliance.administrators import (
    administrators_rules,
    list_required_stores,
    restricts,
)
from tipstaff_policy.clients.codex.config.layer_stack import read_layers
from tipstaff_policy.clients.codex.credentials.stored import keys_of
from tipstaff_policy.clients.codex.credentials.stored_credentials import (
    file_credential,
    read_unstored_credentials,
)
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import DOTENV
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import (
    NEWEST,
    NEWEST_BEHAVIOUR,
    behaviour_of,
    name_of,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Client,
    Credential,
    FaultyLayer,
    HostState,
    Layer,
    UnreadableCredential,
)


def read_state(request: Request) -> HostState:
    """Return everything that is judged on a host, free of secrets.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    asked, settled = request, settle(request)
    request, home = settled.request, settled.home
    own = not request.system_root and not request.options.unasked
    variables = read_unstored_credentials(settled, keys_of(request))
    state = HostState(
        client=_any_client(request),
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="own" if own else "not_seen",
        evaluated_at=request.now,
        layers=(),
        credentials=variables,
        faults=(*((home.fault,) if home.fault else ()), *settled.faults),
        defaults_bind=request.options.unasked,
        system_root=request.system_root,
        further_homes=settled.further,
    )
    if request.options.lean:
        state = state._replace(layers=read_layers(request, home.path, NEWEST_BEHAVIOUR))
    else:
        from tipstaff_policy.clients.codex.reading.decision_state import (  # noqa: PLC0415 - not in the guard
            with_what_the_decision_reads,
        )

        state = with_what_the_decision_reads(state, settled, asked)
        state = state._replace(administrators=_read_otherwise(state, request))
    layers = state.layers if state.administrators is None else state.administrators
    if request.options.every_place or _is_restricted(layers, request):
        state = state._replace(places=_every_place(request, state, variables))
    return state


def _read_otherwise(state: HostState, request: Request) -> tuple[Layer, ...] | None:
    """Return the administrators' layers by the newest version, where the client's differs in that.

    It decides how long an integer may be, and whether a pipe in place of a file stops it.
    """
    behaviour = behaviour_of(state.client.version) or NEWEST_BEHAVIOUR
    reading = (behaviour.requirement_integer_bits, behaviour.refuses_pipes)
    if reading == (NEWEST_BEHAVIOUR.requirement_integer_bits, NEWEST_BEHAVIOUR.refuses_pipes):
        return None
    found = read_layers(request.read_with(lean=True), state.home, NEWEST_BEHAVIOUR)
    own = {layer.name: layer.content for layer in state.layers if layer.administrators}
    same = all(_is_faulty(layer.content) == _is_faulty(own.get(layer.name)) for layer in found)
    return None if same else found


def _is_faulty(content: object) -> str | None:
    """Return what comes of a file that cannot be used."""
    return content.fault.effect if isinstance(content, FaultyLayer) else None


def _any_client(request: Request) -> Client:
    """Return the newest proven client, by whose reading every rule is meant."""
    return Client(
        name="codex",
        version=".".join(map(str, NEWEST)),
        version_source="assumed",
        path=None,
        proven=False,
        entry_point=request.entry_point,
        precedence=name_of(NEWEST_BEHAVIOUR),
        precedence_evidence=TABLES[request.platform].evidence,
    )


def _is_restricted(layers: tuple[Layer, ...], request: Request) -> bool:
    return restricts(
        administrators_rules(layers, request.platform, defaults_bind=request.options.unasked)
    )


def _every_place(
    request: Request, state: HostState, variables: tuple[Credential, ...]
) -> tuple[Credential, ...]:
    """Return the content of every store, in force or not, and of the environment.

    A keyring that the client would use as well may ask the person to unlock it; no other one does.
    """
    from tipstaff_policy.clients.codex.compliance.stores_not_asked import (  # noqa: PLC0415
        stores_not_asked,
    )

    unknown_fields = NEWEST_BEHAVIOUR.unknown_fields
    read_as = None if request.options.lean else behaviour_of(state.client.version)
    behaviour = read_as or NEWEST_BEHAVIOUR
    stored = tuple(
        credential
        for credential in state.credentials
        if credential.path is not None and credential.source != DOTENV
    )
    layers = state.layers if state.administrators is None else state.administrators
    bound = list_required_stores(layers, request.platform, defaults_bind=request.options.unasked)
    if request.system_root:
        # No image shows a keyring; that counts where the administrators make the client use one.
        stored = tuple(credential for credential in stored if credential.source in ("file", *bound))
    asked = stored if behaviour.unknown_fields == unknown_fields else ()
    if not any(place.source == "file" for place in asked):
        asked = (*asked, file_credential(request, state.home, unknown_fields).credential)
    others = stores_not_asked(request, state.home, asked, unknown_fields)
    if request.options.unasked:
        # Without the user's session no keyring shows either; the user has one all the same.
        others = tuple(_presume_held(other, bound) for other in others)
    return (*variables, *asked, *others)


def _presume_held(place: Credential, bound: tuple[str, ...]) -> Credential:
    content = place.content
    if place.source not in bound or not isinstance(content, UnreadableCredential):
        return place
    return place._replace(content=content._replace(present=True))
