"""TIP312: the policy needs a newer release; the last good copy is in force."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at, not_applicable

EXPECTED = "a policy whose schema this release knows"

CHECK = Check(
    id="TIP312",
    title="Policy needs a newer Tipstaff",
    severity="medium",
    since="0.1.0",
    fails_when="the policy is of a schema that this release does not know, so that the last good"
    " copy is in force",
    rationale="What the newer policy forbids or allows beyond the copy is not in force on this "
    "host.",
    remedy="Update Tipstaff on this host.",
    source="tests/policy/checks/test_newer_schema.py",
    fails_on="examples/hosts/policy-of-newer-schema",
    passes_on="examples/hosts/policy-deployed",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail where the last good copy stands in for a policy that this release cannot read."""
    if host.orders is None:
        return not_applicable("no organisation's policy", "policy")
    newer = host.orders.newer
    if not newer:
        return (Outcome("pass", "policy", "this release reads the policy", EXPECTED),)
    observed = "needs a newer Tipstaff; the last good copy is in force"
    return tuple(Outcome("fail", origin.path, observed, EXPECTED, at(origin)) for origin in newer)
