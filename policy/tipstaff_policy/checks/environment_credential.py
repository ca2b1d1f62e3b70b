"""TIP104: a credential in the environment breaks a restriction."""

from tipstaff_policy.checks.active import find_allowed_methods, violations, with_other_violations
from tipstaff_policy.checks.model import (
    ENVIRONMENT_NOT_SEEN,
    Check,
    Host,
    Outcome,
    at,
    judge_undecided,
    not_applicable,
    pass_or_fail,
)
from tipstaff_policy.model.state import Credential, HeldCredential, Violation

NOT_SET = "no credential in the environment"

CHECK = Check(
    id="TIP104",
    title="Environment credential breaks a restriction",
    severity="medium",
    since="0.1.0",
    fails_when="the policy forbids credentials in the environment, or one breaks a restriction",
    rationale="The client prefers it to a stored login, cannot remove it, and may delete a good "
    "login because of it.",
    remedy="Remove the variable from the shell's start-up files and from the launcher.",
    source="tests/conformance/cases_overrides.py",
    fails_on="examples/hosts/variable-beats-login, with a key in the environment",
    passes_on="examples/hosts/variable-beats-login, without it",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Hold each environment credential against every rule."""
    state, decision = host.state, host.decision
    found = [credential for credential in state.credentials if _is_held_by_variable(credential)]
    if state.environment == "not_seen" and not found:
        return not_applicable(ENVIRONMENT_NOT_SEEN, "environment")
    outcomes = judge_undecided(decision)
    if outcomes is None:
        outcomes = tuple(_judge(host, credential) for credential in found)
    return with_other_violations(
        host, CHECK.id, outcomes, seen=_describe_other, expected=lambda _violation: NOT_SET
    ) or (Outcome("pass", "environment", NOT_SET),)


def _describe_other(violation: Violation) -> str:
    return f"{violation.observed} is set, forbidden in the environment"


def _is_held_by_variable(credential: Credential) -> bool:
    """Return whether something that is no store gives it, as a variable or a file that sets one."""
    return not credential.is_stored and isinstance(credential.content, HeldCredential)


def _judge(host: Host, credential: Credential) -> Outcome:
    content = credential.content
    method = content.method if isinstance(content, HeldCredential) else "none"
    methods = find_allowed_methods(host)
    broken = violations(host, credential)
    forbidden = any(violation.attribute == "environment" for violation in broken)
    observed = f"method {method}" + (", forbidden in the environment" if forbidden else "")
    origins = at(*(origin for violation in broken for origin in violation.origins))
    status = pass_or_fail(method in methods and not broken)
    return Outcome(status, credential.source, observed, " or ".join(methods) or "none", origins)
