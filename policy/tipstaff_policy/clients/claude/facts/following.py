"""What of the surroundings follows from the state alone, so that a report can be held to it.

Values to values: nothing here looks at the machine.
"""

from collections.abc import Iterator
from typing import Literal

from tipstaff_policy.clients.claude.compliance import BY_PROVIDER
from tipstaff_policy.clients.claude.config.device_management import DEVICE
from tipstaff_policy.clients.claude.config.effective import settings_of
from tipstaff_policy.clients.claude.config.keys import (
    ALLOWED_PROVIDERS,
    GATEWAY_URL,
    METHOD,
    ORGANISATIONS,
    SIGN_IN,
    is_boolean,
)
from tipstaff_policy.clients.claude.config.personal import FLAGS, OF_PROJECT
from tipstaff_policy.clients.claude.decision.in_force import settings_in_force
from tipstaff_policy.clients.claude.facts.weak_rules import find_widened, gaps_of
from tipstaff_policy.clients.claude.methods import CLOUDS
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.model.host_facts import (
    About,
    DeviceValue,
    HostFacts,
    LogOut,
    StatedRule,
    StoreUse,
)
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.state import HostState, Layer, Odd, Setting, Value

ABOUT: dict[str, About] = {
    METHOD: "login method",
    ORGANISATIONS: "organisation",
    GATEWAY_URL: "login method",
    SIGN_IN: "login method",
    ALLOWED_PROVIDERS: "login method",
}
FILE_STORE, KEYCHAIN = "credentials", "keychain"


def derive_facts(state: HostState, found: HostFacts) -> HostFacts:
    """Return surroundings in which all that follows from the state is worked out again."""
    has_device = TABLES[state.platform].device == "preferences"
    return found._replace(
        rules=tuple(_rules(state)),
        store=StoreUse(KEYCHAIN if state.platform == "macos" else FILE_STORE, ()),
        device_values=tuple(_device_values(state)) if has_device else None,
        log_out=_log_out(state),
        gaps=gaps_of(state),
        widened=find_widened(state),
        config_server=None,
    )


def in_use(state: HostState) -> set[tuple[str, str | None]]:
    """Return the places that the client, started as it is judged, looks into."""
    return {(place.source, place.path) for place in state.credentials}


def _rules(state: HostState) -> Iterator[StatedRule]:
    """Yield each rule of each layer, the strongest first."""
    policy = settings_in_force(state)
    passed = {
        (passed_over.setting.key, passed_over.setting.origin): passed_over
        for passed_over in policy.passed_over
    }
    in_force = {(setting.key, setting.origin) for setting in policy.settings}
    providers = policy.get(ALLOWED_PROVIDERS)
    listed = _words(providers.value) if providers else ()
    for layer in sorted(state.layers, key=lambda layer: layer.rank, reverse=True):
        for setting in settings_of(layer):
            if setting.key not in ABOUT or _is_off(setting):
                continue
            passed_over_as = passed.get((setting.key, setting.origin))
            yield StatedRule(
                about=ABOUT[setting.key],
                key=setting.key,
                allows=_allows(setting, listed),
                origin=setting.origin,
                held_by=_find_holder(layer),
                beatable=not layer.administrators,
                heeded=passed_over_as is None,
                in_force=(setting.key, setting.origin) in in_force,
            )


def _is_off(setting: Setting) -> bool:
    return setting.key == SIGN_IN and is_boolean(setting.value, "false")


def _allows(setting: Setting, listed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the methods, or the organisations, that a rule leaves.

    Args:
        listed: The providers that are allowed by name; a pin says nothing of a cloud among them.
    """
    words = _words(setting.value)
    clouds = tuple(name for name in CLOUDS if name in listed)
    if setting.key == SIGN_IN:
        return ("claudeai",) if is_boolean(setting.value, "true") else ()
    if setting.key == ALLOWED_PROVIDERS:
        named = [method for word in words for method in BY_PROVIDER.get(word, ())]
        return tuple(dict.fromkeys(named))
    if setting.key == GATEWAY_URL:
        return ("gateway", *clouds) if any(words) else ()
    return (*words, *clouds) if setting.key == METHOD else words


def _words(value: Value) -> tuple[str, ...]:
    if isinstance(value, Odd):
        return ()
    words = (value,) if isinstance(value, str) else value
    return tuple(word for word in words if isinstance(word, str))


def _find_holder(layer: Layer) -> Literal["administrators", "user", "start"]:
    if layer.administrators:
        return "administrators"
    return "start" if layer.name in (*OF_PROJECT, FLAGS) else "user"


def _device_values(state: HostState) -> Iterator[DeviceValue]:
    """Yield what device management sets, all of which the system forces."""
    for layer in state.layers:
        if layer.name == DEVICE:
            yield DeviceValue(layer.path, forced=True)


def _log_out(state: HostState) -> LogOut:
    """Return whether the client's own log-out works: no broken managed document lets it."""
    faults = [layer.fault for layer in faulty(state.layers) if layer.fault.effect == "refuse"]
    if faults:
        return LogOut(works=False, why=faults[0].what, places=(faults[0].where,))
    return LogOut(works=True, why="no managed document stops it", places=())
