"""What the files of one policy leave contradicting."""

from __future__ import annotations

from tipstaff_policy.model.state import Fault, Origin
from tipstaff_policy.organisation.model import Allowed, OrganisationPolicy, join_origins

MOST_NAMED = 4
"""Origins that a message names."""


def contradictions(policy: OrganisationPolicy) -> tuple[Fault, ...]:
    """Return what several files together leave without any meaning; each names its origins."""
    found = [
        _fault(f"{name} allows nothing that every file allows", allowed.origins)
        for name, allowed in zip(policy._fields, policy, strict=True)
        if isinstance(allowed, Allowed) and not allowed.values and not allowed.wants_none
    ]
    found += [
        _fault(f"clients.{rules.client}.{name} allows nothing that every file allows", rule.origins)
        for rules in policy.clients
        for name, rule in zip(rules._fields, rules, strict=True)
        if isinstance(rule, Allowed) and not rule.values and not rule.wants_none
    ]
    since, until = policy.valid_from, policy.valid_until
    if since and until and since.value >= until.value:
        found.append(_fault("it ends before it begins", join_origins(since.origins, until.origins)))
    return (*found, *_bad_waivers(policy), *_bad_keys(policy))


def _bad_keys(policy: OrganisationPolicy) -> tuple[Fault, ...]:
    """Return the keys of clients' files of which no file could hold the value, or both values."""
    keys = policy.client_keys
    if not keys:
        return ()
    from tipstaff_policy.clients.carried_keys import (  # noqa: PLC0415 - as below
        contradictions_of,
        unwritable_faults,
    )
    from tipstaff_policy.organisation.client_keys import key_faults  # noqa: PLC0415 - rare

    return (*key_faults(keys, contradictions_of(policy)), *unwritable_faults(policy))


def _bad_waivers(policy: OrganisationPolicy) -> list[Fault]:
    """Return the waivers that can cover nothing; a bad waiver is a bad policy."""
    scopes = {scope.name for scope in policy.scopes}
    named = ", ".join(scope.name for scope in policy.scopes) or "a scope"
    never = frozenset(policy.not_waivable.values if policy.not_waivable else ())
    found = []
    for waiver in policy.waivers:
        where = str(waiver.origin)
        if waiver.group is not None and waiver.group not in scopes:
            what, wanted = f"no scope is called {waiver.group!r}", named
        elif waiver.check in never:
            what, wanted = f"{waiver.check} may not be waived", "no waiver, or not in not_waivable"
        else:
            continue
        remedy = f"fix {where}; nothing was removed"
        found.append(Fault(what, where, "refuse", wanted, remedy))
    return found


def _fault(what: str, origins: tuple[Origin, ...]) -> Fault:
    places = " and ".join(str(origin) for origin in origins[:MOST_NAMED])
    return Fault(
        what,
        places,
        "refuse",
        "files that have at least one value in common",
        f"fix one of {places}, or write [] to allow nothing",
    )
