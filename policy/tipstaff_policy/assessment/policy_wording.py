"""A whole policy in the words of its document, for reports and for people."""

from collections.abc import Iterator

from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.fields import OWNERS_OF_LOGINS, SHORT_FORM_OF, TOP
from tipstaff_policy.organisation.model import Allowed, ClientRules, OrganisationPolicy, Rule
from tipstaff_policy.organisation.wording import _scope, owners_as_written, value_of

Line = tuple[str, str | list[str], tuple[Origin, ...]]


def list_fields(policy: OrganisationPolicy) -> Iterator[Line]:
    """Return each field that a policy states: its name, its value as written, its places."""
    for field, rule in zip(policy._fields, policy, strict=True):
        if isinstance(rule, Rule):
            yield field.removesuffix("_s"), value_of(field, rule.value), rule.origins
        elif isinstance(rule, Allowed):
            yield field, _list_values(field, rule, policy.workspace_names), rule.origins
    for rules in policy.clients:
        yield from _client_rules(rules)
    yield from _client_keys(policy)
    for check, severity in policy.severities:
        yield f"severity.{check}", severity.value, severity.origins
    for scope in policy.scopes:
        yield f"scopes.{scope.name}", _scope(scope), (scope.origin,)


def _list_values(field: str, rule: Allowed, names: tuple[tuple[str, str], ...]) -> list[str]:
    return list(owners_as_written(rule, names) if field in OWNERS_OF_LOGINS else rule.values)


def list_fields_for(policy: OrganisationPolicy, client: str) -> Iterator[Line]:
    """Return the fields of a policy that a client's report shows.

    What stands at the top for one client alone is no rule for the others.
    """
    of_another = () if client == SHORT_FORM_OF else TOP.values()
    return (line for line in list_fields(policy) if line[0] not in of_another)


def is_carried(field: str) -> bool:
    """Return whether a field is a key of a client's own files that the policy carries."""
    table, _, rest = field.partition(".")
    return table == "clients" and rest.partition(".")[2] not in ClientRules._fields


def _client_rules(rules: ClientRules) -> Iterator[Line]:
    for field, rule in zip(rules._fields, rules, strict=True):
        name = f"clients.{rules.client}.{field}"
        if isinstance(rule, Allowed):
            yield name, _list_values(field, rule, rules.names), rule.origins
        elif isinstance(rule, Rule):
            yield name, value_of(field, rule.value), rule.origins


def _client_keys(policy: OrganisationPolicy) -> Iterator[Line]:
    if policy.client_keys:
        from tipstaff_policy.clients.carried_keys import (  # noqa: PLC0415 - rare
            show_value as value_shown,
        )

        for key in policy.client_keys:
            yield key.name, value_shown(key), key.origins
