"""What changes between the rules of two policies for single clients."""

from collections.abc import Iterator
from typing import Any

from tipstaff_policy.assessment.policy_diff.meaning import (
    Change,
    Direction,
    plain_value,
    rules_by_client,
    value_of,
)
from tipstaff_policy.organisation.fields import SHARED
from tipstaff_policy.organisation.model import ClientRules, OrganisationPolicy


def compare_client_rules(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield what holds for single clients and is otherwise."""
    old, new = rules_by_client(before), rules_by_client(after)
    for client in sorted({*old, *new}):
        was, will = old.get(client, ClientRules(client)), new.get(client, ClientRules(client))
        for field in was._fields[1:]:
            first, second = plain_value(getattr(was, field)), plain_value(getattr(will, field))
            whom = f"people who use {client}"
            if field in SHARED:
                # The key at the top holds for this client too.
                first, second = first or value_of(before, field), second or value_of(after, field)
                whom += " with a credential from a variable"
            if first != second:
                what = f"{whom}: {_in_words(first)} until now, {_in_words(second)} from then on"
                stated = (getattr(was, field), getattr(will, field))
                places = [rule.origins if rule else () for rule in stated]
                yield Change(f"clients.{client}.{field}", _direction(first, second), what, *places)


def _in_words(value: Any) -> str:
    if value is None:
        return "any"
    if isinstance(value, str):
        return value
    if value and all(isinstance(element, int) for element in value):
        return ".".join(map(str, value))
    return " or ".join(map(str, value)) or "none"


def _direction(first: Any, second: Any) -> Direction:
    """Return whether less is let pass than before; None lets pass everything."""
    if first is None or second is None:
        return "tightened" if first is None else "loosened"
    if isinstance(first, str):
        return "tightened" if second == "forbid" else "loosened"
    if any(isinstance(value, int) for value in (*first, *second)):
        return "tightened" if second > first else "loosened"
    if set(second) < set(first):
        return "tightened"
    return "loosened" if set(second) > set(first) else "other"
