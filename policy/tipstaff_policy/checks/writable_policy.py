"""TIP303: others than the administrators can write a policy file, or a folder above it."""

from tipstaff_policy.checks.model import NOT_LOOKED, Check, Evidence, Host, Outcome, not_applicable

EXPECTED = "a file and folders of the administrators that no other user can write"

CHECK = Check(
    id="TIP303",
    title="Policy file that others can write",
    severity="high",
    since="0.1.0",
    fails_when="a policy file or a folder above it belongs to others than the administrators, or"
    " is writable by others",
    rationale="A user who can write the file makes the policy, and can lift every restriction "
    "unseen.",
    remedy="`chown root` and `chmod go-w` what the finding names.",
    source="tests/policy/checks/test_writable_policy.py",
    fails_on="examples/hosts/policy-writable-by-others",
    passes_on="examples/hosts/compliant-chatgpt",
    # A waiver would vouch for a policy that any user may have written since.
    waivable=False,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Fail once for each policy file that another user could change."""
    loose = host.surroundings.loose_files
    if loose is None:
        return not_applicable(NOT_LOOKED, "policy")
    if not loose:
        return (Outcome("pass", "policy", "only administrators can write", EXPECTED),)
    return tuple(
        Outcome("fail", file.path, "; ".join(file.who), EXPECTED, (Evidence(file.path),))
        for file in loose
    )
