"""Gathering what lies around the client: evidence that only an audit needs."""

<<<<<<< HEAD:policy/tipstaff_policy/clients/codex/observing/__init__.py
from tipstaff_policy.clients.codex.locations import on_this_machine
from tipstaff_policy.clients.codex.observing.bundle import ca_bundle
from tipstaff_policy.clients.codex.observing.diagnostics import login_log
from tipstaff_policy.clients.codex.observing.obstacles import removal
from tipstaff_policy.clients.codex.observing.ports import callback_ports
from tipstaff_policy.clients.codex.observing.programs import programs
from tipstaff_policy.clients.codex.observing.running import running
=======
from tipstaff_policy.clients.codex.left_over import left_over
from tipstaff_policy.clients.codex.locations import find_home, on_this_machine
from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.stated import (
    device_values,
    log_out,
    readable_rules,
    stated_rules,
    store_use,
)
>>>>>>> checks23:policy/tipstaff_policy/clients/codex/observing.py
from tipstaff_policy.clients.model import Request
from tipstaff_policy.ownership import loose_places
from tipstaff_policy.surroundings import LooseFile, Surroundings
from tipstaff_policy.values import AbsentLayer, HostState, IgnoredLayer


def observe(request: Request, state: HostState) -> Surroundings:
    """Return the evidence around a client; what cannot be looked at says so itself."""
<<<<<<< HEAD:policy/tipstaff_policy/clients/codex/observing/__init__.py
    live = request.system_root is None
    live_linux = live and request.platform == "linux"
    return Surroundings(
        loose_files=_loose_files(request, state),
        ca_bundle=ca_bundle(request) if live else None,
        login_log=login_log(request, state),
        callback_ports=callback_ports() if live_linux else None,
        removal=removal(request, state),
        programs=programs(request),
        running=running(state) if live_linux else None,
=======
    stated = stated_rules(state)
    rules = readable_rules(state)
    return Surroundings(
        loose_files=_loose_files(request, state),
        rules=stated,
        store=store_use(state, rules, stated) if rules else None,
        left_over=left_over(request, state, rules) if rules else None,
        device_values=device_values(state.layers) if TABLES[state.platform].device else None,
        log_out=log_out(state, find_home(request).fault),
>>>>>>> checks23:policy/tipstaff_policy/clients/codex/observing.py
    )


def _loose_files(request: Request, state: HostState) -> tuple[LooseFile, ...] | None:
    """Return the administrators' files that somebody else could change."""
    if request.platform == "windows":
        return None
    found = []
    for layer in state.layers:
        if not layer.administrators or isinstance(layer.content, AbsentLayer | IgnoredLayer):
            continue
        who = _who_can_write(layer.path, request, state.home)
        found += [LooseFile(layer.path, who)] if who else []
    return tuple(found)


def _who_can_write(path: str, request: Request, home: str) -> tuple[str, ...]:
    try:
        place = on_this_machine(path, request, home)
        return tuple(str(each) for each in loose_places(place, request.system_root))
    except OSError as error:
        return (f"{path} cannot be followed: {error.strerror}",)
