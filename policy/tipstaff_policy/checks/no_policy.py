"""TIP301: no restriction is in force."""

from tipstaff_policy.checks.active import restricts_sign_in
from tipstaff_policy.checks.model import Check, Evidence, Host, Outcome, at, unread_rules
from tipstaff_policy.model.layers import merge
from tipstaff_policy.organisation.model import NO_POLICY

CHECK = Check(
    id="TIP301",
    title="No policy in force",
    severity="high",
    since="0.1.0",
    fails_when="no layer restricts login method, workspace or credential store",
    rationale="Anybody may sign in by any method to any workspace.",
    remedy="Distribute /etc/codex/requirements.toml with at least `allowed_login_methods`, or "
    "/etc/tipstaff/policy.toml.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/unmanaged",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Pass where any rule restricts who may sign in, or where the credential may lie."""
    state = host.state
    if unread := unread_rules(host.decision):
        return unread
    required = merge(state.layers, "requirements").get("cli_auth_credentials_store")
    policy = host.orders.policy if host.orders else NO_POLICY
    places = [required.origin] if required else []
    places += [
        origin
        for rule in (policy.login_methods, policy.workspaces, policy.stores)
        if rule
        for origin in rule.origins
    ]
    if restricts_sign_in(host) or places:
        return (Outcome("pass", "policy", "a restriction is in force", "", at(*places)),)
    layers = tuple(Evidence(layer.path) for layer in state.layers if layer.administrators)
    return (Outcome("fail", "policy", "no restriction", "a restriction", layers),)
