"""The clients of a host, and what an upgrade changes, as text."""

from tipstaff_schemas.clients import ClientsCompared, ClientsListed


def render_listed(document: ClientsListed) -> str:
    """Return a line for each program, and the proven versions."""
    lines = []
    for client in document.installations:
        known = "proven" if client.proven else "not proven"
        lines.append(f"{client.version:<10} {known:<11} {client.version_source:<8} {client.path}")
        if client.writable_at:
            lines.append(f"           can be changed: {client.writable_at}")
    if not document.installations:
        lines.append("no client found")
    lines.append(f"proven versions: {', '.join(document.proven)}")
    return "\n".join(lines) + "\n"


def render_compared(document: ClientsCompared) -> str:
    """Return the verdicts that change, each with both reasons, and their number."""
    old, new = document.versions
    changed = [host for host in document.hosts if host.changes]
    lines = []
    for host in changed:
        lines += [
            f"{host.host}: {host.old.verdict} -> {host.new.verdict}",
            f"  {old}: {host.old.reason}",
            f"  {new}: {host.new.reason}",
        ]
    lines.append(f"{len(changed)} of {len(document.hosts)} verdicts change from {old} to {new}")
    return "\n".join(lines) + "\n"
