"""What changes between the rules of two policies for single clients."""

from collections.abc import Iterator
from typing import Any

from tipstaff_policy.assessment.policy_diff.meaning import (
    Change,
    Direction,
    describe_renamed,
    name_first,
    plain_value,
    rules_by_client,
    value_of,
)
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.fields import OWNERS_OF_LOGINS, SHARED
from tipstaff_policy.organisation.model import ClientRules, OrganisationPolicy

RULES = tuple(name for name in ClientRules._fields if name not in ("client", "names"))


def compare_client_rules(before: OrganisationPolicy, after: OrganisationPolicy) -> Iterator[Change]:
    """Yield what holds for single clients and is otherwise."""
    old, new = rules_by_client(before), rules_by_client(after)
    for client in sorted({*old, *new}):
        was, will = old.get(client, ClientRules(client)), new.get(client, ClientRules(client))
        yield from _compare_rules((before, was), (after, will))
        for what in describe_renamed(f"{{}} of {client}", was.names, will.names):
            yield Change(f"clients.{client}.names", "other", what, *map(_owners_at, (was, will)))


def _compare_rules(*sides: tuple[OrganisationPolicy, ClientRules]) -> Iterator[Change]:
    rules = [of_client for _, of_client in sides]
    client = rules[0].client
    for field in RULES:
        values = [plain_value(getattr(side, field)) for side in rules]
        whom = f"people who use {client}"
        if field in SHARED:
            # The key at the top holds for this client too.
            values = [
                own or value_of(top, field) for own, (top, _) in zip(values, sides, strict=True)
            ]
            whom += " with a credential from a variable"
        if values[0] != values[1]:
            was, will = (_in_words(*two) for two in zip(values, rules, strict=True))
            stated = [getattr(side, field) for side in rules]
            places = [rule.origins if rule else () for rule in stated]
            what = f"{whom}: {was} until now, {will} from then on"
            yield Change(f"clients.{client}.{field}", _direction(*values), what, *places)


def _owners_at(rules: ClientRules) -> tuple[Origin, ...]:
    """Return where it stands whose a login may be, next to the names."""
    stated = [rule for name in OWNERS_OF_LOGINS if (rule := getattr(rules, name))]
    return tuple(origin for rule in stated for origin in rule.origins)


def _in_words(value: Any, rules: ClientRules) -> str:
    if value is None:
        return "any"
    if isinstance(value, str):
        return value
    if value and all(isinstance(element, int) for element in value):
        return ".".join(map(str, value))
    names = dict(rules.names)
    return " or ".join(name_first(element, names) for element in value) or "none"


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
