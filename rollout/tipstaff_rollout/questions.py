"""What a policy makes Tipstaff ask a vendor's service before a client starts, in words."""

from collections.abc import Iterator
from typing import NamedTuple

from tipstaff_policy.clients import load_clients
from tipstaff_policy.clients.interface.sign_in import Flow
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.client_rules import rules_for
from tipstaff_policy.organisation.model import OrganisationPolicy


class Question(NamedTuple):
    """What is asked, what happens without an answer, and the rules that make it matter."""

    says: str
    origins: tuple[Origin, ...]


def list_questions(policy: OrganisationPolicy) -> Iterator[Question]:
    """Return a sentence for each client whose usual login only its service can judge."""
    for client in load_clients():
        sign_in = client.login()
        flow = next(iter(sign_in.flows.values()))
        rules = rules_for(policy, client.name)
        allowed = getattr(rules, f"{flow.owner or 'workspace'}s")
        methods = rules.login_methods
        is_allowed = methods is None or flow.method in methods.values
        if allowed is not None and flow.owner_known_by is not None and is_allowed:
            says = _describe(policy, client.name, flow, sign_in.service)
            yield Question(says, allowed.origins)


def _describe(policy: OrganisationPolicy, client: str, flow: Flow, service: str) -> str:
    is_open = policy.on_error is not None and policy.on_error.value == "open"
    without = (
        f"Without an answer {client} starts all the same."
        if is_open
        else f"Where the policy is enforced, {client} does not start without an answer (exit 4)."
    )
    return (
        f"Only {service} knows the {flow.owner or 'workspace'} of {flow.stored}: Tipstaff asks it "
        f"before {client} starts. {without}"
    )
