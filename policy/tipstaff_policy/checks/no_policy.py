"""TIP301: no restriction is in force."""

from tipstaff_policy.checks.model import Check, Evidence, Outcome, at
from tipstaff_policy.layers import merge
from tipstaff_policy.values import Decision, HostState

CHECK = Check(
    id="TIP301",
    title="No policy in force",
    severity="high",
    since="0.1.0",
    fails_when="no layer restricts login method, workspace or credential store",
    rationale="Anybody may sign in by any method to any workspace.",
    remedy="Distribute /etc/codex/requirements.toml with at least `allowed_login_methods`.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/unmanaged",
    passes_on="examples/hosts/compliant-chatgpt",
)
METHODS = 2
"""Login methods that there are; fewer allowed means that a rule restricts them."""


def evaluate(state: HostState, decision: Decision) -> tuple[Outcome, ...]:
    """Pass where any rule restricts who may sign in, or where the credential may lie."""
    if not decision.methods and not decision.blocked_by:
        return (Outcome("error", "policy", f"not judged: {decision.reason}"),)
    required = merge(state.layers, "requirements").get("cli_auth_credentials_store")
    restricted = len(decision.methods) < METHODS or decision.workspaces is not None
    if restricted or required:
        places = at(required.origin) if required else ()
        return (Outcome("pass", "policy", "a restriction is in force", "", places),)
    layers = tuple(Evidence(each.path) for each in state.layers if each.administrators)
    return (Outcome("fail", "policy", "no restriction", "a restriction", layers),)
