"""Merging layers into the effective policy, each value with its provenance."""

from collections.abc import Iterable

from tipstaff_policy.model.state import (
    FaultyLayer,
    Grammar,
    Layer,
    Origin,
    ReadLayer,
    Setting,
    Value,
)
from tipstaff_policy.record import Record


class EffectiveSetting(Record):
    """The value in force for a key, and the values that it beat, strongest first."""

    key: str
    value: Value
    origin: Origin
    overridden: tuple[Setting, ...]


class PassedOver(Record):
    """A setting of a file that the client reads, which has no effect in its version."""

    setting: Setting
    reason: str
    likely: str
    """What to do for it to have effect."""


class EffectivePolicy(Record):
    """One setting a key, in the order of the keys."""

    settings: tuple[EffectiveSetting, ...]
    firm: tuple[str, ...] = ()
    """The keys whose setting no file, profile or flag of a user's could beat."""
    passed_over: tuple[PassedOver, ...] = ()

    def get(self, key: str) -> EffectiveSetting | None:
        """Return the setting in force for a key, or None."""
        return next((setting for setting in self.settings if setting.key == key), None)


def merge(layers: Iterable[Layer], grammar: Grammar | None = None) -> EffectivePolicy:
    """Return for each key the value of the highest layer, whole, and what it beat.

    What a client really uses, its adapter says (`Adapter.effective`): a version may pass over a
    layer or a key.

    Args:
        layers: In any order; ranks are unique, 0 is the weakest.
        grammar: Take only layers of this kind of document.
    Source: tests/conformance/cases_rules.py (client 0.169.0).
    """
    standing: dict[str, list[Setting]] = {}
    for layer in sorted(layers, key=lambda layer: layer.rank, reverse=True):
        if grammar in (None, layer.grammar) and isinstance(layer.content, ReadLayer):
            for setting in layer.content.settings:
                standing.setdefault(setting.key, []).append(setting)
    return EffectivePolicy(
        tuple(
            EffectiveSetting(key, winner.value, winner.origin, tuple(beaten))
            for key, (winner, *beaten) in sorted(standing.items())
        )
    )


def faulty(layers: Iterable[Layer]) -> tuple[FaultyLayer, ...]:
    """Return what cannot be used among the layers, strongest first."""
    ordered = sorted(layers, key=lambda layer: layer.rank, reverse=True)
    return tuple(
        faulty_layer.content
        for faulty_layer in ordered
        if isinstance(faulty_layer.content, FaultyLayer)
    )
