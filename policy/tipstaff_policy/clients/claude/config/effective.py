"""The settings that the client really uses: which source stands, and what its files state together.

Source: docs/clients/claude.md, "Layers" and "The decision at start-up" (client 2.1.332).
"""

from collections.abc import Iterable

from tipstaff_policy.clients.claude.config.device_management import DEVICE
from tipstaff_policy.clients.claude.config.keys import (
    ENV,
    GATEWAY_URL,
    HELPER,
    METHOD,
    OF_ENVIRONMENT_ALONE,
    OFF,
    ORGANISATIONS,
    PINS,
    PROJECT_VARIABLES,
    RULES,
    as_counted,
    env_key,
    why_idle,
)
from tipstaff_policy.clients.claude.config.managed_files import DROP_IN
from tipstaff_policy.clients.claude.config.merge import (
    Document,
    document_of,
    merge_documents,
)
from tipstaff_policy.clients.claude.config.personal import ENVIRONMENT, OF_PROJECT
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import (
    MANAGED,
    OF_MACHINE,
    SOURCES,
    is_present,
    merges_all,
    present_sources,
    standing_layers,
    standing_source,
)
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting, PassedOver
from tipstaff_policy.model.state import Layer, Origin, ReadLayer, Setting

BELOW_SERVER = tuple(source for source in SOURCES if source != (SERVER,))


def heeded(layers: tuple[Layer, ...], behaviour: Behaviour) -> tuple[Layer, ...]:
    """Return the layers that a version reads, the weakest first."""
    unread = {
        DEVICE: not behaviour.reads_device,
        DROP_IN: not behaviour.reads_drop_ins,
    }
    ordered = sorted(layers, key=lambda layer: layer.rank)
    return tuple(layer for layer in ordered if not unread.get(layer.name))


def settings_of(layer: Layer) -> tuple[Setting, ...]:
    """Return what a layer states; nothing of one that was not read."""
    return layer.content.settings if isinstance(layer.content, ReadLayer) else ()


def merged(layers: Iterable[Layer]) -> Document:
    """Return what the layers of one source state together, the weakest first."""
    document: Document = {}
    for layer in layers:
        counted = filter(None, map(as_counted, settings_of(layer)))
        document = merge_documents(document, document_of(counted))
    return document


def machine_document(layers: tuple[Layer, ...], behaviour: Behaviour) -> Document:
    """Return what the administrators of the machine state, and nothing that a user can write."""
    read = tuple(layer for layer in heeded(layers, behaviour) if layer.administrators)
    return merged(present_sources(read) if merges_all(read) else standing_source(read, OF_MACHINE))


def managed_documents(layers: tuple[Layer, ...], behaviour: Behaviour) -> tuple[Document, ...]:
    """Return what the managed sources can amount to, the likeliest first.

    It is one document where the order of the sources is known to settle it.
    """
    read = heeded(layers, behaviour)
    below = merged(standing_source(read, BELOW_SERVER))
    if merges_all(read):
        return merged(present_sources(read)), below
    server = next((layer for layer in read if layer.name == SERVER and is_present(layer)), None)
    if server is None:
        return (below,)
    machine = merged(standing_source(read, OF_MACHINE))
    sent = _without_idle(merged([server]))
    pins = {key: machine[key] for key in PINS if key in machine} or _own_pins(sent)
    rest = {key: stated for key, stated in sent.items() if key not in PINS}
    kept = {key: stated for key, stated in machine.items() if key not in PINS}
    return {**rest, **pins}, {**kept, **pins}


def _without_idle(document: Document) -> Document:
    """Return a server's policy without a gateway, by which it did not stop a login."""
    stated = document.get(METHOD)
    idle = (GATEWAY_URL, *((METHOD,) if stated and stated.value == "gateway" else ()))
    return {key: value for key, value in document.items() if key not in idle}


def _own_pins(document: Document) -> Document:
    return {key: document[key] for key in (METHOD, ORGANISATIONS) if key in document}


class Variables:
    """The variables that the client ends up with, each with where it is set."""

    def __init__(self, layers: tuple[Layer, ...], *, ignores_settings: bool = False) -> None:
        self.states: dict[str, tuple[str, Origin]] = {}
        for layer in sorted(standing_layers(layers), key=lambda layer: layer.rank):
            if ignores_settings and layer.name != ENVIRONMENT:
                continue
            for setting in settings_of(layer):
                name = setting.key.removeprefix(f"{ENV}.")
                if name != setting.key and _may_set(layer.name, name):
                    self.states[name] = (str(setting.value), setting.origin)

    def get(self, name: str) -> str:
        """Return the state of a variable; off where nothing sets it."""
        return self.states.get(name, (OFF, None))[0]

    def origin(self, name: str) -> Origin | None:
        """Return where a variable is set."""
        return self.states[name][1] if name in self.states else None


def _may_set(layer: str, variable: str) -> bool:
    if variable in OF_ENVIRONMENT_ALONE:
        return layer == ENVIRONMENT
    return layer not in OF_PROJECT or variable in PROJECT_VARIABLES


def effective_policy(layers: tuple[Layer, ...], behaviour: Behaviour) -> EffectivePolicy:
    """Return the sign-in settings in force, and what has no effect with the reason."""
    documents = managed_documents(layers, behaviour)
    rules = {key: stated for key, stated in documents[0].items() if key in RULES}
    in_force = {
        key: EffectiveSetting(key, stated.value, stated.origins[0], stated.beaten)
        for key, stated in rules.items()
        if why_idle(key, stated.value) is None and _is_heeded(key, behaviour)
    }
    own = {layer.name for layer in layers if layer.administrators}
    firm = tuple(key for key, setting in sorted(in_force.items()) if setting.origin.layer in own)
    used = {origin for stated in rules.values() for origin in stated.origins}
    passed = tuple(_passed_over(layers, behaviour, in_force, used))
    others = _others(layers)
    return EffectivePolicy(
        tuple(setting for _, setting in sorted({**others, **in_force}.items())), firm, passed
    )


def _others(layers: tuple[Layer, ...]) -> dict[str, EffectiveSetting]:
    """Return the helper program and the variables of settings that are in force."""
    found: dict[str, list[Setting]] = {}
    for layer in sorted(standing_layers(layers), key=lambda layer: layer.rank, reverse=True):
        for setting in settings_of(layer):
            variable = setting.key.removeprefix(f"{ENV}.")
            is_variable = variable != setting.key
            if setting.key == HELPER or (is_variable and _may_set(layer.name, variable)):
                found.setdefault(setting.key, []).append(setting)
    return {
        key: EffectiveSetting(key, first.value, first.origin, tuple(rest))
        for key, (first, *rest) in found.items()
        if first.origin.layer != ENVIRONMENT
    }


def _is_heeded(key: str, behaviour: Behaviour) -> bool:
    return not why_not_heeded(key, behaviour)


def why_not_heeded(key: str, behaviour: Behaviour) -> str:
    """Return since when the client heeds a key, where its version does not; else nothing."""
    since = {
        "enforceAnthropicSignIn": ("2.1.330", behaviour.enforces_sign_in),
        GATEWAY_URL: ("2.1.212", behaviour.reads_gateway_url),
        ORGANISATIONS: ("2.1.84", behaviour.enforces_organisation),
        METHOD: ("2.1.146", behaviour.refuses_keys),
        "forceRemoteSettingsRefresh": ("2.1.92", behaviour.wants_fresh_policy),
    }.get(key)
    return "" if since is None or since[1] else since[0]


def _passed_over(
    layers: tuple[Layer, ...],
    behaviour: Behaviour,
    in_force: dict[str, EffectiveSetting],
    used: set[Origin],
) -> Iterable[PassedOver]:
    beaten = {setting.origin for rule in in_force.values() for setting in rule.overridden}
    read = heeded(layers, behaviour)
    for layer in sorted(layers, key=lambda layer: layer.rank, reverse=True):
        for setting in settings_of(layer):
            why = _why(setting, layer, behaviour, is_read=layer in read)
            if setting.key in RULES and why:
                yield PassedOver(setting, *why)
            elif setting.key in RULES and setting.origin not in (*used, *beaten):
                reason = "a stronger managed source stands, so that this one is not read"
                yield PassedOver(setting, reason, "state the rule in that source")


def _why(
    setting: Setting, layer: Layer, behaviour: Behaviour, *, is_read: bool
) -> tuple[str, str] | None:
    if layer.name not in MANAGED:
        reason = "a rule in a person's own settings restricts nothing at start-up"
        return reason, "state it in the administrators' managed-settings.json"
    if not is_read:
        return "this version of the client does not read such a source", "update the client"
    if since := why_not_heeded(setting.key, behaviour):
        return f"the client enforces it since {since} only", "update the client"
    return why_idle(setting.key, setting.value)


def variable_setting(name: str, state: str) -> Setting:
    """Return what the environment layer of a state holds of a variable."""
    return Setting(env_key(name), state, Origin(ENVIRONMENT, name, None))
