"""TIP309: the organisation's policy is expired or not yet valid."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at, not_applicable
from tipstaff_policy.organisation.model import Rule

EXPECTED = "a policy that is valid now"

CHECK = Check(
    id="TIP309",
    title="Policy expired or not yet valid",
    severity="high",
    since="0.1.0",
    fails_when="the organisation's policy is expired, or not yet valid",
    rationale="No owner answers any longer, or yet, for what it allows; before its first day "
    "nothing of it is enforced.",
    remedy="Deliver a policy whose `valid_from` and `valid_until` include today, and check "
    "the clock of the host.",
    source="tests/policy/checks/test_validity.py",
    fails_on="examples/hosts/policy-expired",
    passes_on="examples/hosts/policy-deployed",
    # A waiver stands in the very policy that has no force by itself any more.
    waivable=False,
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Hold the time of the audit against both ends of the policy's validity."""
    if host.orders is None:
        return not_applicable("no organisation's policy", "policy")
    policy, now = host.orders.policy, host.orders.now
    begins, ends = policy.valid_from, policy.valid_until
    if begins is None and ends is None:
        return not_applicable("the policy states no validity", "policy")
    if begins and now < begins.value:
        return _fail("not yet valid", begins)
    if ends and now >= ends.value:
        return _fail("expired", ends)
    places = at(*(origin for rule in (begins, ends) if rule for origin in rule.origins))
    return (Outcome("pass", "policy", "valid now", EXPECTED, places),)


def _fail(observed: str, rule: Rule[int]) -> tuple[Outcome, ...]:
    return (Outcome("fail", "policy", observed, EXPECTED, at(*rule.origins)),)
