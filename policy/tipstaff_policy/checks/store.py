"""TIP201: the store in force is not the one that the administrators name."""

from tipstaff_policy.checks.model import Check, Outcome, at, not_applicable, passing
from tipstaff_policy.layers import merge
from tipstaff_policy.values import Decision, HostState

KEY = "cli_auth_credentials_store"
CHECK = Check(
    id="TIP201",
    title="Credential store not allowed",
    severity="high",
    since="0.1.0",
    fails_when="an administrators' layer names a store and another one is in force",
    rationale="A user's own setting moves the credential to where it is less well kept.",
    remedy="Require the store in requirements.toml, where the user's setting does not beat it.",
    source="tests/conformance/cases_rules.py",
    fails_on="examples/hosts/store-overridden",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(state: HostState, _decision: Decision) -> tuple[Outcome, ...]:
    """Compare the store in force with the strongest word of the administrators."""
    wanted = merge(each for each in state.layers if each.administrators).get(KEY)
    in_force = merge(state.layers).get(KEY)
    if wanted is None or in_force is None:
        return not_applicable("no administrators' layer names a store", "store")
    places = at(in_force.origin, wanted.origin)
    status = passing(in_force.value == wanted.value)
    return (Outcome(status, "store", str(in_force.value), str(wanted.value), places),)
