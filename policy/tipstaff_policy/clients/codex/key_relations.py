"""What the client asks of keys beyond their types: that what they name is there.

Source: tests/conformance/cases_other_keys.py (client 0.169.0).
"""

from collections.abc import Iterator

from tipstaff_policy.clients.codex.accepted import Accepted
from tipstaff_policy.clients.codex.documents import USABLE_FILE
from tipstaff_policy.clients.codex.shapes import Node, wrong
from tipstaff_policy.values import Fault

FILES = ("model_instructions_file", "experimental_compact_prompt_file", "model_catalog_json")
"""Files that must exist and hold what the client can use."""
RESERVED = ("openai", "ollama", "lmstudio")
SETTLED = ("aws", "base_url", "auth", "http_headers")
"""What a provider that the client brings for Bedrock may be told."""
CONDITIONAL = (
    "permissions",
    "allowed_permission_profiles",
    "default_permissions",
    "application",
    "remote_sandbox_config",
    "model_catalog_json",
    "rules",
)
"""Requirements under conditions that nobody here knows."""
FULL_ACCESS = "danger-full-access"


def relations(config: Node, requirements: Node, table: Accepted) -> list[Fault]:
    """Return what stands against a start though every value is of the right type."""
    return [
        *_provider(config, requirements, table),
        *_own_providers(config),
        *_own_providers(requirements),
        *_permissions(config, table),
        *_requirements(requirements),
        *_sandbox(config, requirements),
        *(
            _unsure(config.members[each], each, "a file that the client can use")
            for each in FILES
            if each in config.members and config.members[each].text != USABLE_FILE
        ),
    ]


def _unsure(node: Node, key: str, expected: str) -> Fault:
    return wrong(node, key, expected)._replace(effect="unknown")


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
    for name, each in own.members.items() if own else ():
        key = f"model_providers.{name}"
        if name in RESERVED:
            yield wrong(each, key, "a name that the client has not taken for itself")
        elif name.startswith("amazon-bedrock"):
            if not {*each.members} <= {*SETTLED}:
                yield _unsure(each, key, f"only {', '.join(SETTLED)}")
        elif "aws" in each.members:
            yield wrong(each, key, "no aws, which is for amazon-bedrock")


def changed_providers(config: Node, table: Accepted) -> list[Fault]:
    """Return what is said of providers that the client brings, which not every version takes."""
    own = config.members.get("model_providers")
    return [
        _unsure(each, f"model_providers.{name}", "no provider that the client brings")
        for name, each in (own.members.items() if own else ())
        if name in table.providers
    ]


def _permissions(config: Node, table: Accepted) -> Iterator[Fault]:
    own, chosen = config.members.get("permissions"), config.members.get("default_permissions")
    names = own.members if own else {}
    if chosen is None:
        if names and "sandbox_mode" not in config.members:
            yield wrong(next(iter(names.values())), "permissions", "default_permissions beside it")
    elif chosen.text not in table.profiles:
        yield _unsure(chosen, "default_permissions", "a profile that the client brings")


def _requirements(requirements: Node) -> Iterator[Fault]:
    for name in CONDITIONAL:
        if name in requirements.members:
            yield _unsure(requirements.members[name], name, "what its neighbours allow")
    modes = requirements.members.get("allowed_sandbox_modes")
    words = [each.text for each in modes.members.values()] if modes else []
    if modes and "read-only" not in words:
        yield wrong(modes, "allowed_sandbox_modes", 'an array with "read-only"')


def _sandbox(config: Node, requirements: Node) -> Iterator[Fault]:
    """Return the full access that is not allowed, at which some entry points stop."""
    allowed = requirements.members.get("allowed_sandbox_modes")
    if allowed is None or any(each.text == FULL_ACCESS for each in allowed.members.values()):
        return
    for key in ("sandbox_mode", "default_permissions"):
        chosen = config.members.get(key)
        if chosen and FULL_ACCESS in (chosen.text.removeprefix(":"), *chosen.members):
            yield _unsure(chosen, key, "what allowed_sandbox_modes holds")
