"""Where each setting comes from, what it beat, and what stands somewhere without effect."""

from collections.abc import Mapping

from tipstaff_policy.assessment.remedies import to_settle
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.advice import KeyText
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.layers import EffectivePolicy, EffectiveSetting, faulty
from tipstaff_policy.model.state import (
    OWNERS,
    Attribute,
    Decision,
    FaultyLayer,
    HostState,
    IgnoredLayer,
    Layer,
    Ordered,
    Origin,
    ReadLayer,
    SignIn,
    Value,
)
from tipstaff_policy.model.wording import add_names
from tipstaff_policy.record import Record


class Ineffective(Record):
    """Something that was written and does nothing."""

    key: str
    value: Value | None
    """None where only the name is known."""
    origin: Origin
    reason: str
    likely: str
    """What to do for it to have effect."""


class Explanation(Record):
    """Why a key has its value."""

    key: str
    setting: EffectiveSetting | None
    text: KeyText
    changed_by: str
    """Who could change it, and where."""
    ineffective: tuple[Ineffective, ...]


class Why(Record):
    """The verdict for the person in front of the machine."""

    verdict: str
    sentence: str
    to_do: str
    ask: str


def ineffective_settings(adapter: Adapter, state: HostState) -> tuple[Ineffective, ...]:
    """Return what has no effect on a host.

    Keys that the client's version passes over, misplaced files, misspelt keys, untrusted projects.
    """
    found = [
        Ineffective(passed.setting.key, passed.setting.value, passed.setting.origin, *passed[1:])
        for passed in adapter.effective(state).passed_over
    ]
    for layer in state.layers:
        content = layer.content
        if isinstance(content, IgnoredLayer):
            settings = [setting for setting in content.settings if "." not in setting.key]
            found += [
                Ineffective(
                    setting.key, setting.value, setting.origin, content.reason, content.likely
                )
                for setting in settings
            ]
            if not settings:
                origin = Origin(layer.name, layer.path, None)
                found.append(Ineffective("", None, origin, content.reason, content.likely))
        if isinstance(content, ReadLayer):
            found += [
                Ineffective(stray.key, None, stray.origin, stray.reason, f"meant is {stray.likely}")
                for stray in content.strays
            ]
    return tuple(found)


def explain_key(adapter: Adapter, state: HostState, key: str) -> Explanation:
    """Return why a key has its value, and who could change it."""
    text, effective = adapter.key_advice()[key], adapter.effective(state)
    ineffective = tuple(
        setting
        for setting in ineffective_settings(adapter, state)
        if setting.key.rpartition(".")[2] == key or f"`{key}`" in setting.likely
    )
    files = text.belongs.partition(";")[0]
    changed_by = _name_changers(state, effective, key) or f"a user who can write {files}"
    return Explanation(key, effective.get(key), text, changed_by, ineffective)


def _name_changers(state: HostState, effective: EffectivePolicy, key: str) -> str:
    """Return who could change a setting in force; empty where the key has none."""
    setting = effective.get(key)
    if setting is None:
        return ""
    layer = _layer_of(state, setting.origin)
    if layer is None or not layer.administrators:
        return f"the user, in {setting.origin}; an administrators' file beats it"
    if key not in effective.firm:
        return f"the administrators, in {setting.origin}; and the user, whose own files beat it"
    return f"only the administrators, in {setting.origin}; no file of the user's beats it"


def _layer_of(state: HostState, origin: Origin) -> Layer | None:
    return next(
        (
            layer
            for layer in state.layers
            if (layer.name, layer.path) == (origin.layer, origin.path)
        ),
        None,
    )


def why(
    state: HostState, sign_in: SignIn, decision: Decision, commands: Mapping[str, str], contact: str
) -> Why:
    """Return the verdict in a sentence, what to do about it, and whom to ask.

    What breaks the administrators' rules comes first; else it is what the client does.

    Args:
        commands: What to type to sign in, by login method.
        contact: Whom the organisation's policy names; empty where it names no one.
    """
    ask = contact or _whom_to_ask(state, sign_in, decision)
    to_sign_in = _how_to_sign_in(state, decision, commands)
    if sign_in.faults:
        remedy = sign_in.faults[0].remedy or "fix what is named above"
        ask = ask or "the administrators of this machine"
        return Why(sign_in.verdict, sign_in.reason, f"have the administrators {remedy}", ask)
    if sign_in.verdict == "violates":
        first = _to_take_away(state, sign_in.variables)
        sentence = f"{sign_in.reason} {_what_follows(sign_in)}"
        return Why(sign_in.verdict, sentence, f"{first}{to_sign_in}", ask)
    if sign_in.verdict == "cannot_tell":
        to_do = to_settle(state, sign_in, to_sign_in) or to_sign_in
        ask = ask or "the administrators of this machine"
        return Why(sign_in.verdict, f"{sign_in.reason} Nothing is removed.", to_do, ask)
    if decision.verdict == "not_logged_in" and (rules := _rules(state)):
        sentence = f"{decision.reason} {_rules_in_words(rules, sign_in)}"
        return Why(decision.verdict, sentence, to_sign_in, ask or _keepers(rules))
    return Why(decision.verdict, decision.reason, _to_do(state, decision, to_sign_in), ask)


def _what_follows(sign_in: SignIn) -> str:
    if sign_in.mode != "enforce":
        return "It is not removed yet."
    return "Tipstaff removes it." if sign_in.removes else "Nothing can remove it from outside."


def _rules(state: HostState) -> dict[str, list[Origin]]:
    """Return what the administrators' rules allow, in words, and where each stands."""
    adapter = load_client(state.client.name)
    titles = {method.name: method.title for method in adapter.methods}
    stated = adapter.follows(state, HostFacts()).rules or ()
    found: dict[str, list[Origin]] = {}
    for rule in reversed(stated):  # the weakest first, as the client reads them
        if rule.held_by == "administrators" and rule.about != "store" and rule.allows is not None:
            words = _name_allowed(rule.about, rule.allows, titles, state)
            found.setdefault(words, []).append(rule.origin)
    ordered = state.ordered or Ordered()
    stated_by_policy: tuple[tuple[Attribute, tuple[str, ...] | None], ...] = (
        ("login_method", ordered.login_methods),
        *((owner, ordered.list_allowed(owner)) for owner in OWNERS),
    )
    for attribute, values in stated_by_policy:
        if values is not None:
            words = _name_allowed(attribute, values, titles, state)
            found.setdefault(words, []).extend(ordered.places(attribute))
    return found


def _name_allowed(
    about: str, values: tuple[str, ...], titles: Mapping[str, str], state: HostState
) -> str:
    if about in OWNERS:
        return f"{about} {' or '.join(add_names(values, state.names())) or 'none'}"
    return " or ".join(titles.get(value, value) for value in values) or "no login"


def _rules_in_words(rules: Mapping[str, list[Origin]], sign_in: SignIn) -> str:
    """Return what is allowed here by file and line, and what becomes of another login."""
    lines = (f"{words} ({' and '.join(map(str, places))})" for words, places in rules.items())
    then = "removed" if sign_in.mode == "enforce" else "reported, and not removed yet"
    return f"Allowed here: {'; '.join(lines)}. Any other login is {then}."


def _how_to_sign_in(state: HostState, decision: Decision, commands: Mapping[str, str]) -> str:
    ordered = state.ordered
    allowed = ordered.login_methods if ordered else None
    methods = [method for method in decision.methods or commands if method in commands]
    left = [method for method in methods if allowed is None or method in allowed]
    sign_in = " or ".join(f"`{commands[method]}`" for method in left)
    into = ""
    for owner in OWNERS:
        if values := decision.list_allowed(owner) or (
            ordered.list_allowed(owner) if ordered else None
        ):
            into = f" to {owner} {' or '.join(add_names(values, state.names()))}"
    return f"sign in{into} by {sign_in}" if sign_in else "ask which login is allowed"


def _to_do(state: HostState, decision: Decision, to_sign_in: str) -> str:
    if decision.verdict == "allow":
        return "nothing; start the client"
    if decision.verdict == "unknown":
        return "start the client; what it will do is not known here"
    refused = decision.verdict == "block" and not decision.violations
    if decision.verdict == "refuse" or refused:
        return _to_correct(state, decision)
    sources = tuple(violation.source for violation in decision.violations)
    return f"{_to_take_away(state, sources)}{to_sign_in}"


def _to_take_away(state: HostState, sources: tuple[str, ...]) -> str:
    """Return what to do first about credentials outside of any store; empty if there are none."""
    for place in (*state.everywhere(), *state.credentials):
        if place.source in sources and place.place == "variable":
            return f"unset {place.source}, then "
        if place.source in sources and not place.is_stored:
            from tipstaff_policy.assessment.remedies import to_take_out  # noqa: PLC0415 - rare

            return f"{to_take_out(place)}, then "
    return ""


def _keepers(rules: Mapping[str, list[Origin]]) -> str:
    """Return who can say more of the rules here, where no policy names a contact."""
    files = dict.fromkeys(place.path for places in rules.values() for place in places)
    return f"the administrators of this machine, who keep {' and '.join(files)}" if files else ""


def _to_correct(state: HostState, decision: Decision) -> str:
    if decision.blocked_by:
        places = " and ".join(str(origin) for origin in decision.blocked_by)
        return f"have {places} changed, so that one login method is left"
    fault = next(iter(faulty(state.layers)), None)
    return fault.fault.remedy if fault else "fix what is named above"


def _whom_to_ask(state: HostState, sign_in: SignIn, decision: Decision) -> str:
    origins = [
        *decision.blocked_by,
        *(o for v in (*sign_in.violations, *decision.violations) for o in v.origins),
    ]
    faults = [
        Origin(entry.name, entry.path, None)
        for entry in state.layers
        if isinstance(entry.content, FaultyLayer)
    ]
    origin = next(iter(origins or faults), None)
    return "" if origin is None else name_keeper(state, origin)


def name_keeper(state: HostState, origin: Origin) -> str:
    """Return who can change a rule, or say more of it."""
    layer = _layer_of(state, origin)
    if layer is None or layer.administrators:
        return f"the administrators of this machine, who keep {origin.path}"
    return f"no one: {origin} is yours to change"
