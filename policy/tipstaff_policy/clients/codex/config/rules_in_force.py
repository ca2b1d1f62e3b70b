"""Which layers an entry point goes by, and the sign-in rules that they make for a version."""

from collections.abc import Sequence

from tipstaff_policy.clients.codex.config.sign_in_keys import FORCED_KEYS, Rules, read_rules
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, Behaviour, behaviour_of
from tipstaff_policy.model.layers import EffectivePolicy, faulty, merge
from tipstaff_policy.model.state import Client, Fault, FaultyLayer, Layer, Platform, ReadLayer


def layers_in_force(
    layers: tuple[Layer, ...], client: Client, platform: Platform
) -> tuple[Layer, ...]:
    """Return the layers that an entry point goes by.

    The app-server does not stop at a fault: it starts again without the personal files, and
    without requirements that it cannot read at all. Older ones keep fewer, or more.

    Source: tests/conformance/cases_entry_points.py (the versions in PROVEN).
    """
    if client.entry_point != "app-server" or not _has_fault(layers, platform, client.version):
        return layers
    behaviour = behaviour_of(client.version) or NEWEST_BEHAVIOUR
    if not behaviour.server_keeps_administrators:
        return tuple(layer for layer in layers if layer.name == "flags")
    return tuple(
        layer
        for layer in layers
        if layer.name not in ("user", "profile", "project")
        and not (behaviour.server_drops_requirements and _is_dropped(layer, client.version))
    )


def _is_dropped(layer: Layer, version: str) -> bool:
    """Return whether the app-server starts again without some requirements."""
    if layer.grammar != "requirements":
        return False
    return isinstance(layer.content, FaultyLayer) or _is_unreadable(layer, version)


def _is_unreadable(layer: Layer, version: str) -> bool:
    """Return whether requirements are as good as no document to a version."""
    if not has_shapes((layer,)):
        return False
    from tipstaff_policy.clients.codex.config.other_keys import (  # noqa: PLC0415 - costs start-up
        costs_the_document,
    )

    return costs_the_document(layer, version)


def _has_fault(layers: tuple[Layer, ...], platform: Platform, version: str) -> bool:
    """Return whether something certainly stops a plain start."""
    if any(layer.fault.effect == "unknown" for layer in faulty(layers)):
        return False
    rules = rules_of(layers, platform, version)
    return bool(faulty(layers)) or (isinstance(rules, Fault) and rules.effect == "refuse")


def rules_of(layers: Sequence[Layer], platform: Platform, version: str) -> Rules | Fault:
    """Return the sign-in rules that the layers of a host make, or what is wrong with them."""
    behaviour = behaviour_of(version) or NEWEST_BEHAVIOUR
    requirements = _drop_unknown_requirements(merge(layers, "requirements"), behaviour)
    encrypts = TABLES[platform].encrypts
    rules = read_rules(merge(layers, "config"), requirements, behaviour, encrypts=encrypts)
    if isinstance(rules, Fault) or not has_shapes(layers):
        return rules
    from tipstaff_policy.clients.codex.config.other_keys import (  # noqa: PLC0415 - costs start-up
        fault_of,
    )

    return fault_of(layers, version) or rules


def fault_at(entry_point: str, layers: Sequence[Layer], version: str) -> Fault | None:
    """Return what stops one entry point and not every one, or could."""
    if not has_shapes(layers):
        return None
    from tipstaff_policy.clients.codex.config.other_keys import (  # noqa: PLC0415 - costs start-up
        fault_of,
    )

    return fault_of(layers, version, entry_point)


def provider_without_login(layers: Sequence[Layer]) -> str | None:
    """Return the model provider in use where the client sends its login to another one only."""
    if not has_shapes(layers):
        return None
    from tipstaff_policy.clients.codex.config.key_relations import (  # noqa: PLC0415
        find_unsigned_provider,
    )

    return find_unsigned_provider(layers)


def has_shapes(layers: Sequence[Layer]) -> bool:
    """Return whether anything is known of keys that have nothing to do with signing in."""
    return any(isinstance(layer.content, ReadLayer) and layer.content.shapes for layer in layers)


def _drop_unknown_requirements(
    requirements: EffectivePolicy, behaviour: Behaviour
) -> EffectivePolicy:
    unknown = find_passed_over(behaviour)
    return EffectivePolicy(
        tuple(setting for setting in requirements.settings if setting.key not in unknown)
    )


def find_passed_over(behaviour: Behaviour) -> tuple[str, ...]:
    """Return the requirements that a version does not know, and passes over silently."""
    unknown: tuple[str, ...] = ()
    if not behaviour.hides:
        unknown += ("allowed_login_methods", "allowed_chatgpt_workspaces")
    if not behaviour.reads_required_store:
        unknown += ("cli_auth_credentials_store", "chatgpt_base_url")
    if not behaviour.reads_required_provider:
        unknown += ("model_provider", "model_providers")
    return unknown


def without_personal_rules(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers without the sign-in rules that the user or a project has set.

    Where credentials are stored is no rule: that stays as the client finds it.
    """
    return tuple(layer if layer.administrators else _without_rules(layer) for layer in layers)


def _without_rules(layer: Layer) -> Layer:
    if not isinstance(layer.content, ReadLayer):
        return layer
    kept = tuple(setting for setting in layer.content.settings if setting.key not in FORCED_KEYS)
    return layer._replace(content=layer.content._replace(settings=kept))
