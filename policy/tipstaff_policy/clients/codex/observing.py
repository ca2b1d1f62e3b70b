"""Gathering what lies around the client: evidence that only an audit needs."""

from tipstaff_policy.clients.codex.cloud import LAYER as CLOUD
from tipstaff_policy.clients.codex.device_management import file_of
from tipstaff_policy.clients.model import Request
from tipstaff_policy.ownership import loose_places
from tipstaff_policy.surroundings import LooseFile, Surroundings
from tipstaff_policy.values import AbsentLayer, HostState, IgnoredLayer


def observe(request: Request, state: HostState) -> Surroundings:
    """Return the evidence around a client; what cannot be looked at says so itself."""
    return Surroundings(loose_files=_loose_files(request, state))


def _loose_files(request: Request, state: HostState) -> tuple[LooseFile, ...] | None:
    """Return the administrators' files that somebody else could change.

    The service's cached policy is left out: it lies in the user's folder, and the client goes by
    its signature.

    Returns:
        None where nobody can tell: an image of Windows without security descriptors.
    """
    found = []
    for layer in state.layers:
        if not layer.administrators or layer.name == CLOUD:
            continue
        if isinstance(layer.content, AbsentLayer | IgnoredLayer):
            continue
        places = loose_places(file_of(layer), request.system_root, request.platform)
        if places is None:
            return None
        found += [LooseFile(layer.path, tuple(map(str, places)))] if places else []
    return tuple(found)
