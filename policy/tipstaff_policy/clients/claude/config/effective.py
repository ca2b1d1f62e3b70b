"""The settings that the client really uses: which source stands, and what its files state together.

Source: docs/clients/claude.md, "Layers" and "The decision at start-up" (client 2.1.332).
"""

from collections.abc import Iterable

from tipstaff_policy.clients.claude.config.device_management import DEVICE
from tipstaff_policy.clients.claude.config.documents import ONLY_OTHER_KINDS, OTHER_KIND
from tipstaff_policy.clients.claude.config.given_policy import GIVEN
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    ENV,
    FRESH_POLICY,
    GATEWAY_URL,
    HELPER,
    METHOD,
    OF_ENVIRONMENT_ALONE,
    OFF,
    ORGANISATIONS,
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
    intersect,
    merge_documents,
)
from tipstaff_policy.clients.claude.config.personal import ENVIRONMENT, OF_PROJECT
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import (
    BELOW_SERVER,
    MANAGED,
    OF_MACHINE,
    find_standing_source,
    is_present,
    list_standing_layers,
    merges_all,
    present_sources,
)
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting, PassedOver
from tipstaff_policy.model.state import Layer, Origin, ReadLayer, Setting


def list_heeded(layers: tuple[Layer, ...], behaviour: Behaviour) -> tuple[Layer, ...]:
    """Return the layers that a version reads, the weakest first."""
    return tuple(
        layer for layer in list_examined(layers, behaviour) if not is_refused(layer, behaviour)
    )


def list_examined(layers: tuple[Layer, ...], behaviour: Behaviour) -> tuple[Layer, ...]:
    """Return the layers that a version looks at, also one that it takes for none."""
    unread = {
        DEVICE: not behaviour.reads_device,
        DROP_IN: not behaviour.reads_drop_ins,
        GIVEN: not behaviour.reads_given,
    }
    ordered = sorted(layers, key=lambda layer: layer.rank)
    return tuple(layer for layer in ordered if not unread.get(layer.name))


def drop_refused(layers: tuple[Layer, ...], behaviour: Behaviour) -> tuple[Layer, ...]:
    """Return the layers but for those that a version takes for none."""
    return tuple(layer for layer in layers if not is_refused(layer, behaviour))


def is_refused(layer: Layer, behaviour: Behaviour) -> bool:
    """Return whether a version takes a file for none because of one value in it."""
    content = layer.content
    if not isinstance(content, ReadLayer):
        return False
    if layer.name == SERVER and not behaviour.checks_server:
        return False
    if behaviour.takes_other_kinds:
        if layer.name not in MANAGED:
            return False
        is_lost = any(shape.type == ONLY_OTHER_KINDS for shape in content.shapes)
        return is_lost and "kind" in behaviour.stops_alone
    unknown = () if behaviour.wants_fresh_policy else ((FRESH_POLICY,),)
    lists = (setting.value for setting in content.settings if setting.key == ORGANISATIONS)
    if not behaviour.takes_lists and any(not isinstance(item, str) for item in lists):
        return True
    return any(shape.type == OTHER_KIND and shape.path not in unknown for shape in content.shapes)


def settings_of(layer: Layer) -> tuple[Setting, ...]:
    """Return what a layer states; nothing of one that was not read."""
    return layer.content.settings if isinstance(layer.content, ReadLayer) else ()


def merge_layers(layers: Iterable[Layer]) -> Document:
    """Return what the layers of one source state together, the weakest first."""
    document: Document = {}
    for layer in layers:
        counted = filter(None, map(as_counted, settings_of(layer)))
        document = merge_documents(document, document_of(counted))
    return document


def machine_document(layers: tuple[Layer, ...], behaviour: Behaviour) -> Document:
    """Return what the administrators of the machine state, and nothing that a user can write."""
    read = tuple(layer for layer in list_heeded(layers, behaviour) if layer.administrators)
    return merge_layers(
        present_sources(read) if merges_all(read) else find_standing_source(read, OF_MACHINE)
    )


def merge_managed(
    layers: tuple[Layer, ...], behaviour: Behaviour, *, heeds_server: bool = True
) -> Document:
    """Return what the managed sources amount to.

    Args:
        heeds_server: Whether the policy counts that the service sent before.
    """
    read = list_heeded(layers, behaviour)
    own = tuple(layer for layer in read if layer.name != SERVER)
    merges = merges_all(own)
    below = merge_layers(
        present_sources(own) if merges else find_standing_source(own, BELOW_SERVER)
    )
    sent = next((layer for layer in read if layer.name == SERVER and is_present(layer)), None)
    if sent is None or not heeds_server:
        return below
    if behaviour.server_alone:
        return merge_layers([sent])
    machine = below if merges else merge_layers(find_standing_source(own, OF_MACHINE))
    return {**machine, **_of_server(merge_layers([sent]), machine)}


def _of_server(sent: Document, below: Document) -> Document:
    """Return what a policy of the service adds to the machine's: pins that the machine lacks.

    Its rule of the sign-in and its gateway are not heeded; of two lists of providers only what both
    name is allowed.
    """
    added = {key: sent[key] for key in (METHOD, ORGANISATIONS, FRESH_POLICY) if key in sent}
    added = {key: stated for key, stated in added.items() if key not in below}
    both = sent.get(ALLOWED_PROVIDERS), below.get(ALLOWED_PROVIDERS)
    if both[0] and both[1]:
        added[ALLOWED_PROVIDERS] = intersect(both[1], both[0])
    elif both[0]:
        added[ALLOWED_PROVIDERS] = both[0]
    return added


class Variables:
    """The variables that the client ends up with, each with where it is set."""

    def __init__(
        self,
        layers: tuple[Layer, ...],
        *,
        ignores_settings: bool = False,
        with_server: bool = False,
        of_projects: tuple[str, ...] = PROJECT_VARIABLES,
    ) -> None:
        self.states: dict[str, tuple[str, Origin]] = {}
        standing = list_standing_layers(layers, with_server=with_server)
        for layer in sorted(standing, key=lambda candidate: candidate.rank):
            if ignores_settings and layer.name != ENVIRONMENT:
                continue
            for setting in settings_of(layer):
                name = setting.key.removeprefix(f"{ENV}.")
                if name != setting.key and _may_set(layer.name, name, of_projects):
                    self.states[name] = (str(setting.value), setting.origin)

    def get(self, name: str) -> str:
        """Return the state of a variable; off where nothing sets it."""
        return self.states.get(name, (OFF, None))[0]

    def origin(self, name: str) -> Origin | None:
        """Return where a variable is set."""
        return self.states[name][1] if name in self.states else None


def _may_set(layer: str, variable: str, of_projects: tuple[str, ...] = PROJECT_VARIABLES) -> bool:
    if variable in OF_ENVIRONMENT_ALONE:
        return layer == ENVIRONMENT
    return layer not in OF_PROJECT or variable in of_projects


def effective_policy(layers: tuple[Layer, ...], behaviour: Behaviour) -> EffectivePolicy:
    """Return the sign-in settings in force, and what has no effect with the reason."""
    document = merge_managed(layers, behaviour)
    rules = {key: stated for key, stated in document.items() if key in RULES}
    in_force = {
        key: EffectiveSetting(key, stated.value, stated.origins[0], stated.beaten)
        for key, stated in rules.items()
        if why_idle(key, stated.value) is None and _is_heeded(key, behaviour)
    }
    own = {layer.name for layer in layers if layer.administrators}
    firm = tuple(key for key, setting in sorted(in_force.items()) if setting.origin.layer in own)
    used = {origin for stated in rules.values() for origin in stated.origins}
    passed = tuple(_find_passed_over(layers, behaviour, in_force, used))
    others = _others(layers)
    return EffectivePolicy(
        tuple(setting for _, setting in sorted({**others, **in_force}.items())), firm, passed
    )


def _others(layers: tuple[Layer, ...]) -> dict[str, EffectiveSetting]:
    """Return the helper program and the variables of settings that are in force."""
    found: dict[str, list[Setting]] = {}
    for layer in sorted(list_standing_layers(layers), key=lambda layer: layer.rank, reverse=True):
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
        GATEWAY_URL: ("2.1.330", behaviour.knows_gateway),
        ALLOWED_PROVIDERS: ("2.1.330", behaviour.reads_providers),
        ORGANISATIONS: ("2.1.84", behaviour.enforces_organisation),
        METHOD: ("2.1.146", behaviour.refuses_keys),
        "forceRemoteSettingsRefresh": ("2.1.92", behaviour.wants_fresh_policy),
    }.get(key)
    return "" if since is None or since[1] else since[0]


def _find_passed_over(
    layers: tuple[Layer, ...],
    behaviour: Behaviour,
    in_force: dict[str, EffectiveSetting],
    used: set[Origin],
) -> Iterable[PassedOver]:
    beaten = {setting.origin for rule in in_force.values() for setting in rule.overridden}
    read = list_heeded(layers, behaviour)
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
