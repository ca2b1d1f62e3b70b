"""A policy's rules for single clients; the keys at the top stand for one of them."""

from typing import Any

from tipstaff_policy.organisation.fields import SHARED, SHORT_FORM_OF, TOP
from tipstaff_policy.organisation.merging import MEETS
from tipstaff_policy.organisation.model import ClientRules, OrganisationPolicy

NONE_AT_THE_TOP = {own: ClientRules._field_defaults[own] for own in TOP}


def join_with_top(top: dict[str, Any], rules: tuple[ClientRules, ...]) -> dict[str, Any]:
    """Return what the keys at the top and the tables of all clients allow together.

    Of the client that the short form stands for, a table of its own is left where it says what no
    key at the top can: such a key holds for every client.
    """
    found: dict[str, Any] = {}
    others = []
    for entry in rules:
        if entry.client != SHORT_FORM_OF:
            others.append(entry)
            continue
        stated = {name: getattr(entry, own) for own, name in TOP.items() if getattr(entry, own)}
        found |= {name: MEETS[name](top.get(name), rule) for name, rule in stated.items()}
        rest = entry._replace(**NONE_AT_THE_TOP)
        others += [] if rest == ClientRules(entry.client) else [rest]
    return {**found, "clients": tuple(others)}


def policy_for(policy: OrganisationPolicy, client: str) -> OrganisationPolicy:
    """Return a policy as it stands for a client: the keys at the top are those of one alone."""
    rules = rules_for(policy, client)
    shared = {name: MEETS[name](getattr(policy, name), getattr(rules, name)) for name in SHARED}
    if client != SHORT_FORM_OF:
        shared |= {name: getattr(rules, own) for own, name in TOP.items()}
    return policy._replace(**shared)


def rules_for(policy: OrganisationPolicy, client: str) -> ClientRules:
    """Return what a policy says of a client alone; empty where it does not name it."""
    return next((entry for entry in policy.clients if entry.client == client), ClientRules(client))
