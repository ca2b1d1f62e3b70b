"""A host's state as it would be once other administrators' files lay there.

Values to values: a place that was not read, because the present settings do not need it, is
unknown afterwards, never absent.

Source: tests/policy/assessment/test_simulation.py, against the same files laid into real trees.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from tipstaff_policy.clients.codex.compliance.administrators import list_required_stores
from tipstaff_policy.clients.codex.config.device_management import (
    CONFIG,
    DOMAIN,
    FORCED,
    REQUIREMENTS,
)
from tipstaff_policy.clients.codex.config.documents import read_layer_bytes
from tipstaff_policy.clients.codex.config.layer_stack import rank
from tipstaff_policy.clients.codex.config.rules_in_force import layers_in_force, rules_of
from tipstaff_policy.clients.codex.config.sign_in_keys import Rules
from tipstaff_policy.clients.codex.credentials.keyring import IN_IMAGE
from tipstaff_policy.clients.codex.locations import Source
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, Behaviour, behaviour_of
from tipstaff_policy.clients.interface.deployment import ClientFile, Way
from tipstaff_policy.model.state import (
    Client,
    Credential,
    Fault,
    Grammar,
    HostState,
    IgnoredLayer,
    Layer,
    Platform,
    ReadLayer,
    UnreadableCredential,
)

GRAMMAR: Mapping[str, Grammar] = {"requirements": "requirements", "managed_config": "config"}
LAYERS: Mapping[str, str] = {"requirements": "requirements", "managed_config": "managed"}
DEVICE: Mapping[str, str] = {"requirements": "device_requirements", "managed_config": "device"}
KEYS: Mapping[str, str] = {"requirements": REQUIREMENTS, "managed_config": CONFIG}
UNSEEN = "was not looked into, because the present settings do not use it"


def deploy(state: HostState, files: Sequence[ClientFile], way: Way) -> HostState:
    """Return a state with files instead of the administrators' present ones.

    Args:
        way: By `profile` macOS gets them from device management, in place of all that it sets now.
    """
    behaviour = behaviour_of(state.client.version) or NEWEST_BEHAVIOUR
    layers = state.layers
    if way == "profile" and TABLES[state.platform].device and files:
        layers = tuple(layer for layer in layers if not _has(layer, DEVICE.values()))
    for file in files:
        source = _source(file.name, state.platform, way)
        if source is not None:
            layers = _with(layers, _layer_of(source, file.text, behaviour), LAYERS[file.name])
    gone = (layer for layer in state.layers if layer not in layers)
    faults = tuple(fault for fault in map(_trust_unknown, gone) if fault)
    return _look_into(
        state._replace(layers=rank(layers), administrators=None, faults=(*state.faults, *faults))
    )


@lru_cache(maxsize=64)
def _layer_of(source: Source, text: str, behaviour: Behaviour) -> Layer:
    """Return the layer of a shipped file; read once, although every host of a fleet gets it."""
    found = read_layer_bytes(
        source, text.encode(), newer_toml=None, detail="all", behaviour=behaviour
    )
    return found.layer


def _source(name: str, platform: Platform, way: Way) -> Source | None:
    """Return where a file goes; None where the platform has no place that a user cannot write."""
    table = TABLES[platform]
    if way == "profile" and table.device:
        path = f"{FORCED}/{DOMAIN}.plist {KEYS[name]}"
        return Source(DEVICE[name], path, administrators=True, grammar=GRAMMAR[name])
    if name == "managed_config" and table.managed_in_home:
        return None
    path = f"{table.system}/{name}.toml"
    return Source(LAYERS[name], path, administrators=True, grammar=GRAMMAR[name])


def _has(layer: Layer, names: Collection[str]) -> bool:
    """Return whether a layer is of one of some names, and is one that the client reads."""
    return layer.name in names and not isinstance(layer.content, IgnoredLayer)


def _with(layers: tuple[Layer, ...], found: Layer, weaker: str) -> tuple[Layer, ...]:
    """Put a layer in the place of its like, or above the file that is weaker."""
    like = [n for n, layer in enumerate(layers) if _has(layer, (found.name,))]
    nearby = 1 + max(n for n, layer in enumerate(layers) if _has(layer, (weaker,)))
    start, end = (like[0], like[0] + 1) if like else (nearby, nearby)
    return (*layers[:start], found, *layers[end:])


def _trust_unknown(layer: Layer) -> Fault | None:
    """Return that other projects' files could count, where what goes away spoke of trust."""
    content = layer.content
    if not isinstance(content, ReadLayer) or layer.grammar != "config":
        return None
    if not any(setting.key == "projects" for setting in content.settings):
        return None
    return Fault(
        "says which projects are trusted, and would be replaced; what their files say then counts "
        "or not, and Tipstaff has not read it",
        layer.path,
        "unknown",
        "trust in projects that stands elsewhere",
        f"move [projects] from {layer.path} to another file, and collect the reports again",
    )


def _look_into(state: HostState) -> HostState:
    readings = (
        reading._replace(credentials=_with_unseen(state, reading.version, reading.credentials))
        for reading in state.readings
    )
    own = _with_unseen(state, state.client.version, state.credentials)
    return state._replace(
        credentials=own, readings=tuple(readings), places=_with_unseen_places(state)
    )


def _with_unseen_places(state: HostState) -> tuple[Credential, ...]:
    """Add to the places what the administrators' files bring into force: a login may be there.

    A keyring that no image shows counts only as long as they bring it into force.
    """
    bound = list_required_stores(state.layers, state.platform, defaults_bind=state.defaults_bind)
    places = tuple(
        credential
        for credential in state.everywhere()
        if credential.source in bound or not _is_of_image(credential)
    )
    known = {place.source for place in places}
    unseen = UnreadableCredential(UNSEEN, "unknown")
    added = (
        Credential(store, f"the {store} store", unseen) for store in bound if store not in known
    )
    return (*places, *added)


def _is_of_image(credential: Credential) -> bool:
    content = credential.content
    return isinstance(content, UnreadableCredential) and content.reason == IN_IMAGE


def _with_unseen(
    state: HostState, version: str, credentials: tuple[Credential, ...]
) -> tuple[Credential, ...]:
    """Add the stores that come into force and were not read."""
    client: Client = state.client._replace(version=version)
    in_force = layers_in_force(state.layers, client, state.platform)
    rules = rules_of(in_force, state.platform, version)
    if not isinstance(rules, Rules) or rules.store not in ("keyring", "auto"):
        return credentials
    wanted = ("encrypted", "keyring") if rules.encrypted else ("keyring",)
    present = {credential.source for credential in credentials}
    seen = {place.source: place for place in state.places or ()}
    unseen = UnreadableCredential(UNSEEN, "unknown", present=False)
    added = [
        seen.get(source) or Credential(source, f"the {source} store", unseen)
        for source in wanted
        if source not in present
    ]
    variables = [credential for credential in credentials if credential.path is None]
    return (
        *variables,
        *added,
        *(credential for credential in credentials if credential.path is not None),
    )
