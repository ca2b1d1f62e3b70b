"""TIP104: a credential in the environment breaks a restriction."""

from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    Check,
    Outcome,
    at,
    not_applicable,
    passing,
    undecided,
)
from tipstaff_policy.values import Credential, Decision, HeldCredential, HostState

CHECK = Check(
    id="TIP104",
    title="Environment credential breaks a restriction",
    severity="medium",
    since="0.1.0",
    fails_when="a credential in an environment variable is of a method that is not allowed",
    rationale="The client prefers it to a stored login, cannot remove it, and may delete a good "
    "login because of it.",
    remedy="Remove the variable from the shell's start-up files and from the launcher.",
    source="tests/conformance/cases_overrides.py",
    fails_on="examples/hosts/variable-beats-login, with CODEX_API_KEY set",
    passes_on="examples/hosts/variable-beats-login, without it",
)


def evaluate(state: HostState, decision: Decision) -> tuple[Outcome, ...]:
    """Hold the method of each environment credential against the methods that remain."""
    if state.environment == "not_seen":
        return not_applicable(ENVIRONMENT_NOT_SEEN, "environment")
    if (open_question := undecided(decision)) is not None:
        return open_question
    held = [each for each in state.credentials if each.path is None]
    if not held:
        return (Outcome("pass", "environment", "no credential in the environment"),)
    return tuple(_judge(each, decision) for each in held)


def _judge(credential: Credential, decision: Decision) -> Outcome:
    content = credential.content
    expected = " or ".join(decision.methods)
    method = content.method if isinstance(content, HeldCredential) else "none"
    origins = [o for v in decision.violations if v.source == credential.source for o in v.origins]
    status = passing(method in decision.methods and not origins)
    return Outcome(status, credential.source, f"method {method}", expected, at(*origins))
