"""Where version, policy or person leave several readings: they decide alike, or it is unknown."""

from collections.abc import Iterator

from tipstaff_policy.clients.claude.config.effective import (
    machine_document,
    merge_managed,
)
from tipstaff_policy.clients.claude.config.keys import ORGANISATIONS
from tipstaff_policy.clients.claude.config.rules import rules_of
from tipstaff_policy.clients.claude.config.server_policy import SERVER
from tipstaff_policy.clients.claude.config.sources import is_present
from tipstaff_policy.clients.claude.decision.decision import Judge
from tipstaff_policy.clients.claude.decision.session import session_of
from tipstaff_policy.clients.claude.versions import Behaviour, behaviours_of
from tipstaff_policy.model.state import Client, Decision, HostState


def decide(state: HostState) -> Decision:
    """Return what the client does on a state, by every reading that is left open."""
    client = state.client
    versions = (client.version, *client.may_be)
    found = [
        (version, decision)
        for version in versions
        for decision in _readings(state._replace(client=client._replace(version=version)))
    ]
    if not found:
        reason = f"How version {client.version} of the client starts was never seen."
        return Decision("unknown", reason)
    first = found[0][1]
    for version, decision in found[1:]:
        if _effect(decision) != _effect(first):
            return _decide_unknown(client, first, version, decision)
    return _with_server(state, first)


def _readings(state: HostState) -> Iterator[Decision]:
    for behaviour in behaviours_of(state.client.version):
        yield from _decisions(state, behaviour)


def _decisions(state: HostState, behaviour: Behaviour) -> Iterator[Decision]:
    asks = state.client.entry_point == "interactive"
    pinned = ORGANISATIONS in machine_document(state.layers, behaviour)
    for approved in (True, False) if asks else (True,):
        session = session_of(state, behaviour, pins_organisation=pinned, key_approved=approved)
        document = merge_managed(state.layers, behaviour, heeds_server=session.heeds_server)
        yield Judge(state, session, rules_of(document, behaviour), behaviour).decide()


def _effect(decision: Decision) -> str:
    return decision.verdict


def _decide_unknown(client: Client, first: Decision, version: str, other: Decision) -> Decision:
    if version != client.version or len(behaviours_of(version)) > 1:
        why = f"Whether version {version} of the client does so was never seen"
    else:
        why = "Whether the person approved the key of the environment is not known"
    reason = f"{why}, and that matters here: it is {first.verdict} or {other.verdict}."
    return Decision("unknown", reason, active=first.active, methods=first.methods)


def _with_server(state: HostState, decision: Decision) -> Decision:
    """Say that the service may send another policy than the one that it sent before."""
    kept = any(layer.name == SERVER and is_present(layer) for layer in state.layers)
    if not kept or "server_policy" in decision.depends_on:
        return decision
    return decision._replace(depends_on=(*decision.depends_on, "server_policy"))
