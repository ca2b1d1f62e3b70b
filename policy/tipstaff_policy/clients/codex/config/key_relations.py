"""What the client asks of keys beyond their types: that what they name is there.

Source: tests/conformance/cases_other_keys.py (client 0.169.0).
"""

import re
from collections.abc import Iterator, Sequence

from tipstaff_policy.clients.codex.config.accepted import Accepted
from tipstaff_policy.clients.codex.config.layer_content import FILES, UNUSABLE_FILE, USABLE_FILE
from tipstaff_policy.clients.codex.config.permission_profiles import profile_faults, profiles_of
from tipstaff_policy.clients.codex.config.sandbox import full_access_fault, mode_lists, word
from tipstaff_policy.clients.codex.config.value_shapes import Node, merge_shapes, unsure, wrong
from tipstaff_policy.model.state import Fault, Layer

SIGNED_IN = "openai"
"""The provider that the client uses by default, and signs in to."""
RESERVED = (SIGNED_IN, "ollama", "lmstudio")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
EXACT_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
RELATED = (
    "permissions",
    "default_permissions",
    "allowed_permission_profiles",
    "sandbox_mode",
    "allowed_sandbox_modes",
    "remote_sandbox_config",
    "approval_policy",
    "allowed_approval_policies",
    "application",
)
"""Keys, other than those of providers and files, whose values depend on each other."""
SETTLED = ("aws", "base_url", "auth", "http_headers")
"""The settings of the Bedrock provider that the client includes."""


def relations(
    layers: Sequence[Layer], config: Node, requirements: Node, table: Accepted, entry_point: str
) -> list[Fault]:
    """Return what stands against a start though every value is of the right type.

    Args:
        entry_point: Empty for what stops every one.
    """
    profiles = profiles_of(config, requirements, table.profiles)
    full_access = full_access_fault(layers, profiles, config, requirements, entry_point)
    return [
        *_provider(config, requirements, table),
        *_own_providers(config),
        *_own_providers(requirements),
        *profile_faults(profiles),
        *_requirements(requirements),
        *([full_access] if full_access else []),
        *_files(config),
        *_files(requirements),
    ]


def _files(root: Node) -> Iterator[Fault]:
    for key in FILES:
        node = root.members.get(key)
        if node is None or node.text == USABLE_FILE:
            continue
        fault = unsure(node, key, "a file that the client can use")
        if node.text == UNUSABLE_FILE:
            fault = fault._replace(what=f"{key} names {UNUSABLE_FILE}", effect="refuse")
        yield fault


def _provider(config: Node, requirements: Node, table: Accepted) -> Iterator[Fault]:
    chosen = requirements.members.get("model_provider") or config.members.get("model_provider")
    if chosen is None or chosen.type not in ("text", "date", "blank"):
        return
    known = {*table.providers}
    for root in (config, requirements):
        own = root.members.get("model_providers")
        known |= {*own.members} if own else set()
    if chosen.text not in known or not chosen.text:
        yield wrong(chosen, "model_provider", "the name of a provider that is there")


def _own_providers(root: Node) -> Iterator[Fault]:
    own = root.members.get("model_providers")
    for name, member in own.members.items() if own else ():
        key = f"model_providers.{name}"
        if name in RESERVED:
            yield wrong(member, key, "a name that the client has not taken for itself")
        elif name.startswith("amazon-bedrock"):
            if not {*member.members} <= {*SETTLED}:
                yield unsure(member, key, f"only {', '.join(SETTLED)}")
        elif "aws" in member.members:
            yield wrong(member, key, "no aws, which is for amazon-bedrock")


def find_unsigned_provider(layers: Sequence[Layer]) -> str | None:
    """Return the model provider in use where it needs none of the client's own logins."""
    roots = [merge_shapes(layers, "requirements").members, merge_shapes(layers, "config").members]
    chosen = next((root["model_provider"] for root in roots if "model_provider" in root), None)
    if chosen is None or not chosen.text or chosen.text == SIGNED_IN:
        return None
    for root in roots:
        own = root.get("model_providers")
        if own and chosen.text in own.members:
            switch = own.members[chosen.text].members.get("requires_openai_auth")
            return None if switch and switch.text == "true" else chosen.text
    return chosen.text


def find_changed_providers(config: Node, table: Accepted) -> list[Fault]:
    """Return the settings of included providers; not every version accepts them."""
    own = config.members.get("model_providers")
    return [
        unsure(member, f"model_providers.{name}", "no provider that the client brings")
        for name, member in (own.members.items() if own else ())
        if name in table.providers
    ]


def _requirements(requirements: Node) -> Iterator[Fault]:
    for number, modes in enumerate(mode_lists(requirements)):
        if modes and "read-only" not in [word(member) for member in modes.members.values()]:
            fault = wrong(modes, "allowed_sandbox_modes", 'an array with "read-only"')
            # Whether a list of some hosts counts is a matter of the host's name.
            yield fault._replace(effect="unknown") if number else fault
    rules = requirements.members.get("application")
    yield from _domains(rules) if rules else ()


def _domains(application: Node) -> Iterator[Fault]:
    network = application.members.get("network")
    domains = network.members.get("domains") if network else None
    for name, member in domains.members.items() if domains else ():
        if not EXACT_DOMAIN.fullmatch(name):
            key = f"application.network.domains.{name}"
            yield wrong(member, key, "exact domain names, without addresses, ports and wildcards")
