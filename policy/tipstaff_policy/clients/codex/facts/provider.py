"""The model provider in use, and what the user's own files and flags make of it.

Values to values: an audit's state keeps the kinds of value that this needs.

Source: tests/conformance/test_custom_provider.py (the versions in PROVEN).
"""

from collections.abc import Iterable, Iterator, Sequence

from tipstaff_policy.clients.codex.compliance.violations import usable_methods
from tipstaff_policy.clients.codex.config.documents import ADDRESSES
from tipstaff_policy.clients.codex.config.rules_in_force import find_passed_over, layers_in_force
from tipstaff_policy.clients.codex.config.sign_in_keys import Rules
from tipstaff_policy.clients.codex.config.value_shapes import Node, merge_shapes
from tipstaff_policy.clients.codex.facts.stated_rules import readable_rules
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.model.host_facts import ModelProvider
from tipstaff_policy.model.layers import merge
from tipstaff_policy.model.state import HostState, Layer, Origin

OWN = "openai"
"""The provider that the client includes, uses by default, and signs in to."""
BY_LOGIN = "requires_openai_auth"
ADDRESS = "base_url"
HARMLESS = (
    "name",
    "env_key_instructions",
    "wire_api",
    "request_max_retries",
    "stream_idle_timeout_ms",
    "stream_max_retries",
    "websocket_connect_timeout_ms",
    "supports_standalone_web_search",
    "supports_websockets",
    "capabilities",
)
"""Members of a provider that bring neither a credential nor an address."""


def provider_of(state: HostState) -> ModelProvider | None:
    """Return the provider in use; None where the configuration stops the client."""
    rules = readable_rules(state)
    return model_provider(state, rules) if rules else None


def model_provider(state: HostState, rules: Rules) -> ModelProvider:
    """Return the provider in use; unclear where versions that the client may be differ in it."""
    found = [
        _in_use(state, rules, version) for version in (state.client.version, *state.client.may_be)
    ]
    first = found[0]
    if any((provider.past_login, provider.elsewhere) != first[2:4] for provider in found):
        return first._replace(unclear="versions that the client may be use different providers")
    return first._replace(
        unclear=next((provider.unclear for provider in found if provider.unclear), "")
    )


def _in_use(state: HostState, rules: Rules, version: str) -> ModelProvider:
    behaviour = behaviour_of(version) or NEWEST_BEHAVIOUR
    client = state.client._replace(version=version)
    layers = layers_in_force(state.layers, client, state.platform)
    personal = {layer.name for layer in layers if not layer.administrators}
    unknown = find_passed_over(behaviour)
    required = merge_shapes(layers, "requirements").members
    required = {key: member for key, member in required.items() if key not in unknown}
    configured = merge_shapes(layers, "config").members
    chosen = required.get("model_provider") or configured.get("model_provider")
    name = chosen.text if chosen else OWN
    # A requirement replaces a provider of its name whole; in the configuration members add up.
    definition = _members(required).get(name) or _members(configured).get(name)
    past: list[Origin] = []
    by_login = True
    elsewhere = _other_address(layers, rules, personal, unknown)
    if name == OWN:
        elsewhere += _find_stated_address(configured.get("openai_base_url"), personal)
    elif definition and _uses_login(definition):
        elsewhere += _find_stated_address(definition.members.get(ADDRESS), personal)
    else:
        past, by_login = _past_login(chosen, definition, personal), False
    own = {n for n, member in _members(configured).items() if [*_own_origins(member, personal)]}
    choice = merge(layers, "config").get("profile")
    return ModelProvider(
        name,
        chosen.origin if chosen else None,
        _once(past),
        _once(elsewhere),
        tuple(sorted(own - {name})),
        f"a profile as a table may choose a provider: {choice.origin}" if choice else "",
        by_login,
    )


def _members(document: dict[str, Node]) -> dict[str, Node]:
    table = document.get("model_providers")
    return table.members if table else {}


def _uses_login(definition: Node) -> bool:
    """Return whether a provider takes the client's login, and no credential of its own first."""
    switch = definition.members.get(BY_LOGIN)
    return (
        switch is not None
        and switch.text == "true"
        and {*definition.members} <= {*HARMLESS, BY_LOGIN, ADDRESS}
    )


def _past_login(chosen: Node | None, definition: Node | None, personal: set[str]) -> list[Origin]:
    """Return what the user says of a provider without login.

    The choice itself counts where administrators say nothing of the provider.
    """
    members = definition.members if definition else {}
    theirs = all(_is_whole(member, personal) for member in members.values())
    found = [*_own_origins(chosen, personal)] if chosen and theirs else []
    for name, member in members.items():
        if theirs or name not in HARMLESS:
            found += _own_origins(member, personal)
    return found


def _own_origins(node: Node, personal: set[str]) -> Iterator[Origin]:
    """Return where a user's own values stand in a value; a table may come from several layers."""
    if node.type == "table" and node.members:
        for member in node.members.values():
            yield from _own_origins(member, personal)
    elif node.origin.layer in personal:
        yield node.origin


def _is_whole(node: Node, personal: set[str]) -> bool:
    """Return whether no administrators' value stands in a value."""
    if node.type == "table" and node.members:
        return all(_is_whole(member, personal) for member in node.members.values())
    return node.origin.layer in personal


def _find_stated_address(node: Node | None, personal: set[str]) -> list[Origin]:
    """Return where a user's own file names an address that is not the service's."""
    if node is None or node.type == "blank" or node.text in ADDRESSES:
        return []
    return [*_own_origins(node, personal)]


def _other_address(
    layers: Sequence[Layer], rules: Rules, personal: set[str], unknown: tuple[str, ...]
) -> list[Origin]:
    """Return where a user moves the address that a ChatGPT login is sent to."""
    if "chatgpt" not in usable_methods(rules):
        return []
    for grammar in ("requirements", "config"):
        setting = merge(layers, grammar).get("chatgpt_base_url")
        if setting and (grammar == "config" or setting.key not in unknown):
            kept = setting.origin.layer not in personal or setting.value in ADDRESSES
            return [] if kept else [setting.origin]
    return []


def _once(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(origins))
