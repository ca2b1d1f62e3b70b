"""A policy in the words of its document, for reports and for people; no secret among them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tipstaff_policy.masks import shown, shown_in_words
from tipstaff_policy.organisation.judging import lasting
from tipstaff_policy.organisation.model import (
    Allowed,
    OrganisationPolicy,
    Rule,
    Scope,
)
from tipstaff_policy.values import Origin

MOMENTS = ("valid_from", "valid_until", "warn_from", "enforce_from")
NOT_SHOWN = "(set, not shown)"
Line = tuple[str, str | list[str], tuple[Origin, ...]]


def written(policy: OrganisationPolicy) -> Iterator[Line]:
    """Return each field that a policy states: its name, its value as written, its places."""
    for field, rule in zip(policy._fields, policy, strict=True):
        if isinstance(rule, Rule):
            yield field.removesuffix("_s"), value_of(field, rule.value), rule.origins
        elif isinstance(rule, Allowed):
            listed = workspaces_of(policy) if field == "workspaces" else rule.values
            yield field, list(listed), rule.origins
    if policy.client_keys:
        from tipstaff_policy.organisation.client_words import shown as value_shown  # noqa: PLC0415 - rare

        for key in policy.client_keys:
            yield key.name, value_shown(key), key.origins
    for check, severity in policy.severities:
        yield f"severity.{check}", severity.value, severity.origins
    for scope in policy.scopes:
        yield f"scopes.{scope.name}", _scope(scope), (scope.origin,)


def workspaces_of(policy: OrganisationPolicy) -> tuple[str, ...]:
    """Return the workspaces of a policy as people read them, with their names."""
    names, rule = dict(policy.workspace_names), policy.workspaces
    return tuple(
        f"{shown(each)} ({names[each]})" if each in names else shown(each)
        for each in (rule.values if rule else ())
    )


def value_of(field: str, value: Any) -> str:
    """Return one value as the document writes it."""
    if field == "fleet_key":
        return NOT_SHOWN
    if field in MOMENTS:
        return moment(value)
    if field == "longest_age_s":
        return lasting(value)
    if field == "cohort":
        return f"{value / 100:g}%"
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else shown_in_words(str(value))


def moment(seconds: int) -> str:
    """Return a point in time as RFC 3339."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _scope(scope: Scope) -> list[str]:
    fields = ("on_violation", "warn_from", "enforce_from", "cohort")
    stated = [(name, getattr(scope, name)) for name in fields]
    return [
        f"hosts {' '.join(scope.hosts)}",
        *(f"{name} {value_of(name, value)}" for name, value in stated if value is not None),
    ]
