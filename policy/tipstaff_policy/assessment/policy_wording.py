"""A whole policy in the words of its document, for reports and for people."""

from collections.abc import Iterator

from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy, Rule
from tipstaff_policy.organisation.wording import _scope, value_of, workspaces_of

Line = tuple[str, str | list[str], tuple[Origin, ...]]


def list_fields(policy: OrganisationPolicy) -> Iterator[Line]:
    """Return each field that a policy states: its name, its value as written, its places."""
    for field, rule in zip(policy._fields, policy, strict=True):
        if isinstance(rule, Rule):
            yield field.removesuffix("_s"), value_of(field, rule.value), rule.origins
        elif isinstance(rule, Allowed):
            listed = workspaces_of(policy) if field == "workspaces" else rule.values
            yield field, list(listed), rule.origins
    if policy.client_keys:
        from tipstaff_policy.clients.carried_keys import (  # noqa: PLC0415 - rare
            show_value as value_shown,
        )

        for key in policy.client_keys:
            yield key.name, value_shown(key), key.origins
    for check, severity in policy.severities:
        yield f"severity.{check}", severity.value, severity.origins
    for scope in policy.scopes:
        yield f"scopes.{scope.name}", _scope(scope), (scope.origin,)
