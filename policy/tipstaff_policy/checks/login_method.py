"""TIP101: a credential's method is not allowed."""

from tipstaff_policy.checks.active import find_allowed_methods, judge_active
from tipstaff_policy.checks.model import Check, Host, Outcome

CHECK = Check(
    id="TIP101",
    title="Login method not allowed",
    severity="critical",
    since="0.1.0",
    fails_when="the login method of the active credential is not allowed, or that of another "
    "credential that Tipstaff logs out",
    rationale="A forbidden method signs in outside the organisation's contract and its logs.",
    remedy="Run `tipstaff enforce` to log out, then sign in by an allowed method.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/api-key-under-chatgpt-only",
    passes_on="examples/hosts/compliant-chatgpt",
    logs_out=True,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the method of the active credential, and of others that violate."""
    return judge_active(
        host,
        CHECK.id,
        find_allowed_methods(host),
        seen=lambda violation: f"method {violation.observed}",
        good="the method is allowed",
    )
