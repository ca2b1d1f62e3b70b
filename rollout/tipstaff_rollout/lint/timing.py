"""From when and until when: validity, the staged start, waivers."""

from collections.abc import Iterator

from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.clients.interface.lint import (
    Aim,
    Hit,
    LintRule,
    at,
    each_policy,
    each_policy_for,
)
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.model import SECONDS_A_DAY, OrganisationPolicy
from tipstaff_policy.organisation.waivers.standing import ends
from tipstaff_policy.organisation.wording import moment

STARTS = ("warn_from", "enforce_from")


def find_expired(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find a policy that has ended; its rules still hold, and every host says so."""
    until = policy.valid_until
    if until and until.value <= aim.now:
        yield at(
            until.origins[0],
            f"the policy {ends(until.value, aim.now)}; TIP309 fails on every host",
            "set a later valid_until",
        )


def starts_after_end(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a start after the end."""
    until = policy.valid_until
    for name, value, origin in _starts(policy) if until else ():
        if until and value >= until.value:
            yield at(
                origin,
                f"{name} is after valid_until ({moment(until.value)})",
                "start earlier, or let the policy end later",
            )


def start_held_back(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a start that validity holds back: until then nothing is even said."""
    since = policy.valid_from
    for name, value, origin in _starts(policy) if since else ():
        if since and value < since.value:
            yield at(
                origin,
                f"{name} is before valid_from ({moment(since.value)}), which holds it back",
                "let the policy be valid from that day",
            )


def _starts(policy: OrganisationPolicy) -> Iterator[tuple[str, int, Origin]]:
    for name in STARTS:
        rule = getattr(policy, name)
        if rule:
            yield name, rule.value, rule.origins[0]
        for scope in policy.scopes:
            value = getattr(scope, name)
            if value is not None:
                yield f"{name} of the scope {scope.name}", value, scope.origin


_FIX = 'take it out, or set on_violation = "log_out"'


def start_without_effect(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find a day of enforcement where violations are only ever reported."""
    general = policy.on_violation.value if policy.on_violation else "log_out"
    enforced = any(scope.on_violation == "log_out" for scope in policy.scopes)
    start = policy.enforce_from
    if start and general == "report" and not enforced:
        yield at(start.origins[0], "enforce_from has no effect: on_violation is report", _FIX)
    for scope in policy.scopes:
        reports = (scope.on_violation or general) == "report"
        if reports and scope.enforce_from is not None:
            yield at(
                scope.origin,
                f"enforce_from of the scope {scope.name} has no effect: on_violation is report",
                _FIX,
            )


def waiver_expired(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find waivers that cover nothing any more."""
    for waiver in policy.waivers:
        if waiver.expires_at <= aim.now:
            yield at(
                waiver.origin,
                f"the waiver of {waiver.check} ({waiver.ticket}) "
                f"{ends(waiver.expires_at, aim.now)}",
                f"take it out, or ask {waiver.approver} again",
            )


def waiver_ends_soon(policy: OrganisationPolicy, aim: Aim) -> Iterator[Hit]:
    """Find waivers whose owners have to act."""
    for waiver in policy.waivers:
        if aim.now < waiver.expires_at <= aim.now + aim.days * SECONDS_A_DAY:
            yield at(
                waiver.origin,
                f"the waiver of {waiver.check} ({waiver.ticket}) "
                f"{ends(waiver.expires_at, aim.now)}",
                f"{waiver.owner} fixes what fails, or asks {waiver.approver} again",
            )


def waiver_without_effect(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find waivers of checks that are never waived, and for clients that are not known."""
    for waiver in policy.waivers:
        if waiver.check in MODULES and not load_check(waiver.check)[0].waivable:
            yield at(waiver.origin, f"{waiver.check} is never waived", "take the waiver out")
        if waiver.client is not None and waiver.client not in CLIENTS:
            yield at(
                waiver.origin,
                f'no client is called "{waiver.client}", so this covers no user',
                f"one of {', '.join(CLIENTS)}",
            )


def find_unknown_check(policy: OrganisationPolicy) -> Iterator[Hit]:
    """Find checks that this release does not have."""
    named = [(waiver.check, waiver.origin) for waiver in policy.waivers]
    named += [(check, rule.origins[0]) for check, rule in policy.severities]
    if policy.not_waivable:
        origins = policy.not_waivable.origins
        named += [(check, origins[0]) for check in policy.not_waivable.values]
    for check, origin in named:
        if check not in MODULES:
            yield at(origin, f"there is no check {check}", "`tipstaff checks list` names all")


RULES = (
    LintRule("expired", "warning", "a policy that has ended", each_policy_for(find_expired)),
    LintRule("starts-after-end", "warning", "a start after the end", each_policy(starts_after_end)),
    LintRule(
        "start-held-back",
        "warning",
        "a start before the policy is valid",
        each_policy(start_held_back),
    ),
    LintRule(
        "start-without-effect",
        "warning",
        "a day of enforcement where violations are only reported",
        each_policy(start_without_effect),
    ),
    LintRule(
        "waiver-expired", "warning", "a waiver that has ended", each_policy_for(waiver_expired)
    ),
    LintRule(
        "waiver-ends-soon",
        "warning",
        "a waiver that ends within 30 days",
        each_policy_for(waiver_ends_soon),
    ),
    LintRule(
        "waiver-without-effect",
        "error",
        "a waiver of a check that is never waived, or for an unknown client",
        each_policy(waiver_without_effect),
    ),
    LintRule(
        "unknown-check",
        "warning",
        "a check that this release does not have",
        each_policy(find_unknown_check),
    ),
)
