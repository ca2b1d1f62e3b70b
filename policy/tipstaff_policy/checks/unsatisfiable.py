"""TIP305: the restrictions together allow nothing."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at

CHECK = Check(
    id="TIP305",
    title="Restrictions allow nothing",
    severity="high",
    since="0.1.0",
    fails_when="the restrictions in force leave no login method",
    rationale="No user can start the client, and its own log-out refuses, so that what is stored "
    "stays stored.",
    remedy="Remove one of the contradicting restrictions.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/nobody-may-sign-in",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail where no method remains; an error where the restrictions could not be read."""
    decision = host.decision
    if decision.blocked_by:
        places = at(*decision.blocked_by)
        return (Outcome("fail", "policy", "no login method", "a login method", places),)
    if decision.methods:
        return (Outcome("pass", "policy", " and ".join(decision.methods), "a login method"),)
    return (Outcome("error", "policy", f"not judged: {decision.reason}"),)
