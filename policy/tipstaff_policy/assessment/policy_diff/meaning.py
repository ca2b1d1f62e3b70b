"""What a policy means, without the places where it stands and without what goes unsaid.

Two documents mean the same where they order the same on every host and say the same to people:
reordered, reformatted, split into files, or a default written out.
"""

from collections.abc import Iterator, Mapping
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

Names = tuple[tuple[str, str], ...]
"""Pairs of id and name."""
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
    found["clients"] = {
        client: tuple(map(plain_value, rules)) for client, rules in rules_by_client(policy).items()
    }
    found["client_keys"] = {key[:4] for key in policy.client_keys}
    return found


def rules_by_client(policy: OrganisationPolicy) -> dict[str, ClientRules]:
    """Return what a policy says of each client beyond what it says of every client."""
    of_every_client = value_of(policy, "environment_credentials")
    found = {}
    for rules in policy.clients:
        own = rules.environment_credentials
        if own is not None and own.value in ("allow", of_every_client):
            rules = rules._replace(environment_credentials=None)  # noqa: PLW2901 - the same client
        if rules != ClientRules(rules.client):
            found[rules.client] = rules
    return found


def plain_value(rule: Any) -> Any:
    """Return what a rule of a client says, without the places."""
    if isinstance(rule, Allowed):
        return rule.values
    return rule.value if isinstance(rule, Rule) else rule


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


def name_first(owner: str, names: Mapping[str, str]) -> str:
    """Return a workspace, organisation or account by its name, if it has one, and by its id."""
    return f'"{names[owner]}" ({owner})' if owner in names else owner


def describe_renamed(whom: str, before: Names, after: Names) -> Iterator[str]:
    """Yield the workspaces, organisations or accounts that people call otherwise.

    Args:
        whom: What such a one is; braces stand for its id.
    """
    old, new = dict(before), dict(after)
    for owner in sorted({*old, *new}):
        if old.get(owner) != new.get(owner):
            was, will = old.get(owner) or "by its id", new.get(owner) or "by its id"
            yield f"{whom.format(owner)} is called {will}, until now {was}"
