"""Which of the known clients a host has at all."""

import os
from collections.abc import Sequence
from typing import Protocol, TypeVar

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    AbsentLayer,
    Credential,
    NoCredential,
    UnreadableCredential,
)


class _Asked(Protocol):
    @property
    def adapter(self) -> Adapter: ...
    @property
    def request(self) -> Request: ...


Target = TypeVar("Target", bound=_Asked)


def drop_absent_clients(targets: Sequence[Target]) -> Sequence[Target]:
    """Return those whose client the host has; of none the first, and one alone unasked."""
    if len(targets) < 2:
        return targets
    here = [target for target in targets if is_here(target.adapter, target.request)]
    return here or targets[:1]


def is_here(adapter: Adapter, request: Request) -> bool:
    """Return whether a host has a program, the folder, a file or a credential of a client."""
    if any(client.path is not None for client in adapter.find_installations(request)):
        return True
    state = adapter.read_state(request)
    return (
        os.path.isdir(state.home)
        or not all(isinstance(layer.content, AbsentLayer) for layer in state.layers)
        or any(map(_is_known, state.everywhere()))
    )


def _is_known(credential: Credential) -> bool:
    """Return whether something is known to be in a place; not of a store that is out of reach."""
    content = credential.content
    if isinstance(content, UnreadableCredential):
        return content.present
    return not isinstance(content, NoCredential)
