"""Where each setting comes from, what it beat, and what stands somewhere without effect."""

from collections.abc import Mapping
from typing import NamedTuple

from tipstaff_policy.clients.model import KeyText
from tipstaff_policy.layers import EffectiveSetting, faulty, merge
from tipstaff_policy.values import (
    Decision,
    FaultyLayer,
    HostState,
    IgnoredLayer,
    Layer,
    Origin,
    ReadLayer,
    Value,
)


class Ineffective(NamedTuple):
    """Something that was written and does nothing."""

    key: str
    value: Value | None
    """None where only the name is known."""
    origin: Origin
    reason: str
    likely: str
    """What to do for it to have effect."""


class Explanation(NamedTuple):
    """Why a key has its value."""

    key: str
    setting: EffectiveSetting | None
    text: KeyText
    changed_by: str
    """Who could change it, and where."""
    ineffective: tuple[Ineffective, ...]


class Why(NamedTuple):
    """The verdict for the person in front of the machine."""

    verdict: str
    sentence: str
    to_do: str
    ask: str


def ineffective_settings(state: HostState) -> tuple[Ineffective, ...]:
    """Return what has no effect on a host: misplaced files, misspelt keys, untrusted projects."""
    found = []
    for layer in state.layers:
        content = layer.content
        if isinstance(content, IgnoredLayer):
            settings = [each for each in content.settings if "." not in each.key]
            found += [
                Ineffective(each.key, each.value, each.origin, content.reason, content.likely)
                for each in settings
            ]
            if not settings:
                origin = Origin(layer.name, layer.path, None)
                found.append(Ineffective("", None, origin, content.reason, content.likely))
        if isinstance(content, ReadLayer):
            found += [
                Ineffective(each.key, None, each.origin, each.reason, f"meant is {each.likely}")
                for each in content.strays
            ]
    return tuple(found)


def explain_key(state: HostState, key: str, text: KeyText) -> Explanation:
    """Return why a key has its value, and who could change it."""
    setting = merge(state.layers).get(key)
    ineffective = tuple(
        each
        for each in ineffective_settings(state)
        if each.key.rpartition(".")[2] == key or f"`{key}`" in each.likely
    )
    return Explanation(key, setting, text, _changed_by(state, setting, text), ineffective)


def _changed_by(state: HostState, setting: EffectiveSetting | None, text: KeyText) -> str:
    if setting is None:
        return f"whoever writes it into {text.belongs}"
    layer = _layer_of(state, setting.origin)
    if layer is None or not layer.administrators:
        return f"the user, in {setting.origin}; an administrators' file beats it"
    stronger = any(
        each.rank > layer.rank and not each.administrators and each.grammar == layer.grammar
        for each in state.layers
    )
    if stronger:
        return f"the administrators, in {setting.origin}; and the user, whose own files beat it"
    return f"only the administrators, in {setting.origin}; no file of the user's beats it"


def _layer_of(state: HostState, origin: Origin) -> Layer | None:
    return next(
        (each for each in state.layers if (each.name, each.path) == (origin.layer, origin.path)),
        None,
    )


def why(state: HostState, decision: Decision, commands: Mapping[str, str]) -> Why:
    """Return the verdict in a sentence, what to do about it, and whom to ask.

    Args:
        commands: What to type to sign in, by login method.
    """
    return Why(
        decision.verdict,
        decision.reason,
        _to_do(state, decision, commands),
        _whom_to_ask(state, decision),
    )


def _to_do(state: HostState, decision: Decision, commands: Mapping[str, str]) -> str:
    if decision.verdict == "allow":
        return "nothing; start the client"
    if decision.verdict == "unknown":
        return "nothing was judged; `tipstaff audit` says what is missing"
    if decision.verdict == "refuse":
        return _to_mend(state, decision)
    sign_in = " or ".join(f"`{commands[each]}`" for each in decision.methods if each in commands)
    into = f" to workspace {' or '.join(decision.workspaces)}" if decision.workspaces else ""
    variables = [each.source for each in decision.violations if each.source.isupper()]
    first = f"unset {variables[0]}, then " if variables else ""
    return f"{first}sign in{into} by {sign_in}"


def _to_mend(state: HostState, decision: Decision) -> str:
    if decision.blocked_by:
        places = " and ".join(str(each) for each in decision.blocked_by)
        return f"have {places} changed, so that one login method is left"
    fault = next(iter(faulty(state.layers)), None)
    return fault.fault.remedy if fault else "put right what is named above"


def _whom_to_ask(state: HostState, decision: Decision) -> str:
    origins = [*decision.blocked_by, *(o for v in decision.violations for o in v.origins)]
    broken = [
        Origin(each.name, each.path, None)
        for each in state.layers
        if isinstance(each.content, FaultyLayer)
    ]
    origin = next(iter(origins or broken), None)
    if origin is None:
        return ""
    layer = _layer_of(state, origin)
    if layer and layer.administrators:
        return f"the administrators of this machine, who keep {origin.path}"
    return f"nobody: {origin} is your own to change"
