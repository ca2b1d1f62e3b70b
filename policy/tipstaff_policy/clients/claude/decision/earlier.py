"""The credentials that an earlier version of the client finds on a host.

It takes a whole file for none because of one value, and reads the service's policy in place of the
machine's.

Source: tests/conformance_claude, the random hosts of 2.1.84, 2.1.146 and 2.1.212.
"""

from collections.abc import Callable

from tipstaff_policy.clients.claude.config.effective import drop_refused, machine_document
from tipstaff_policy.clients.claude.config.keys import ORGANISATIONS
from tipstaff_policy.clients.claude.config.layer_stack import Stack, merge_used_settings
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import is_present
from tipstaff_policy.clients.claude.decision.session import session_of
from tipstaff_policy.clients.claude.versions import Behaviour
from tipstaff_policy.model.state import Credential, HostState, Setting

Read = Callable[[dict[str, Setting]], tuple[Credential, ...]]


def as_read_by(state: HostState, behaviour: Behaviour, stack: Stack, read: Read) -> HostState:
    """Return a state with the credentials that a version finds.

    Args:
        read: Returns the credentials of a start by what settings set.
    """
    ranks = {layer.rank for layer in drop_refused(stack.layers, behaviour)}
    left = Stack(tuple(file for file in stack.files if file.layer.rank in ranks))
    also = behaviour.projects_also_set
    if len(left.files) < len(stack.files) or also:
        state = state._replace(credentials=read(merge_used_settings(left, of_projects=also)))
    if not any(layer.name == SERVER and is_present(layer) for layer in left.layers):
        return state
    pins = ORGANISATIONS in machine_document(state.layers, behaviour)
    heeds = session_of(state, behaviour, pins_organisation=pins).heeds_server
    if not behaviour.server_alone or not heeds:
        return state
    sets = behaviour.server_sets_variables
    used = merge_used_settings(left, with_server=True, server_sets_variables=sets, of_projects=also)
    return state._replace(credentials=read(used))
