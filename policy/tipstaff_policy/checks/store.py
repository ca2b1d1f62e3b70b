"""TIP201: the store in force is not the one that the administrators name."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    TO_UPDATE,
    Check,
    Host,
    Outcome,
    at,
    judge_unread_rules,
    not_applicable,
    pass_or_fail,
)
from tipstaff_policy.model.host_facts import StatedRule
from tipstaff_policy.organisation.model import Allowed

CHECK = Check(
    id="TIP201",
    title="Credential store not allowed",
    severity="high",
    since="0.1.0",
    fails_when="the store in force is none that the policy allows, or another than an "
    "administrators' layer names",
    rationale="A user's own setting moves the credential to a less protected store.",
    remedy="Require the store in an administrators' file that no user's setting beats.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/store-overridden",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Compare the store that the client really uses with the strongest word on it."""
    named = _find_named(host)
    allowed = _find_allowed(host, named)
    if allowed is None:
        return not_applicable(
            "neither an administrators' layer nor the policy names a store", "store"
        )
    store = host.surroundings.store
    if store is None:
        return judge_unread_rules(host.decision) or not_applicable(NOT_LOOKED, "store")
    places = at(*store.origins, *allowed.origins)
    status = pass_or_fail(store.name in allowed.values)
    expected = " or ".join(allowed.values) or "none"
    remedy = TO_UPDATE if named and not named.heeded else ""
    return (Outcome(status, "store", store.name, expected, places, remedy=remedy),)


def _find_named(host: Host) -> StatedRule | None:
    """Return the administrators' strongest word on the store, be it one that is passed over."""
    rules = host.surroundings.rules or ()
    stores = (rule for rule in rules if rule.about == "store")
    return next((rule for rule in stores if rule.held_by == "administrators"), None)


def _find_allowed(host: Host, named: StatedRule | None) -> Allowed | None:
    """Return the stores that the organisation's policy allows, else the one that is named."""
    if host.orders and host.orders.policy.stores:
        return host.orders.policy.stores
    return Allowed(named.allows or (), (named.origin,)) if named else None
