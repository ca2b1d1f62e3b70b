"""The meet of policies: together they allow what each of them allows, and nothing more.

It is associative, commutative and idempotent, so that neither the number nor the order of files
matters (tests/policy/organisation/test_meet.py states the laws as equalities). It never fails;
what two files leave contradicting is found afterwards by `contradictions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from tipstaff_policy.model.secret import FleetKey
from tipstaff_policy.organisation.fields import RULES_OF_CLIENTS, SEVERITIES, TOP
from tipstaff_policy.organisation.model import (
    NO_POLICY,
    Allowed,
    ClientRules,
    OrganisationPolicy,
    Rule,
    Scope,
    join_origins,
)

FORBIDDING = ("allow", "forbid")
CLOSING = ("open", "closed")


def meet(policies: Iterable[OrganisationPolicy]) -> OrganisationPolicy:
    """Return the policy that all of the given ones make together; none makes no restriction."""
    level = list(policies)
    while len(level) > 1:
        # In pairs, because a sum that grows by one file after the other is sorted for each.
        level = [reduce(_meet, level[n : n + 2]) for n in range(0, len(level), 2)]
    return level[0] if level else NO_POLICY


def _meet(left: OrganisationPolicy, right: OrganisationPolicy) -> OrganisationPolicy:
    pairs = zip(left._fields, left, right, strict=True)
    return OrganisationPolicy(*(MEETS.get(name, _stated)(a, b) for name, a, b in pairs))


def _strongest(rank: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the meet by which the greatest rank wins; equals share their origins."""

    def choose(left: Rule[Any] | None, right: Rule[Any] | None) -> Rule[Any] | None:
        if left is None or right is None:
            return left or right
        if left.value == right.value:
            return Rule(left.value, join_origins(left.origins, right.origins))
        return max(left, right, key=lambda candidate: rank(candidate.value))

    return choose


_stated = _strongest(str)
"""For what the root file alone states; of two, which can only be a test, the later text wins."""


def _intersect(left: Allowed | None, right: Allowed | None) -> Allowed | None:
    if left is None or right is None:
        return left or right
    others = frozenset(right.values)
    return Allowed(
        tuple(value for value in left.values if value in others),
        join_origins(left.origins, right.origins),
        left.wants_none or right.wants_none,
    )


def _unite(left: Allowed | None, right: Allowed | None) -> Allowed | None:
    if left is None or right is None:
        return left or right
    values = tuple(sorted({*left.values, *right.values}))
    neither = left.wants_none and right.wants_none
    return Allowed(values, join_origins(left.origins, right.origins), neither)


def _both(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    if not left or not right:
        return left or right
    return tuple(sorted({*left, *right}, key=repr))


def _of_the_root(left: tuple[Scope, ...], right: tuple[Scope, ...]) -> tuple[Scope, ...]:
    """Keep the order in which the root file, which alone states scopes, has them: it counts."""
    return max(left, right, key=lambda value: (bool(value), repr(value)))


def _severities(
    left: tuple[tuple[str, Rule[str]], ...], right: tuple[tuple[str, Rule[str]], ...]
) -> tuple[tuple[str, Rule[str]], ...]:
    higher = _strongest(SEVERITIES.index)
    found = dict(left)
    for check, rule in right:
        found[check] = higher(found.get(check), rule)
    return tuple(sorted(found.items()))


def _client_keys(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    if not left or not right:
        return left or right
    from tipstaff_policy.organisation.client_keys import meet_keys  # noqa: PLC0415 - rare

    return meet_keys(left, right)


def _clients(
    left: tuple[ClientRules, ...], right: tuple[ClientRules, ...]
) -> tuple[ClientRules, ...]:
    """Return what both say of each client; what one is silent on the other decides."""
    if not left or not right:
        return left or right
    found = {rules.client: rules for rules in left}
    for rules in right:
        mine = found.get(rules.client, rules)
        both = {
            name: MEETS.get(TOP.get(name, name), _intersect)(
                getattr(mine, name), getattr(rules, name)
            )
            for name in RULES_OF_CLIENTS
        }
        found[rules.client] = ClientRules(rules.client, **both)
    return tuple(found[client] for client in sorted(found))


MEETS: dict[str, Callable[[Any, Any], Any]] = {
    "workspace_names": _both,
    "scopes": _of_the_root,
    "keys": _both,
    "waivers": _both,
    "severities": _severities,
    "valid_from": _strongest(int),
    "valid_until": _strongest(lambda moment: -moment),
    "login_methods": _intersect,
    "workspaces": _intersect,
    "stores": _intersect,
    "trusted_keys": _intersect,
    "waiver_keys": _intersect,
    "environment_credentials": _strongest(FORBIDDING.index),
    "scrub_environment": _strongest(bool),
    "oldest_client": _strongest(tuple),
    "longest_age_s": _strongest(lambda seconds: -seconds),
    "on_error": _strongest(CLOSING.index),
    "fleet_key": _strongest(FleetKey.reveal),
    "homes": _unite,
    "not_waivable": _unite,
    "client_keys": _client_keys,
    "clients": _clients,
}
"""How each field meets; one that is not named here is the root file's alone."""
