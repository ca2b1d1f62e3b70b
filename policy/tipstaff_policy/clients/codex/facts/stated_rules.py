"""Every sign-in rule as its layer states it, and what the rules make of store and log-out.

Values to values: nothing here looks at the machine.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from tipstaff_policy.clients.codex.compliance.violations import usable_methods
from tipstaff_policy.clients.codex.config.rules_in_force import find_passed_over, rules_of
from tipstaff_policy.clients.codex.config.sign_in_keys import (
    GRAMMARS,
    METHOD_NAMES,
    Rules,
    restriction,
)
from tipstaff_policy.clients.codex.decision.decision import layers_judged
from tipstaff_policy.clients.codex.decision.effective_settings import is_beatable
from tipstaff_policy.clients.codex.versions import BEHAVIOURS, behaviour_of
from tipstaff_policy.model.host_facts import About, DeviceValue, LogOut, StatedRule, StoreUse
from tipstaff_policy.model.layers import EffectiveSetting, faulty, merge
from tipstaff_policy.model.state import Fault, HostState, IgnoredLayer, Layer, UnreadableCredential

SUBJECTS: dict[str, About] = {
    "forced_login_method": "login method",
    "allowed_login_methods": "login method",
    "forced_chatgpt_workspace_id": "workspace",
    "allowed_chatgpt_workspaces": "workspace",
    "cli_auth_credentials_store": "store",
}
STORE = "cli_auth_credentials_store"
OF_A_START = ("project", "profile", "flags")
NOT_OF_LOG_OUT = ("profile", "flags")
"""`codex logout` takes no profile, and the flags of one start are not those of another."""
DEVICE = ("device", "device_requirements")


def find_stated_rules(state: HostState) -> tuple[StatedRule, ...]:
    """Return the rules of all layers that an entry point goes by, strongest first."""
    layers = layers_judged(state)
    unknown = find_passed_over(behaviour_of(state.client.version) or BEHAVIOURS[-1])
    rules = [
        rule
        for layer in sorted(layers, key=lambda layer: layer.rank, reverse=True)
        for setting in merge([layer]).settings
        if (rule := _read_stated(setting, layer, layers, unknown))
    ]
    return tuple(_with_force(rules, layers))


def _read_stated(
    setting: EffectiveSetting, layer: Layer, layers: Sequence[Layer], unknown: tuple[str, ...]
) -> StatedRule | None:
    about = SUBJECTS.get(setting.key)
    if about is None or not GRAMMARS[setting.key].accepts(setting.value):
        return None  # what is wrong and in force stops the client, which the decision says
    held_by: Literal["administrators", "user", "start"] = "user"
    if layer.administrators:
        held_by = "administrators"
    elif layer.name in OF_A_START:
        held_by = "start"
    return StatedRule(
        about,
        setting.key,
        _allows(setting),
        setting.origin,
        held_by,
        beatable=is_beatable(layer, layers),
        heeded=layer.grammar == "config" or setting.key not in unknown,
        in_force=False,
    )


def _allows(setting: EffectiveSetting) -> tuple[str, ...] | None:
    found = restriction(setting)
    values = found.values if found else ()
    unrestricted = {
        "allowed_login_methods": set(values) == set(METHOD_NAMES),
        "forced_chatgpt_workspace_id": not values,
    }
    return None if unrestricted.get(setting.key) else values


def _with_force(rules: Iterable[StatedRule], layers: Sequence[Layer]) -> list[StatedRule]:
    grammars = {layer.name: layer.grammar for layer in layers}
    taken = set()
    found = []
    for rule in rules:
        # A required store replaces the configured one; the other keys of the two kinds add up.
        name = rule.key if rule.key == STORE else (rule.key, grammars[rule.origin.layer])
        found.append(rule._replace(in_force=rule.heeded and name not in taken))
        if rule.heeded:
            taken.add(name)
    return found


def readable_rules(state: HostState) -> Rules | None:
    """Return the rules in force; None where the configuration stops the client."""
    layers = layers_judged(state)
    rules = rules_of(layers, state.platform, state.client.version)
    return None if state.faults or faulty(layers) or isinstance(rules, Fault) else rules


def store_use(state: HostState, rules: Rules, stated: Sequence[StatedRule]) -> StoreUse:
    """Return the store in force and whether it works."""
    origins = tuple(rule.origin for rule in stated if rule.about == "store" and rule.in_force)
    return StoreUse(rules.store, origins, *_fall_back(state, rules))


def _fall_back(state: HostState, rules: Rules) -> tuple[str, str]:
    """Return why the plain file replaces the keyring, or why this is unknown.

    Source: tests/conformance/test_keyring.py (client 0.169.0).
    """
    secure = "encrypted" if rules.encrypted else "keyring"
    for credential in state.credentials if rules.store == "auto" else ():
        content = credential.content
        if credential.source == secure and isinstance(content, UnreadableCredential):
            if content.effect == "unknown":
                return "", content.reason
            return ("", "") if content.method else (content.reason, "")
    return "", ""


def device_values(layers: Iterable[Layer]) -> tuple[DeviceValue, ...]:
    """Return the values of device management; one next to a forced one of its key is harmless."""
    found = [layer for layer in layers if layer.name in DEVICE]
    forced = {layer.name for layer in found if not isinstance(layer.content, IgnoredLayer)}
    return tuple(DeviceValue(layer.path, layer.name in forced) for layer in found)


def log_out(state: HostState, home_fault: Fault | None) -> LogOut:
    """Return whether the client's own log-out works on a state.

    It loads the configuration as every other command does, and stops where that would.

    Source: tests/conformance/test_log_out.py (client 0.169.0).
    """
    if behaviour_of(state.client.version) is None:
        return LogOut(None, f"client version {state.client.version} is not evaluated", ())
    layers = [layer for layer in state.layers if layer.name not in NOT_OF_LOG_OUT]
    faults = [layer.fault for layer in faulty(layers)] + ([home_fault] if home_fault else [])
    rules = rules_of(layers, state.platform, state.client.version)
    if isinstance(rules, Fault):
        faults.append(rules)
    if faults:
        fault = min(faults, key=lambda candidate: candidate.effect != "refuse")
        works = False if fault.effect == "refuse" else None
        return LogOut(works, f"{fault.where}: {fault.what}", (fault.where,))
    if isinstance(rules, Rules) and not usable_methods(rules):
        places = tuple(str(rule.origin) for rule in rules[:4] if rule)
        return LogOut(works=False, why="no login method is usable", places=places)
    return LogOut(works=True, why="the client's own log-out works", places=())
