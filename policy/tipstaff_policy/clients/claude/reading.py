"""Reading a host: settings, the client, and every credential, free of secrets."""

from typing import Any

from tipstaff_policy import load_part
from tipstaff_policy.clients.claude.compliance import administrators_rules
from tipstaff_policy.clients.claude.config.keys import HELPER
from tipstaff_policy.clients.claude.config.layer_stack import Stack, merge_used_settings, read_stack
from tipstaff_policy.clients.claude.config.personal import (
    SOURCES_OPTION,
    is_managed_by_host,
    why_not_taken,
)
from tipstaff_policy.clients.claude.config.rules import Rules
from tipstaff_policy.clients.claude.locations import find_home
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.clients.claude.versions import NEWEST, behaviours_of, name_of
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, Credential, HostState, Layer, Setting

CREDENTIALS = f"{__name__.rpartition('.')[0]}.credentials.reading"


def read_state(request: Request) -> HostState:
    """Return everything that is judged on a host, free of secrets.

    Raises:
        EvaluationError: Nothing names a home.
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    lean = request.options.lean
    stack = read_stack(request, home.path)
    layers = stack.of_administrators() if lean else stack.layers
    every = request.options.every_place or _is_restricted(layers)
    own = not request.system_root and not request.options.unasked
    fault = None if lean else why_not_taken(request)
    state = HostState(
        client=_any_client(request) if lean else _client(request),
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="own" if own else "not_seen",
        evaluated_at=request.now,
        faults=(fault,) if fault else (),
        layers=layers,
        credentials=_credentials(request, stack, home.path) if every or not lean else (),
        places=_places(request, stack, home.path) if every else None,
        defaults_bind=request.options.unasked,
        system_root=request.system_root,
    )
    return state if lean else _as_read_by_its_version(request, stack, state)


def _as_read_by_its_version(request: Request, stack: Stack, state: HostState) -> HostState:
    """Return a state with the credentials that an earlier version finds.

    It takes a file for none for one value of another kind, heeds the service's policy alone, or
    knows fewer places.
    """
    behaviours = behaviours_of(state.client.version)
    if not behaviours or (behaviours[0].takes_other_kinds and not behaviours[0].server_alone):
        return state
    from tipstaff_policy.clients.claude.decision.earlier import (  # noqa: PLC0415 - old versions
        as_read_by,
    )

    return as_read_by(request, state, behaviours[0], stack, _read)


def _any_client(request: Request) -> Client:
    """Return the newest proven client, by whose reading every rule is meant."""
    version = ".".join(map(str, NEWEST))
    return Client(
        name="claude",
        version=version,
        version_source="assumed",
        path=None,
        proven=False,
        entry_point=request.entry_point,
        precedence=name_of(version),
        precedence_evidence=TABLES[request.platform].evidence,
    )


def _client(request: Request) -> Client:
    from tipstaff_policy.clients.claude.installations import (  # noqa: PLC0415 - not in the guard
        find_installations,
    )

    return request.client or find_installations(request)[0]


def _is_restricted(layers: tuple[Layer, ...]) -> bool:
    rules = administrators_rules(layers)
    return not isinstance(rules, Rules) or rules.restricts()


def _credentials(request: Request, stack: Stack, home: str) -> tuple[Credential, ...]:
    return _read(request, merge_used_settings(stack), home)


def _read(request: Request, used: dict[str, Setting], home: str) -> tuple[Credential, ...]:
    """Return the credentials of a start; one that a host manages takes no variable of settings."""
    if is_managed_by_host(request):
        used = {HELPER: used[HELPER]} if HELPER in used else {}
    read: Any = load_part(f"{CREDENTIALS}:read_credentials")
    found: tuple[Credential, ...] = read(request, used, home)
    return found


def _places(request: Request, stack: Stack, home: str) -> tuple[Credential, ...]:
    """Return every place of a credential, whatever flags and settings hide of them."""
    shown = tuple(
        override for override in request.overrides if not override.startswith(SOURCES_OPTION)
    )
    if shown != request.overrides:
        stack = read_stack(request._replace(overrides=shown), home)
    read: Any = load_part(f"{CREDENTIALS}:read_places")
    used = merge_used_settings(stack)
    found: tuple[Credential, ...] = read(request, used, home)
    if not used:
        return found
    # A variable that settings replace by another one is there without them.
    known = {(credential.source, credential.path) for credential in found}
    hidden: tuple[Credential, ...] = read(request, {}, home)
    return (
        *found,
        *(credential for credential in hidden if (credential.source, credential.path) not in known),
    )
