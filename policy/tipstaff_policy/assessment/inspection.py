"""One look at a host: the organisation's policy, the client's state, and what the first orders."""

from typing import TYPE_CHECKING

from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Fault, HeldCredential, HostState
from tipstaff_policy.organisation.paths import is_there
from tipstaff_policy.record import Record

if TYPE_CHECKING:  # loaded only where there is a policy
    from tipstaff_policy.assessment.policy_loading import Organisation
    from tipstaff_policy.organisation.in_force import Orders


class Inspection(Record):
    """A host as it is at one moment."""

    state: HostState
    organisation: "Organisation | None" = None
    """The organisation's policy; None where there is none, or none that can be used."""
    orders: "Orders | None" = None
    faults: tuple[Fault, ...] = ()
    """Why the organisation's policy cannot be used."""


def inspect_host(adapter: Adapter, request: Request) -> Inspection:
    """Read a host and the organisation's policy for it.

    Raises:
        UsageError: The request names no single home.
    """
    if not is_there(request.platform, request.system_root):
        return Inspection(adapter.read_state(request))
    from tipstaff_policy.assessment.policy_loading import (  # noqa: PLC0415
        FaultyOrganisation,
        NoOrganisation,
        ask_named,
        read_organisation,
    )
    from tipstaff_policy.organisation.in_force import orders_of  # noqa: PLC0415
    from tipstaff_policy.system.host_identity import (  # noqa: PLC0415 - only with a policy
        read_machine,
    )

    organisation = read_organisation(request)
    state = adapter.read_state(ask_named(request, organisation).read_with(every_place=True))
    match organisation:
        case FaultyOrganisation(faults):
            return Inspection(state._replace(policy_faults=faults), faults=faults)
        case NoOrganisation():
            return Inspection(state)
        case _:
            machine = read_machine(request.system_root, state.home)
            policy = organisation.policy
            if policy.waiver_keys:
                from tipstaff_policy.organisation.waivers.of_user import (  # noqa: PLC0415 - rare
                    read_pasted_waivers,
                )

                pasted = read_pasted_waivers(policy, request, state.home)
                policy = policy._replace(waivers=(*policy.waivers, *pasted))
            orders = orders_of(policy, machine, adapter.name, request.now)
            orders = orders._replace(newer=organisation.newer)
            return Inspection(state._replace(ordered=orders.make_ordered()), organisation, orders)


def inspect_and_ask(adapter: Adapter, request: Request) -> Inspection:
    """Read a host; add what only the service knows of credentials.

    It is asked on a machine whose user starts something, and only where a rule makes it matter.

    Raises:
        UsageError: The request names no single home.
    """
    sight = inspect_host(adapter, request)
    state = sight.state
    if not request.options.asks or request.system_root or request.options.unasked:
        return sight
    sources = find_asked_sources(state)
    unclear = comply(state, adapter.by_administrators).credentials if sources else ()
    wanted = tuple(
        credential.source
        for credential in unclear
        if credential.verdict == "cannot_tell" and credential.source in sources
    )
    if not wanted:
        return sight
    identities = adapter.identify(request, state, wanted)
    return sight._replace(state=state._replace(identities=identities))


def find_asked_sources(state: HostState) -> tuple[str, ...]:
    """Return the sources of the credentials that the service knows more about."""
    return tuple(
        credential.source
        for credential in state.everywhere()
        if isinstance(credential.content, HeldCredential) and credential.content.ask
    )
