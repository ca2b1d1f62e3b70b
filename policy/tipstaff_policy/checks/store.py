"""TIP201: the store in force is not the one that the administrators name."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at, not_applicable, passing
from tipstaff_policy.model.layers import merge
from tipstaff_policy.organisation.model import Allowed

KEY = "cli_auth_credentials_store"
DEFAULT = "file"
"""The store in force where nothing names one."""
CHECK = Check(
    id="TIP201",
    title="Credential store not allowed",
    severity="high",
    since="0.1.0",
    fails_when="the store in force is none that the policy allows, or another than an "
    "administrators' layer names",
    rationale="A user's own setting moves the credential to where it is less well kept.",
    remedy="Require the store in requirements.toml, where the user's setting does not beat it.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/store-overridden",
    passes_on="examples/hosts/compliant-chatgpt",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Compare the store in force with the strongest word of the administrators."""
    layers = host.state.layers
    allowed = _allowed(host)
    if allowed is None:
        return not_applicable(
            "neither an administrators' layer nor the policy names a store", "store"
        )
    in_force = merge(layers).get(KEY)
    store = str(in_force.value) if in_force else DEFAULT
    places = at(*([in_force.origin] if in_force else []), *allowed.origins)
    status = passing(store in allowed.values)
    return (Outcome(status, "store", store, " or ".join(allowed.values) or "none", places),)


def _allowed(host: Host) -> Allowed | None:
    """Return the stores that the organisation's policy allows, else the administrators' one."""
    if host.orders and host.orders.policy.stores:
        return host.orders.policy.stores
    wanted = merge(layer for layer in host.state.layers if layer.administrators).get(KEY)
    return Allowed((str(wanted.value),), (wanted.origin,)) if wanted else None
