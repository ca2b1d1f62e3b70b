"""What the checks read beyond the state."""

from scribe.config import (
    HELPER_KEY,
    METHODS_KEY,
    ORGANISATIONS_KEY,
    STORE_KEY,
    parse,
    why_passed_over,
    words_of,
)
from scribe.places import MANAGED, ON_DISK, on_disk
from scribe.reading import loose_files, programs, running
from scribe.rules import rules_of
from tipstaff_policy.model.host_facts import (
    About,
    CarriedKey,
    HostFacts,
    LeftOver,
    LeftOvers,
    LogOut,
    Obstacle,
    Release,
    Removal,
    StatedRule,
    StoreUse,
)
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    HostState,
    Layer,
    NoCredential,
    Odd,
    Origin,
    ReadLayer,
    Setting,
)
from tipstaff_policy.organisation.client_keys import inline
from tipstaff_policy.system.files import read_bounded

ABOUT: dict[str, About] = {
    METHODS_KEY: "login method",
    ORGANISATIONS_KEY: "organisation",
    STORE_KEY: "store",
}


def observe(request: Request, state: HostState) -> HostFacts:
    """Return the evidence around the client."""
    live = request.system_root is None
    seen = HostFacts(
        loose_files=loose_files(request, state),
        removal=_removal(state),
        programs=programs(request),
        running=running(state.home) if live else None,
        carried=_carried(request),
        left_over=_left_over(state),
        release=Release(("2.0.0",)),
    )
    return follows(state, seen)


def follows(state: HostState, found: HostFacts) -> HostFacts:
    """Return facts with what follows from the state worked out again."""
    return found._replace(
        rules=_rules(state), store=_store(state), log_out=_log_out(state), config_server=None
    )


def _rules(state: HostState) -> tuple[StatedRule, ...]:
    ordered = sorted(state.layers, key=lambda layer: layer.rank, reverse=True)
    stated = [
        (layer, setting)
        for layer in ordered
        if isinstance(layer.content, ReadLayer)
        for setting in layer.content.settings
        if setting.key != HELPER_KEY
    ]
    first = {
        setting.key: layer
        for layer, setting in reversed(stated)
        if why_passed_over(layer, setting) is None
    }
    return tuple(_rule(layer, setting, first.get(setting.key)) for layer, setting in stated)


def _rule(layer: Layer, setting: Setting, strongest: Layer | None) -> StatedRule:
    is_store = setting.key == STORE_KEY
    heeded = why_passed_over(layer, setting) is None
    values = (setting.value,) if is_store else words_of(setting.value)
    return StatedRule(
        about=ABOUT[setting.key],
        key=setting.key,
        allows=tuple(value for value in values if not isinstance(value, Odd)),
        origin=setting.origin,
        held_by="administrators" if layer.administrators else "user",
        beatable=not layer.administrators,
        heeded=heeded,
        in_force=heeded and (not is_store or layer == strongest),
    )


def _store(state: HostState) -> StoreUse | None:
    if faulty(state.layers):
        return None
    rules = rules_of(state.layers)
    return StoreUse(rules.store, (rules.store_origin,) if rules.store_origin else ())


def _log_out(state: HostState) -> LogOut:
    faults = [layer.fault for layer in faulty(state.layers)]
    if faults:
        return LogOut(works=False, why=faults[0].what, places=(faults[0].where,))
    return LogOut(works=True, why="nothing stops it", places=())


def _removal(state: HostState) -> Removal:
    stored = [
        place
        for place in state.credentials
        if place.is_stored and not isinstance(place.content, NoCredential)
    ]
    linked = [place for place in stored if place.file and place.file.type == "link"]
    why = "it is a link, and the client removes the link alone"
    return Removal(
        tuple(place.source for place in stored),
        tuple(Obstacle(place.source, place.path, why) for place in linked),
    )


def _left_over(state: HostState) -> LeftOvers:
    in_use = {place.source for place in state.credentials}
    found = tuple(
        LeftOver(place.source, str(place.path), place.content)
        for place in state.everywhere()
        if place.source not in in_use and not isinstance(place.content, NoCredential)
    )
    return LeftOvers(found, ())


def _carried(request: Request) -> tuple[CarriedKey, ...]:
    path = MANAGED[request.platform]
    try:
        document = parse(read_bounded(on_disk(ON_DISK[request.platform], request), 1 << 22))
    except (OSError, ValueError):
        document = {}
    return tuple(
        _compared(key, document, path)
        for key in request.policy_inputs.carried
        if key.client == "scribe"
    )


def _compared(key, document, path) -> CarriedKey:
    found = document
    for name in key.path:
        if not isinstance(found, dict) or name not in found:
            return CarriedKey(key.name, "missing", None, key.origins)
        found = found[name]
    same = inline(found) == key.value.reveal()
    place = Origin("managed", path, None)
    return CarriedKey(key.name, "same" if same else "other", place, key.origins)
