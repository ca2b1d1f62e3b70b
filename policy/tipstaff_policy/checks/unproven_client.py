"""TIP408: nobody has proven how this version of the client behaves."""

from tipstaff_policy.checks.model import Check, Evidence, Host, Outcome, not_applicable, passing

CHECK = Check(
    id="TIP408",
    title="Client version not proven",
    severity="medium",
    since="0.1.0",
    fails_when="the client's version is not one on which Tipstaff was compared with the client",
    rationale="What Tipstaff foretells of this version is taken from others, and may be wrong.",
    remedy="Install a version that `tipstaff client list` shows as proven, or update Tipstaff.",
    source="docs/clients/codex.md, Versions",
    fails_on="examples/hosts/compliant-chatgpt, with --client-version 99.0.0",
    passes_on="examples/hosts/compliant-chatgpt",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge the version by which the host was judged."""
    client = host.state.client
    if client.version_source == "assumed" and client.path is None:
        return not_applicable("no client was found here", "client")
    places = (Evidence(client.path),) if client.path else ()
    status = passing(client.proven)
    return (Outcome(status, "client", client.version, "a proven version", places),)
