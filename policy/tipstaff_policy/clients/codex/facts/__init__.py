"""Gather facts around the client: evidence that only an audit needs."""

from tipstaff_policy.clients.codex.config.cloud_policy import LAYER as CLOUD
from tipstaff_policy.clients.codex.config.documents import file_of
from tipstaff_policy.clients.codex.facts.bundle import ca_bundle
from tipstaff_policy.clients.codex.facts.diagnostics import read_login_log
from tipstaff_policy.clients.codex.facts.following import derive_facts
from tipstaff_policy.clients.codex.facts.obstacles import removal
from tipstaff_policy.clients.codex.facts.ports import callback_ports
from tipstaff_policy.clients.codex.facts.programs import programs
from tipstaff_policy.clients.codex.facts.release import release
from tipstaff_policy.clients.codex.facts.remote import remote_sessions
from tipstaff_policy.clients.codex.facts.running import find_running
from tipstaff_policy.clients.codex.facts.stated_rules import log_out, readable_rules
from tipstaff_policy.clients.codex.facts.stray_credentials import find_left_over
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.clients.codex.locations import find_home
from tipstaff_policy.model.host_facts import CarriedKey, HostFacts, LooseFile
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import AbsentLayer, HostState, IgnoredLayer
from tipstaff_policy.system.owners.loose_places import loose_places


def observe(request: Request, state: HostState) -> HostFacts:
    """Return the evidence around a client; what cannot be looked at says so itself."""
    live = request.system_root is None
    live_linux = live and request.platform == "linux"
    # The program is found by the person's own environment, all else by the client's.
    client = settle(request).request
    rules = readable_rules(state)
    processes = find_running(state.home) if live_linux else None
    seen = HostFacts(
        loose_files=_loose_files(request, state),
        carried=_load_carried(client, state),
        left_over=find_left_over(client, state, rules) if rules else None,
        log_out=log_out(state, find_home(request).fault),
        ca_bundle=ca_bundle(client) if live else None,
        login_log=read_login_log(client, state),
        callback_ports=callback_ports() if live_linux else None,
        removal=removal(client, state),
        programs=programs(request),
        running=processes,
        release=release(request, state.client),
        remote_sessions=remote_sessions(request, processes),
    )
    return derive_facts(state, seen)


def _load_carried(request: Request, state: HostState) -> tuple[CarriedKey, ...]:
    if not request.policy_inputs.carried:
        return ()
    from tipstaff_policy.clients.codex.facts.carried import find_carried  # noqa: PLC0415 - rare

    return find_carried(request, state)


def _loose_files(request: Request, state: HostState) -> tuple[LooseFile, ...] | None:
    """Return the administrators' files that other users could change.

    The service's cached policy is left out: it is in the user's folder, and the client trusts
    its signature.

    Returns:
        None if unknown: an image of Windows without security descriptors.
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
