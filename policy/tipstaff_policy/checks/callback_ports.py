"""TIP404: both ports of the browser log-in are taken by something else."""

from tipstaff_policy.checks.model import ENVIRONMENT_NOT_SEEN, Check, Host, Outcome, not_applicable

CHECK = Check(
    id="TIP404",
    title="Callback ports taken",
    severity="low",
    since="0.1.0",
    fails_when="both ports to which a browser log-in returns (1455 and 1457) are taken by "
    "something else than the client",
    rationale="`codex login` fails, and whoever listens there could be handed the answer that was "
    "meant for it.",
    remedy="End the programs named, or sign in by `codex login --device-auth`.",
    source="docs/clients/codex.md, What checks look at",
    fails_on="examples/hosts/unmanaged, live, with both ports taken",
    passes_on="examples/hosts/unmanaged, live, with a port free",
)


def evaluate(host: Host) -> tuple[Outcome, ...]:
    """Judge who listens; the client itself does while a log-in is going on."""
    ports = host.surroundings.callback_ports
    if ports is None:
        return not_applicable(ENVIRONMENT_NOT_SEEN, "ports")
    expected = "one of " + ", ".join(map(str, ports.needed)) + " free"
    if ports.unread is not None:
        return (Outcome("error", "ports", ports.unread, expected),)
    foreign = [each for each in ports.taken if not each.client]
    seen = ", ".join(f"{each.port} by {each.by}" for each in foreign) or "free"
    blocked = {each.port for each in foreign} == set(ports.needed)
    return (Outcome("fail" if blocked else "pass", "ports", seen, expected),)
