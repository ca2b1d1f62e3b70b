"""TIP301: no restriction is in force."""

from tipstaff_policy.checks.active import restricts_sign_in
from tipstaff_policy.checks.model import (
    TO_UPDATE,
    Check,
    Evidence,
    Host,
    Outcome,
    at,
    judge_unread_rules,
)
from tipstaff_policy.model.host_facts import StatedRule
from tipstaff_policy.model.state import OWNERS
from tipstaff_policy.organisation.model import NO_POLICY

EXPECTED = "a restriction"

CHECK = Check(
    id="TIP301",
    title="No policy in force",
    severity="high",
    since="0.1.0",
    fails_when="no layer restricts login method, workspace or credential store",
    rationale="Any person may sign in by any method to any workspace.",
    remedy="Distribute an administrators' file of the client with at least a rule on login "
    "methods, or /etc/tipstaff/policy.toml.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/unmanaged",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Pass if any rule restricts who may sign in, or in which store the credential is kept."""
    if unread := judge_unread_rules(host.decision):
        return unread
    policy = host.orders.policy if host.orders else NO_POLICY
    owners = [host.orders.owners(attribute) for attribute in OWNERS] if host.orders else []
    rules = host.surroundings.rules or ()
    places = [rule.origin for rule in rules if _names_a_store(rule)]
    places += [
        origin
        for rule in (policy.login_methods, *owners, policy.stores)
        if rule
        for origin in rule.origins
    ]
    if restricts_sign_in(host) or places:
        return (Outcome("pass", "policy", "a restriction is in force", "", at(*places)),)
    return (_fail(host, [rule for rule in rules if _is_passed_over(rule)]),)


def _names_a_store(rule: StatedRule) -> bool:
    """Return whether the administrators set the store, and the client obeys."""
    return rule.about == "store" and rule.held_by == "administrators" and rule.in_force


def _is_passed_over(rule: StatedRule) -> bool:
    return rule.allows is not None and not rule.heeded


def _fail(host: Host, passed_over: list[StatedRule]) -> Outcome:
    """Return that nothing restricts; what is deployed and has no effect is named."""
    state = host.state
    if not passed_over:
        layers = tuple(Evidence(layer.path) for layer in state.layers if layer.administrators)
        return Outcome("fail", "policy", "no restriction", EXPECTED, layers)
    origins = [rule.origin for rule in passed_over]
    where = ", ".join(dict.fromkeys(map(str, origins)))
    observed = f"no restriction: version {state.client.version} passes over {where}"
    return Outcome("fail", "policy", observed, EXPECTED, at(*origins), remedy=TO_UPDATE)
