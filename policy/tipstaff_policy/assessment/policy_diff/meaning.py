"""What a policy means, without the places where it stands and without what goes unsaid.

Two documents mean the same where they order the same on every host and say the same to people:
reordered, reformatted, split into files, or a default written out.
"""

from typing import Any, Literal

from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import Allowed, ClientRules, OrganisationPolicy, Rule
from tipstaff_policy.organisation.rollout_stage import WHOLE
from tipstaff_policy.record import Record

DEFAULTS: dict[str, Any] = {
    "on_violation": "log_out",
    "warn_from": 0,
    "enforce_from": 0,
    "cohort": WHOLE,
    "running_clients": "report",
    "wipe_linked": False,
    "environment_credentials": "allow",
    "scrub_environment": False,
    "on_error": "closed",
    "waiver_keys": (),
    "knowledge_keys": (),
    "homes": (),
    "not_waivable": (),
}
"""What holds where a field is not stated."""

Direction = Literal["tightened", "loosened", "other"]


class Change(Record):
    """One thing that is otherwise, for certain people."""

    field: str
    """As the document writes it; `scopes.NAME.FIELD` for a scope."""
    direction: Direction
    """Whether fewer people, logins or places are let pass than before."""
    what: str
    """For whom what was, and what will be."""
    before: tuple[Origin, ...]
    """Where the earlier document says so; nothing where it is silent."""
    after: tuple[Origin, ...]


def meaning_of(policy: OrganisationPolicy) -> dict[str, Any]:
    """Return the plain value of each field; equal exactly where two policies mean the same."""
    found = {name: value_of(policy, name) for name in policy._fields}
    found["workspace_names"] = tuple(sorted(policy.workspace_names))
    found["severities"] = {check: rule.value for check, rule in policy.severities}
    found["scopes"] = tuple(scope._replace(origin=None) for scope in policy.scopes)  # type: ignore[arg-type]
    found["waivers"] = {waiver._replace(origin=None) for waiver in policy.waivers}  # type: ignore[arg-type]
    trusted = policy.trusted_keys.values if policy.trusted_keys else ()
    found["keys"] = {key for key in policy.keys if key.thumbprint in trusted}
    found["clients"] = tuple(map(plain_rules, policy.clients))
    found["client_keys"] = {key[:4] for key in policy.client_keys}
    return found


def plain_rules(rules: ClientRules) -> tuple[Any, ...]:
    """Return what a policy states about a client, without the places."""
    return tuple(
        rule.values if isinstance(rule, Allowed) else rule.value if isinstance(rule, Rule) else rule
        for rule in rules
    )


def value_of(policy: OrganisationPolicy, name: str) -> Any:
    """Return the plain value of a field, the default where there is one and nothing is stated."""
    stated = getattr(policy, name)
    if isinstance(stated, Rule):
        return stated.value
    if isinstance(stated, Allowed):
        return stated.values
    return DEFAULTS.get(name, stated)


def origins_of(policy: OrganisationPolicy, name: str) -> tuple[Origin, ...]:
    """Return where a field stands; nothing where it is not stated."""
    stated = getattr(policy, name)
    return stated.origins if isinstance(stated, Rule | Allowed) else ()
