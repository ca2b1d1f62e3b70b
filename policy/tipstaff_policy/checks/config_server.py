"""TIP411: a server states a part of the policy, which Tipstaff does not read."""

from tipstaff_policy.checks.model import Check, Host, Outcome, at

CHECK = Check(
    id="TIP411",
    title="Part of the policy comes from a server",
    severity="info",
    since="0.2.0",
    fails_when="an administrators' file of the client names a server that states a part of the "
    "policy",
    rationale="The client asks that server at every start and goes by its configuration, sign-in "
    "keys included. Tipstaff does not ask it: neither a verdict nor a log-out of Tipstaff's rests "
    "on what it says.",
    remedy="State the sign-in rules in an administrators' file or in the organisation's policy as "
    "well, where Tipstaff reads and enforces them.",
    source="docs/clients/codex.md, Configuration server",
    fails_on="examples/hosts/config-server",
    passes_on="examples/hosts/compliant-chatgpt",
)
SERVER = "configuration server"


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Report the requirement that names a server."""
    origin = host.surroundings.config_server
    if origin is None:
        return (Outcome("pass", SERVER, "no server states a part of the policy"),)
    observed = "a server states a part of the policy, which is not read here"
    return (Outcome("fail", SERVER, observed, "every sign-in rule in a file", at(origin)),)
