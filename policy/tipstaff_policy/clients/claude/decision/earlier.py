"""The files and credentials that an earlier version of the client finds on a host.

It takes a whole file for none because of one value, and reads the service's policy in place of the
machine's.

Source: tests/conformance_claude, the hosts of the tables and the random ones of 2.1.84, 2.1.146 and
2.1.212.
"""

from collections.abc import Callable

from tipstaff_policy.clients.claude.config.documents import EARLIER_LIMIT, NOT_LOADED
from tipstaff_policy.clients.claude.config.effective import drop_refused, machine_document
from tipstaff_policy.clients.claude.config.keys import ORGANISATIONS
from tipstaff_policy.clients.claude.config.layer_stack import Stack, merge_used_settings, read_stack
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import is_present
from tipstaff_policy.clients.claude.credentials.places import SECURE_VARIABLE
from tipstaff_policy.clients.claude.credentials.stored import DOCUMENT_STORE
from tipstaff_policy.clients.claude.credentials.unstored import TOKEN
from tipstaff_policy.clients.claude.decision.session import session_of
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.layers import faulty
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Credential, HeldCredential, HostState, Setting

Read = Callable[[Request, dict[str, Setting], str], tuple[Credential, ...]]


def as_read_by(
    request: Request, state: HostState, behaviour: Behaviour, stack: Stack, read: Read
) -> HostState:
    """Return a state with the files and credentials that a version finds.

    Args:
        read: Returns the credentials of a start by what settings set.
    """
    as_read = request, stack
    if not behaviour.limits_size and _is_one_not_loaded(state):
        stack = read_stack(request, state.home, managed_limit=EARLIER_LIMIT)
        state = state._replace(layers=stack.layers)
    if not behaviour.knows_secure_folder and SECURE_VARIABLE in request.env:
        request = _without(SECURE_VARIABLE, request)

    def read_with(used: dict[str, Setting]) -> HostState:
        return state._replace(credentials=read(request, used, state.home))

    ranks = {layer.rank for layer in drop_refused(stack.layers, behaviour)}
    left = Stack(tuple(file for file in stack.files if file.layer.rank in ranks))
    if (request, left) != as_read:
        state = read_with(merge_used_settings(left))
    also = _set_by_projects(behaviour, state)
    if also:
        state = read_with(merge_used_settings(left, of_projects=also))
    if not any(layer.name == SERVER and is_present(layer) for layer in left.layers):
        return state
    pins = ORGANISATIONS in machine_document(state.layers, behaviour)
    heeds = session_of(state, behaviour, pins_organisation=pins).heeds_server
    if not behaviour.server_alone or not heeds:
        return state
    sets = behaviour.server_sets_variables
    return read_with(
        merge_used_settings(left, with_server=True, server_sets_variables=sets, of_projects=also)
    )


def _is_one_not_loaded(state: HostState) -> bool:
    return any(layer.fault.what == NOT_LOADED for layer in faulty(state.layers))


def _without(variable: str, request: Request) -> Request:
    env = {name: value for name, value in request.env.items() if name != variable}
    return request._replace(env=env)


def _set_by_projects(behaviour: Behaviour, state: HostState) -> tuple[str, ...]:
    """Return what a project's files may set too; no token where there is a document.

    The client has looked for a token before it reads them, and looks again only where no document
    is there.
    """
    also = behaviour.projects_also_set
    if not any(map(_is_document, state.credentials)):
        return also
    return tuple(name for name in also if name != TOKEN)


def _is_document(credential: Credential) -> bool:
    """Return whether a credential is the document; a link is one where it leads to a login."""
    if credential.source != DOCUMENT_STORE or credential.file is None:
        return False
    return credential.file.type != "link" or isinstance(credential.content, HeldCredential)
