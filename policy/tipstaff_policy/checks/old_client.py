"""TIP401: the client is older than the organisation allows."""

import re

from tipstaff_policy.checks.model import Check, Host, Outcome, at, not_applicable, pass_or_fail

CERTAIN: tuple[str, ...] = ("option", "package")
"""The trusted sources of a version; a file that its user can write may be wrong."""
RELEASE = re.compile(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})", re.ASCII)
CHECK = Check(
    id="TIP401",
    title="Client too old",
    severity="high",
    since="0.1.0",
    fails_when="the client is older than the policy's `oldest_client`",
    rationale="Older clients silently ignore restrictions that newer ones enforce.",
    remedy="Update the client, and remove the old one.",
    source="docs/clients/codex.md, Versions",
    fails_on="examples/hosts/old-client",
    passes_on="examples/hosts/guarded-client",
    reads_policy=True,
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Compare the client's version with the oldest that the policy allows."""
    client = host.state.client
    rule = host.orders.policy.oldest_client if host.orders else None
    if rule is None:
        return not_applicable("no policy names an oldest client", "client")
    if client.version_source == "assumed" and client.path is None:
        return not_applicable("no client was found here", "client")
    expected = ".".join(map(str, rule.value)) + " or newer"
    found = RELEASE.match(client.version)
    if found is None or client.version_source == "assumed":
        return (Outcome("error", "client", "its version is unknown", expected, at(*rule.origins)),)
    new_enough = tuple(map(int, found.groups())) >= rule.value
    if new_enough and client.version_source not in CERTAIN:
        why = f"says {client.version}, which its user can write"
        return (Outcome("error", "client", why, expected, at(*rule.origins)),)
    status = pass_or_fail(new_enough)
    return (Outcome(status, "client", client.version, expected, at(*rule.origins)),)
