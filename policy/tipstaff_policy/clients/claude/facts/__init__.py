"""Gather facts around the client: evidence that only an audit needs."""

import os

from tipstaff_policy.clients.claude.config.documents import MAY_NOT_READ
from tipstaff_policy.clients.claude.facts.following import derive_facts, in_use
from tipstaff_policy.clients.claude.facts.running import find_running
from tipstaff_policy.clients.claude.installations import find_stating
from tipstaff_policy.clients.claude.locations import CA_VARIABLE, PROGRAM
from tipstaff_policy.clients.claude.programs import programs
from tipstaff_policy.clients.claude.versions import PROVEN
from tipstaff_policy.clients.program_facts import read_install_time, read_release
from tipstaff_policy.model.host_facts import (
    CaBundle,
    CarriedKey,
    HostFacts,
    LeftOver,
    LeftOvers,
    LooseFile,
    Obstacle,
    Removal,
    UnreadFile,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Client,
    Credential,
    FaultyLayer,
    HostState,
    NoCredential,
    ReadLayer,
)
from tipstaff_policy.system.owners.loose_places import loose_places
from tipstaff_policy.system.owners.readers import why_unreadable


def observe(request: Request, state: HostState) -> HostFacts:
    """Return the evidence around a client; what cannot be looked at says so itself."""
    live = request.system_root is None
    seen = HostFacts(
        loose_files=_loose_files(request, state),
        unread_files=_find_unread_files(request, state),
        carried=_load_carried(request, state),
        left_over=_find_left_overs(state),
        ca_bundle=_read_bundle(request) if live else None,
        removal=_removal(state),
        programs=programs(request),
        running=find_running(state.home) if live and request.platform == "linux" else None,
        release=read_release(request, PROGRAM, PROVEN, find_install_time(request, state.client)),
    )
    return derive_facts(state, seen)


def _read_bundle(request: Request) -> CaBundle | None:
    if not request.env.get(CA_VARIABLE):
        return None
    from tipstaff_policy.clients.claude.ca_bundle import ca_bundle  # noqa: PLC0415 - loads OpenSSL

    return ca_bundle(request)


def find_install_time(request: Request, client: Client) -> int | None:
    """Return when a client was put where it is, in seconds since 1970."""
    return read_install_time(client.path, request.system_root, find_stating)


def _load_carried(request: Request, state: HostState) -> tuple[CarriedKey, ...]:
    if not request.policy_inputs.carried:
        return ()
    from tipstaff_policy.clients.claude.facts.carried import find_carried  # noqa: PLC0415 - loads tomllib

    return find_carried(request, state)


def _loose_files(request: Request, state: HostState) -> tuple[LooseFile, ...] | None:
    """Return the administrators' files that other users could change; None if that is unknown."""
    found = []
    for layer in state.layers:
        if not layer.administrators or layer.content.state in ("absent", "ignored"):
            continue
        if not layer.path.startswith("/"):
            continue  # a value of the registry, whose owner no image of files shows
        places = loose_places(layer.path, request.system_root, request.platform)
        if places is None:
            return None
        found += [LooseFile(layer.path, tuple(map(str, places)))] if places else []
    return tuple(found)


def _find_unread_files(request: Request, state: HostState) -> tuple[UnreadFile, ...]:
    """Return the managed files that this user may not read; of an image by their modes."""
    layers = [layer for layer in state.layers if layer.administrators]
    refused = [
        UnreadFile(layer.path, layer.content.fault.what)
        for layer in layers
        if isinstance(layer.content, FaultyLayer) and layer.content.fault.what == MAY_NOT_READ
    ]
    if request.system_root is None or request.platform == "windows":
        return tuple(refused)
    root = request.system_root
    try:
        home = os.stat(os.path.dirname(state.home))
    except OSError:
        return tuple(refused)
    named = [
        layer.path
        for layer in layers
        if layer.path.startswith("/") and isinstance(layer.content, ReadLayer)
    ]
    found = [
        UnreadFile(path, why)
        for path in dict.fromkeys(named)
        if (why := why_unreadable(path, root, home.st_uid, home.st_gid))
    ]
    return (*refused, *found)


def _is_there(place: Credential) -> bool:
    return place.is_stored and not isinstance(place.content, NoCredential)


def _removal(state: HostState) -> Removal:
    """Return how the client's own log-out would fare: it empties a link, and leaves copies."""
    stored = [place for place in state.credentials if _is_there(place)]
    obstacles = [
        Obstacle(place.source, place.path, "it is a link, and the client removes the link alone")
        for place in stored
        if place.file is not None and place.file.type == "link"
    ]
    obstacles += [
        Obstacle(place.source, place.path, "the client cannot remove it there")
        for place in stored
        if not place.removable
    ]
    return Removal(tuple(place.source for place in stored), tuple(obstacles))


def _find_left_overs(state: HostState) -> LeftOvers:
    used = in_use(state)
    found = tuple(
        LeftOver(place.source, str(place.path), place.content)
        for place in state.everywhere()
        if (place.source, place.path) not in used
        and _is_there(place)
        and not isinstance(place.content, NoCredential)
    )
    return LeftOvers(found, ())
