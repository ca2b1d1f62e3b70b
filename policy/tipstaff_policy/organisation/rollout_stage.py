"""Whether a policy is enforced here already, only warned of, or not yet spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tipstaff_policy.model.state import Machine, Mode
from tipstaff_policy.organisation.model import OrganisationPolicy, Scope
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE = 100 * 100
"""All hosts, in hundredths of a per cent."""


class Stage(Record):
    """How far the start of a policy has come on a host."""

    mode: Mode
    why: str


def stage_of(policy: OrganisationPolicy, machine: Machine, now: int) -> Stage:
    """Return what a violation leads to on a host at a time; reads nothing but its arguments.

    Without a start that is staged, and without a policy, a violation is enforced.
    """
    scope = scope_of(policy, machine)
    return stage_in(policy, scope, lambda cohort: in_cohort(policy, machine, cohort), now)


def stage_in(
    policy: OrganisationPolicy, scope: Scope | None, goes_first: Callable[[int], bool], now: int
) -> Stage:
    """Return what a violation leads to on the hosts of a scope, or of none.

    Args:
        goes_first: Whether a host is among a share of all hosts, in hundredths of a per cent.
    """
    if policy.valid_from and now < policy.valid_from.value:
        return Stage("silent", "the policy is not yet valid")
    on_violation = _of(policy, scope, "on_violation") or "log_out"
    if now < (begins := _of(policy, scope, "warn_from") or 0):
        return Stage("silent", f"warnings start on {_day(begins)} (warn_from)")
    if on_violation == "report":
        return Stage("warn", "the policy only reports violations")
    if now < (begins := _of(policy, scope, "enforce_from") or 0):
        return Stage("warn", f"enforcement starts on {_day(begins)} (enforce_from)")
    cohort = _of(policy, scope, "cohort")
    if cohort is not None and not goes_first(cohort):
        return Stage("warn", "this host is not in the first cohort")
    return Stage("enforce", "the policy is in force")


def _day(moment: int) -> str:
    from time import gmtime, strftime  # noqa: PLC0415 - where a start is still to come

    return strftime("%Y-%m-%d", gmtime(moment))


def scope_of(policy: OrganisationPolicy, machine: Machine) -> Scope | None:
    """Return the first scope that a host belongs to."""
    if not policy.scopes:
        return None
    from tipstaff_policy.organisation.patterns import fits  # noqa: PLC0415 - costs start-up

    for scope in policy.scopes:
        if any(fits(pattern, machine.host_name) for pattern in scope.hosts):
            return scope
    return None


def in_cohort(policy: OrganisationPolicy, machine: Machine, cohort: int) -> bool:
    """Return whether a host is among the share that goes first; a growing share keeps its hosts.

    A host without an id is the last to come.
    """
    if cohort >= WHOLE:
        return True
    if machine.host_id is None:
        return False
    from tipstaff_policy.parsing.sha256 import sha256  # noqa: PLC0415 - cohorts only

    name = policy.id.value if policy.id else ""
    digest = sha256(f"tipstaff cohort\0{name}\0{machine.host_id}".encode()).digest()
    return int.from_bytes(digest[:8]) * WHOLE < cohort << 64


def _of(policy: OrganisationPolicy, scope: Scope | None, name: str) -> Any:
    """Return what the scope says of a field, else what the policy says."""
    own = getattr(scope, name, None)
    rule = getattr(policy, name)
    return own if own is not None else rule.value if rule else None
