"""Full access that the requirements do not allow, at which the client stops where it may not ask.

Source: tests/conformance/cases_permissions.py (clients 0.169.0 and 0.171.0).
"""

from collections.abc import Sequence

from tipstaff_policy.clients.codex.config.permission_profiles import (
    FULL_ACCESS,
    Profiles,
    is_full_access,
)
from tipstaff_policy.clients.codex.config.value_shapes import Node, wrong
from tipstaff_policy.model.state import Fault, Layer, ReadLayer

NEVER_ASKS = ("exec",)
"""Entry points that never ask, whatever is configured; the others go by `approval_policy`."""
MODE = FULL_ACCESS.removeprefix(":")
BOUND = ("managed", "device")
"""Layers whose sandbox and approvals the client takes for requirements."""


def full_access_fault(
    layers: Sequence[Layer], profiles: Profiles, config: Node, requirements: Node, entry_point: str
) -> Fault | None:
    """Return the fault of a start with full access that is not allowed; unknown where it depends.

    Args:
        entry_point: Empty for what stops every one.
    """
    chosen = _find_choice(layers, profiles)
    if chosen is None:
        return None
    key, node = chosen
    if not (entry_point in NEVER_ASKS or word(config.members.get("approval_policy")) == "never"):
        return None
    if not _may_never_ask(config, requirements):
        return None
    lists = map(_words, mode_lists(requirements))
    allowed = [modes is None or MODE in modes for modes in lists]
    if all(allowed):
        return None
    expected = "one of allowed_sandbox_modes, or an approval_policy that asks"
    fault = wrong(node, key, expected)
    # Which of several lists counts is a matter of the host's name.
    return fault._replace(effect="unknown") if any(allowed) else fault


def word(node: Node | None) -> str:
    """Return the word that a value is, also in its form ``{word = {}}``."""
    if node is not None and node.type == "table" and len(node.members) == 1:
        return next(iter(node.members))
    return node.text if node else ""


def _find_choice(layers: Sequence[Layer], profiles: Profiles) -> tuple[str, Node] | None:
    """Return the key and the value that ask for full access; None where none does.

    The strongest layer that speaks of either key decides between them, and in one layer the
    profile does. With a required list of profiles the sandbox is passed over.
    """
    by = "default_permissions"
    if profiles.allowed is None:
        found = next(
            (
                (candidate.name, key)
                for candidate in sorted(layers, key=lambda candidate: -candidate.rank)
                for key in ("default_permissions", "sandbox_mode")
                if candidate.grammar == "config" and _speaks_of(candidate, key)
            ),
            None,
        )
        if found is None:
            return None
        layer, by = found
        if layer in BOUND and by == "sandbox_mode":
            return None  # it is the requirement itself
    if by == "sandbox_mode":
        node = profiles.sandbox
        return (by, node) if node and word(node) == MODE else None
    selected = profiles.selected
    return (by, selected) if selected and is_full_access(profiles, selected.text) else None


def _speaks_of(layer: Layer, key: str) -> bool:
    content = layer.content
    return isinstance(content, ReadLayer) and any(shape.path[0] == key for shape in content.shapes)


def _may_never_ask(config: Node, requirements: Node) -> bool:
    """Return whether the requirements leave the client the policy never to ask."""
    configured = config.members.get("approval_policy")
    if configured and configured.origin.layer in BOUND:
        return word(configured) == "never"
    allowed = requirements.members.get("allowed_approval_policies")
    return allowed is None or any(word(member) == "never" for member in allowed.members.values())


def mode_lists(requirements: Node) -> list[Node | None]:
    """Return the lists of modes of which one counts: that of all hosts, and those of some."""
    some = requirements.members.get("remote_sandbox_config")
    holders = (requirements, *(some.members.values() if some else ()))
    return [holder.members.get("allowed_sandbox_modes") for holder in holders]


def _words(node: Node | None) -> list[str] | None:
    return None if node is None else [word(member) for member in node.members.values()]
