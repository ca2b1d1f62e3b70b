"""The keys of the client's file that a policy carries, and what is deployed of them."""

from typing import Any

from tipstaff_policy.clients.claude.config.documents import whole
from tipstaff_policy.clients.claude.config.layer_stack import read_stack
from tipstaff_policy.clients.claude.config.sources import find_standing_source
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.host_facts import CarriedKey
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, Origin
from tipstaff_policy.organisation.client_keys import inline


def find_carried(request: Request, state: HostState) -> tuple[CarriedKey, ...]:
    """Return each key that the policy carries, by the strongest file that states it."""
    stack = read_stack(request, state.home)
    standing = {layer.rank for layer in find_standing_source(stack.layers)}
    files = [file for file in stack.files if file.layer.rank in standing]
    places = [
        (file.document, Origin(file.layer.name, file.layer.path, None)) for file in reversed(files)
    ]
    return tuple(
        _compare(key, places) for key in request.policy_inputs.carried if key.client == "claude"
    )


def _compare(key: ClientKey, places: list[tuple[dict[str, Any], Origin]]) -> CarriedKey:
    for document, origin in places:
        found: Any = document
        for name in key.path:
            found = found.get(name, _MISSING) if isinstance(found, dict) else _MISSING
        if found is not _MISSING:
            same = _render_value(found) == key.value.reveal()
            return CarriedKey(key.name, "same" if same else "other", origin, key.origins)
    return CarriedKey(key.name, "missing", None, key.origins)


def _render_value(value: Any) -> str:
    """Return a value as the policy carries it; whole numbers of JSON are whole there too."""
    return inline(whole(value))


_MISSING = object()
