"""Whether a policy is enforced on every host, so that the client's own files are shipped.

Those files know no start: they act on every host as soon as they are there. Until the policy is
enforced everywhere they are left out.
"""

from collections.abc import Iterator

from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import OrganisationPolicy, Scope
from tipstaff_policy.organisation.rollout_stage import WHOLE, stage_in

MOMENTS = ("valid_from", "warn_from", "enforce_from")


def find_hold_backs(policy: OrganisationPolicy, now: int | None) -> tuple[tuple[str, Origin], ...]:
    """Return which statements keep a policy from being enforced everywhere, and where they are.

    Args:
        now: None for whichever moment comes first: then each start is still to come.
    """
    return tuple(_list_reasons(policy, -1 if now is None else now, first=now is None))


def _list_reasons(
    policy: OrganisationPolicy, now: int, *, first: bool
) -> Iterator[tuple[str, Origin]]:
    for name in MOMENTS:
        rule = getattr(policy, name)
        if rule and now < rule.value:
            yield name, rule.origins[0]
    cohort, orders = policy.cohort, policy.on_violation
    if cohort and (first or cohort.value < WHOLE):
        yield "cohort", cohort.origins[0]
    if orders and orders.value == "report":
        yield "on_violation", orders.origins[0]
    for scope in policy.scopes:
        if first or list_modes(policy, scope, now) != {"enforce"}:
            yield f"scope {scope.name}", scope.origin


def list_modes(policy: OrganisationPolicy, scope: Scope | None, now: int) -> set[str]:
    """Return what a violation leads to on the hosts of a scope; two where a share decides."""
    last = stage_in(policy, scope, lambda cohort: cohort >= WHOLE, now)
    first = stage_in(policy, scope, lambda cohort: cohort > 0, now)
    return {last.mode, first.mode}
