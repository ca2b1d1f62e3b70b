"""TIP404: every port of the browser log-in is taken by something else."""

from tipstaff_policy.checks.model import ENVIRONMENT_NOT_SEEN, Check, Host, Outcome, not_applicable

CHECK = Check(
    id="TIP404",
    title="Callback ports taken",
    severity="low",
    since="0.1.0",
    fails_when="every port to which a browser log-in can return is taken by something else than "
    "the client",
    rationale="The browser log-in fails, and the program that listens there could receive the "
    "answer that was meant for it.",
    remedy="End the programs named, or sign in without a browser.",
    source="docs/clients/codex.md, What checks look at",
    fails_on="examples/hosts/unmanaged, live, with every port taken",
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
    foreign = [port for port in ports.taken if not port.client]
    seen = ", ".join(f"{port.port} by {port.by}" for port in foreign) or "free"
    blocked = {port.port for port in foreign} == set(ports.needed)
    return (Outcome("fail" if blocked else "pass", "ports", seen, expected),)
