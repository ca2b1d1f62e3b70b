"""Which waiver covers a failing check, and how it stands."""

from collections.abc import Iterable
from typing import Literal

from tipstaff_policy.model.state import Machine
from tipstaff_policy.organisation.model import (
    SECONDS_A_DAY,
    OrganisationPolicy,
    Waiver,
)
from tipstaff_policy.organisation.patterns import fits
from tipstaff_policy.organisation.rollout_stage import scope_of
from tipstaff_policy.record import Record

Standing = Literal["active", "expired", "not_waivable"]


class Waived(Record):
    """A waiver of a finding, whose own status stays as it is."""

    standing: Standing
    """Only an active one counts."""
    ends: str
    """For people: "ends in 3 days"."""
    waiver: Waiver


def find_waiver(
    policy: OrganisationPolicy, check: str, *, client: str, machine: Machine, now: int
) -> Waived | None:
    """Return the waiver that covers a check here: an active one, else one that has ended."""
    scope = scope_of(policy, machine)
    group = scope.name if scope else None
    found = [
        judge_waiver(policy, waiver, now)
        for waiver in policy.waivers
        if waiver.check == check and _covers(waiver, group, client, machine)
    ]
    order = ("active", "not_waivable", "expired")
    return min(
        found,
        key=lambda waived_finding: (
            order.index(waived_finding.standing),
            -waived_finding.waiver.expires_at,
        ),
        default=None,
    )


def judge_waiver(policy: OrganisationPolicy, waiver: Waiver, now: int) -> Waived:
    """Return a waiver with how it stands at a time."""
    if policy.not_waivable and waiver.check in policy.not_waivable.values:
        how: Standing = "not_waivable"
    else:
        how = "active" if now < waiver.expires_at else "expired"
    return Waived(how, ends(waiver.expires_at, now), waiver)


def _covers(waiver: Waiver, group: str | None, client: str, machine: Machine) -> bool:
    return (
        _fits(waiver.host, (machine.host_name, machine.host_id or ""))
        and _fits(waiver.user, (machine.user,))
        and waiver.group in (None, group)
        and waiver.client in (None, client)
    )


def _fits(pattern: str | None, names: Iterable[str]) -> bool:
    return pattern is None or any(name and fits(pattern, name) for name in names)


def ends(expires_at: int, now: int) -> str:
    """Return in words when something ends, or ended."""
    seconds = abs(expires_at - now)
    days, hours = seconds // SECONDS_A_DAY, seconds // 3600
    amount = f"{days} days" if days > 1 else f"{hours} hours" if hours > 1 else "less than 2 hours"
    return f"ends in {amount}" if now < expires_at else f"ended {amount} ago"
