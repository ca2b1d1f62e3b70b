"""TIP107: a login is older than the policy allows, or has expired."""

from tipstaff_policy.checks.active import with_other_violations
from tipstaff_policy.checks.model import (
    Check,
    Host,
    Outcome,
    at,
    not_applicable,
    place_of,
)
from tipstaff_policy.model.state import Credential, HeldCredential
from tipstaff_policy.organisation.model import SECONDS_A_DAY, Rule
from tipstaff_policy.organisation.violations import write_length

SKEW_S = SECONDS_A_DAY
"""How far clocks may differ; a login refreshed later than that was not, whatever it says."""
NOT_EXPIRED = "an access token that has not expired"
CHECK = Check(
    id="TIP107",
    title="Login too old",
    severity="medium",
    since="0.1.0",
    fails_when="a login was last refreshed longer ago than the policy allows, or its access token "
    "has expired (which alone does not log out)",
    rationale="The theft of an unused login goes unnoticed.",
    remedy="Start the client, which refreshes it, or sign in again; `tipstaff enforce` logs out "
    "where the policy states `longest_age`.",
    source="tests/conformance/cases_credentials.py",
    fails_on="examples/hosts/expired-login",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge each login that was found, in any store; keys have no age."""
    rule = host.orders.policy.longest_age_s if host.orders else None
    outcomes = tuple(
        _judge(credential, credential.content, rule, host.state.evaluated_at)
        for credential in host.state.credentials
        if isinstance(credential.content, HeldCredential)
        and _has_age(host, credential.content, rule)
    )
    return with_other_violations(
        host,
        CHECK.id,
        outcomes or not_applicable("no login whose age counts or whose expiry is known"),
        seen=lambda violation: f"last refreshed {violation.observed} ago",
        expected=lambda violation: "refreshed within " + " or ".join(violation.allowed),
    )


def _has_age(host: Host, content: HeldCredential, rule: Rule[int] | None) -> bool:
    has_workspace = any(
        method.has_workspace for method in host.methods if method.name == content.method
    )
    # How old an access token is that stands alone, only the service knows.
    ruled = rule is not None and has_workspace and not content.ask
    return ruled or content.expires_at is not None


def _judge(
    credential: Credential, content: HeldCredential, rule: Rule[int] | None, now: int
) -> Outcome:
    places = place_of(credential) + (at(*rule.origins) if rule else ())
    expected = f"refreshed within {write_length(rule.value)}" if rule else NOT_EXPIRED
    since = content.last_refresh
    days = None if since is None else (now - since) // SECONDS_A_DAY
    if rule and (since is None or since > now + SKEW_S):
        when = "at no known time" if since is None else "in the future"
        return Outcome("error", credential.source, f"last refreshed {when}", expected, places)
    if rule and since is not None and now - since > rule.value:
        seen = f"last refreshed {days} days ago"
        return Outcome("fail", credential.source, seen, expected, places)
    if content.expires_at is not None and content.expires_at <= now:
        return Outcome(
            "fail", credential.source, "the access token has expired", NOT_EXPIRED, places
        )
    seen = f"last refreshed {days} days ago" if rule else "the access token has not expired"
    return Outcome("pass", credential.source, seen, expected, places)
