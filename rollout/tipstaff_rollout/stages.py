"""How far the start of a policy has come, and what that means for each kind of host.

The client's own files know no start: they act on every host as soon as they are there. So they are
shipped only once the policy is enforced everywhere; until then it has an effect on hosts with
Tipstaff alone.
"""

from typing import Literal, NamedTuple

from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import OrganisationPolicy, Scope
from tipstaff_policy.organisation.whole_start import MOMENTS, find_hold_backs, list_modes
from tipstaff_policy.organisation.wording import value_of

State = Literal["before", "warn", "cohort", "whole", "expired"]
"""Until people are warned; until log-outs start; log-outs on some hosts; on every host; and after
`valid_until`, when the rules still hold."""
DAY = 24 * 60 * 60


class Stage(NamedTuple):
    """What the start of a policy has come to at a moment."""

    state: State
    since: int | None
    """When it begins; None for the one that holds from the beginning."""
    held_back_by: tuple[tuple[str, Origin], ...]
    """Which statements keep it from being enforced everywhere, and where they are."""
    on_hosts: str
    """What a violation leads to on a host with Tipstaff."""
    then: int | None = None
    """When the next stage begins."""


def find_stage(policy: OrganisationPolicy, now: int) -> Stage:
    """Return the stage that a policy is in at a moment."""
    found = next(stage for stage in reversed(list_stages(policy)) if (stage.since or 0) <= now)
    # Within a stage a reason may end before the others.
    return found._replace(held_back_by=find_hold_backs(policy, now))


def list_stages(policy: OrganisationPolicy) -> tuple[Stage, ...]:
    """Return every stage of a policy, in their order; one that nothing limits has a single one."""
    found: list[Stage] = []
    for since in (None, *_moments(policy)):
        stage = _stage_at(policy, since)
        if found and (found[-1].state, found[-1].on_hosts) == (stage.state, stage.on_hosts):
            continue
        found.append(stage)
    followers = [*(stage.since for stage in found[1:]), None]
    return tuple(stage._replace(then=then) for stage, then in zip(found, followers, strict=True))


def _moments(policy: OrganisationPolicy) -> list[int]:
    """Return the moments at which something may change, sorted."""
    rules = (getattr(policy, name) for name in (*MOMENTS, "valid_until"))
    found = {rule.value for rule in rules if rule}
    found |= {
        moment
        for scope in policy.scopes
        for moment in (scope.warn_from, scope.enforce_from)
        if moment is not None
    }
    return sorted(found)


def _stage_at(policy: OrganisationPolicy, since: int | None) -> Stage:
    now = since or 0
    parts = [list_modes(policy, scope, now) for scope in (None, *policy.scopes)]
    every = set().union(*parts)
    state: State = "cohort"
    if every == {"enforce"}:
        state = "whole"
    elif "enforce" not in every:
        state = "warn" if "warn" in every else "before"
    if policy.valid_until and now >= policy.valid_until.value:
        state = "expired"
    return Stage(state, since, find_hold_backs(policy, now), _describe_hosts(policy, parts))


DONE = {
    "silent": "only reported by `tipstaff audit`",
    "warn": "warned of, and nothing is removed",
    "enforce": "logged out",
}
"""What a violation is, by mode."""


def _describe_hosts(policy: OrganisationPolicy, parts: list[set[str]]) -> str:
    every = set().union(*parts)
    if len(every) == 1:
        return f"a violation is {DONE[every.pop()]}"
    groups = []
    for scope, modes in zip((*policy.scopes, None), (*parts[1:], parts[0]), strict=True):
        whom = f"on hosts of the scope {scope.name}" if scope else "on the other hosts"
        groups.append(f"{whom} it is {_describe_modes(policy, scope, modes)}")
    if not policy.scopes:
        return f"a violation is {_describe_modes(policy, None, parts[0])}"
    return f"of a violation: {'; '.join(groups)}"


def _describe_modes(policy: OrganisationPolicy, scope: Scope | None, modes: set[str]) -> str:
    if len(modes) == 1:
        return DONE[next(iter(modes))]
    own = scope.cohort if scope else None
    share = own if own is not None else policy.cohort.value if policy.cohort else 0
    return f"logged out on {value_of('cohort', share)} of them, and warned of on the rest"
