"""TIP311: a state in which the client's own log-out refuses."""

from tipstaff_policy.checks.model import (
    NOT_LOOKED,
    Check,
    Host,
    Outcome,
    not_applicable,
    parse_evidence,
    pass_or_fail,
)

EXPECTED = "a configuration with which the client's own log-out works"

CHECK = Check(
    id="TIP311",
    title="Log-out blocked",
    severity="high",
    since="0.1.0",
    fails_when="configuration or requirements are bad, or leave no login method, so that the "
    "client's own `logout` refuses",
    rationale="The client's own log-out stops and keeps the credential: one wrong line in the "
    "user's own file is enough.",
    remedy="Correct what the finding names, then log out again.",
    source="tests/conformance/test_log_out.py",
    fails_on="examples/hosts/nobody-may-sign-in",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge whether the client's own log-out would come as far as the credential."""
    found = host.surroundings.log_out
    if found is None:
        return not_applicable(NOT_LOOKED, "log-out")
    places = tuple(map(parse_evidence, found.places))
    if found.works is None:
        return (Outcome("error", "log-out", f"not judged: {found.why}", EXPECTED, places),)
    return (Outcome(pass_or_fail(found.works), "log-out", found.why, EXPECTED, places),)
