"""A policy's rules for single clients; the keys at the top stand for one of them."""

from typing import Any

from tipstaff_policy.organisation.fields import SHORT_FORM_OF, TOP
from tipstaff_policy.organisation.merging import MEETS
from tipstaff_policy.organisation.model import ClientRules, OrganisationPolicy


def join_with_top(top: dict[str, Any], rules: ClientRules) -> dict[str, Any]:
    """Return what the keys at the top and the table of their client allow together."""
    return {
        name: MEETS[name](top.get(name), getattr(rules, own))
        for own, name in TOP.items()
        if getattr(rules, own) is not None
    }


def policy_for(policy: OrganisationPolicy, client: str) -> OrganisationPolicy:
    """Return a policy as it stands for a client: the keys at the top are those of one alone."""
    if client == SHORT_FORM_OF:
        return policy
    rules = rules_for(policy, client)
    return policy._replace(**{name: getattr(rules, own) for own, name in TOP.items()})


def rules_for(policy: OrganisationPolicy, client: str) -> ClientRules:
    """Return what a policy says of a client alone; empty where it does not name it."""
    return next((entry for entry in policy.clients if entry.client == client), ClientRules(client))
