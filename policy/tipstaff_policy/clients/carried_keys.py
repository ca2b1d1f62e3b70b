"""What the adapters of clients know of the keys that a policy carries for their files."""

from collections.abc import Callable, Iterator
from typing import Any

from tipstaff_policy.clients import load_client
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.state import Fault
from tipstaff_policy.organisation.client_keys import Contradiction, inline, plain
from tipstaff_policy.organisation.model import OrganisationPolicy

NOT_SHOWN = "…"
"""Stands for a text that is no word of the client's own, because it could hold a secret."""


def contradictions_of(policy: OrganisationPolicy) -> Iterator[Contradiction]:
    """Yield the keys that a client's adapter finds to contradict the policy's own fields."""
    for client in sorted({key.client for key in policy.client_keys}):
        yield from load_client(client).deployment().contradicting(policy)


def unwritable_faults(policy: OrganisationPolicy) -> Iterator[Fault]:
    """Yield a fault for each key whose value the client's file cannot hold."""
    for key in policy.client_keys:
        unwritable = load_client(key.client).deployment().unwritable
        what = unwritable(key) if unwritable else ""
        if what:
            where = str(key.origins[0])
            remedy = f"correct {where}; nothing was removed"
            yield Fault(f"{key.name} is {what}", where, "refuse", "a value of JSON", remedy)


def show_value(key: ClientKey) -> str:
    """Return a value for people, without any text that could be a secret."""
    words = load_client(key.client).deployment().words()
    return inline(_mask(plain(key), words.__contains__))


def _mask(value: Any, is_word: Callable[[str], bool]) -> Any:
    if isinstance(value, dict):
        return {name: _mask(member, is_word) for name, member in value.items()}
    if isinstance(value, list):
        return [_mask(element, is_word) for element in value]
    return NOT_SHOWN if isinstance(value, str) and not is_word(value) else value
