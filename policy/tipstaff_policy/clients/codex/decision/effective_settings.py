"""The sign-in settings that a version of the client uses on a state: the one merge (ADR 0052).

Values to values: nothing here looks at the machine.
"""

from collections.abc import Sequence

from tipstaff_policy.clients.codex.config.rules_in_force import find_passed_over
from tipstaff_policy.clients.codex.decision.decision import layers_judged
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting, PassedOver, merge
from tipstaff_policy.model.state import Client, HostState, IgnoredLayer, Layer, ReadLayer, Setting

UNRELATED = ("features", "profiles", "projects")
"""Tables that the decision looks at and that say nothing about signing in."""
KNOWN_SINCE = {
    "allowed_login_methods": "0.147.0",
    "allowed_chatgpt_workspaces": "0.147.0",
    "cli_auth_credentials_store": "0.150.0",
    "chatgpt_base_url": "0.150.0",
    "model_provider": "0.160.0",
    "model_providers": "0.160.0",
}
"""Since which version a requirement is one that the client knows."""


def settings_in_force(state: HostState) -> EffectivePolicy:
    """Return the sign-in settings that the client uses on a state, and what it ignores.

    Source: tests/conformance/cases_rules.py (the versions in PROVEN).
    """
    unknown = find_passed_over(behaviour_of(state.client.version) or NEWEST_BEHAVIOUR)
    layers = layers_judged(state)
    merged = merge(_without(layer, unknown) for layer in layers)
    settings = tuple(setting for setting in merged.settings if _is_of_sign_in(setting.key))
    firm = tuple(setting.key for setting in settings if _is_firm(setting, layers))
    ignored = tuple(
        _pass_over(setting, state.client)
        for layer in layers
        for setting in _settings_of(layer)
        if layer.grammar == "requirements" and setting.key in unknown
    )
    return EffectivePolicy(settings, firm, ignored)


def is_beatable(layer: Layer, layers: Sequence[Layer]) -> bool:
    """Return whether a user can write the layer, or one that is stronger.

    Requirements are of another grammar than every file of a user's, so that nothing beats them.
    """
    return not layer.administrators or any(
        not other_layer.administrators
        and other_layer.grammar == layer.grammar
        and other_layer.rank > layer.rank
        and not isinstance(other_layer.content, IgnoredLayer)
        for other_layer in layers
    )


def _without(layer: Layer, unknown: tuple[str, ...]) -> Layer:
    if layer.grammar != "requirements" or not isinstance(layer.content, ReadLayer):
        return layer
    known = tuple(setting for setting in _settings_of(layer) if setting.key not in unknown)
    return layer._replace(content=layer.content._replace(settings=known))


def _settings_of(layer: Layer) -> tuple[Setting, ...]:
    return layer.content.settings if isinstance(layer.content, ReadLayer) else ()


def _is_of_sign_in(key: str) -> bool:
    return key.partition(".")[0] not in UNRELATED


def _is_firm(setting: EffectiveSetting, layers: Sequence[Layer]) -> bool:
    """Return whether no file, profile or flag of a user's can beat a setting."""
    origin = setting.origin
    return any(
        (layer.name, layer.path) == (origin.layer, origin.path) and not is_beatable(layer, layers)
        for layer in layers
    )


def _pass_over(setting: Setting, client: Client) -> PassedOver:
    known = KNOWN_SINCE[setting.key]
    return PassedOver(
        setting,
        f"client version {client.version} ignores this requirement",
        f"update the client: this requirement works since {known}",
    )
