"""What is deployed of the keys that a policy carries for the client's own files.

Values are compared here, at the edge, because they may hold secrets: a report gets no value.
"""

import os
from collections.abc import Callable
from typing import Any

from tipstaff_policy.clients.codex.config.device_management import device_layers
from tipstaff_policy.clients.codex.config.documents import LayerFile, read_layer_file
from tipstaff_policy.clients.codex.deployment.rendering import DEPLOYMENT, FILE_OF, REQUIREMENTS
from tipstaff_policy.clients.codex.locations import on_this_machine, sources
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import NEWEST_BEHAVIOUR, behaviour_of
from tipstaff_policy.model.client_key import ClientKey
from tipstaff_policy.model.host_facts import CarriedKey
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState, Origin
from tipstaff_policy.organisation.client_keys import EMPTY, inline
from tipstaff_policy.parsing.toml_lines import locate_keys
from tipstaff_policy.system.files import read_bounded

Locate = Callable[[str], str]
SIZE_LIMIT = 4 << 20
DEFAULTS = "system"
"""The administrators' file that is weaker than the user's own; it is not binding."""


def find_carried(request: Request, state: HostState) -> tuple[CarriedKey, ...]:
    """Return what is deployed of each key that goes to this platform."""

    def locate(path: str) -> str:
        return on_this_machine(path, request, state.home)

    files = _administrators_files(request, state, locate)
    placed = DEPLOYMENT.places[request.platform]
    return tuple(
        _compare_key(key, files, locate)
        for key in request.policy_inputs.carried
        if FILE_OF[key.file] in placed
    )


def _administrators_files(request: Request, state: HostState, locate: Locate) -> list[LayerFile]:
    """Return the files that bind a user, strongest first."""
    request = request.read_with(detail="lines")
    behaviour = behaviour_of(state.client.version) or NEWEST_BEHAVIOUR

    places = sources(request, state.home, profile_files=behaviour.profile_files)
    found = [
        read_layer_file(
            source,
            locate,
            newer_toml=request.options.newer_toml,
            detail=request.options.detail,
            behaviour=behaviour,
        )
        for source in (*places.below_projects, *places.above_projects, *places.requirements)
        if source.administrators and source.name != DEFAULTS
    ]
    if TABLES[request.platform].device:
        user = os.path.basename(os.path.dirname(state.home))
        forced, required, _ = device_layers(request, user, locate, behaviour)
        found += [*forced, *required]
    return found[::-1]


def _line(place: str, path: tuple[str, ...]) -> int | None:
    """Return the line of a key in a file; None if it is not in a file."""
    try:
        text = read_bounded(place, SIZE_LIMIT).decode().removeprefix("\ufeff")
    except (OSError, ValueError):
        return None
    return locate_keys(text, {path}).get(path)


def _compare_key(key: ClientKey, files: list[LayerFile], locate: Locate) -> CarriedKey:
    grammar = "requirements" if FILE_OF[key.file] == REQUIREMENTS else "config"
    for layer, document, *_ in files:
        if layer.grammar != grammar:
            continue
        found = _at(document, key.path)
        if found is not None:
            is_table = isinstance(found[0], dict) and key.value.reveal() == EMPTY
            same = is_table or inline(found[0]) == key.value.reveal()
            line = None if same else _line(locate(layer.path), key.path)
            origin = Origin(layer.name, layer.path, line)
            return CarriedKey(key.name, "same" if same else "other", origin, key.origins)
    return CarriedKey(key.name, "missing", None, key.origins)


def _at(document: Any, path: tuple[str, ...]) -> tuple[Any] | None:
    """Return what stands at a path, or the value that is in its way; None where nothing does."""
    for name in path:
        if not isinstance(document, dict):
            return (document,)
        if name not in document:
            return None
        document = document[name]
    return (document,)
