"""The clients of a host, and what an upgrade changes, as text."""

from tipstaff_schemas.clients import ClientsCompared, ClientsListed


def render_listed(document: ClientsListed) -> str:
    """Return a line for each program, and the proven versions."""
    lines = []
    for client in document.installations:
        known = "proven" if client.proven else "not proven"
        lines.append(f"{client.version:<10} {known:<11} {client.version_source:<8} {client.path}")
        if client.knowledge is not None:
            lines.append(f"           judged by installed knowledge {client.knowledge}")
        if client.since is not None:
            lines.append(f"           here since {client.since[:10]} ({client.since_from})")
        if client.writable_at:
            lines.append(f"           can be changed: {client.writable_at}")
        if client.to_do:
            lines.append(f"           to do: {client.to_do}")
    if not document.installations:
        lines.append("no client found")
    lines.append(f"proven versions: {', '.join(document.proven)}")
    return "\n".join(lines) + "\n"


CHANGES = {
    "start": "whether the client starts signed in",
    "log_out": "the log-out",
    "message": "only what the client says",
}


def render_compared(document: ClientsCompared) -> str:
    """Return what changes for whom, each with both reasons, then the release in words."""
    old, new = document.versions
    lines = []
    if document.policy is not None:
        named = document.policy
        lines.append(f"under the policy {named.id} {named.version} ({named.path})")
    for host in document.hosts:
        if not host.kinds:
            continue
        whose = f"{host.host} ({host.user})" if host.user else host.host
        verdicts = f"{host.old.verdict} -> {host.new.verdict}"
        changes = " and ".join(CHANGES[kind] for kind in host.kinds)
        lines += [
            f"{whose}: {verdicts}, which changes {changes}",
            f"  {old}: {host.old.reason}",
            f"  {new}: {host.new.reason}",
        ]
    lines += document.rules
    if document.release:
        lines += [f"what {new} does otherwise than {old}:"]
        lines += [f"  {line}" for line in document.release]
    lines += [f"not compared: {unread.source}: {unread.why}" for unread in document.unread]
    changed = sum(host.changes for host in document.hosts)
    lines.append(f"{changed} of {document.compared} verdicts change from {old} to {new}")
    return "\n".join(lines) + "\n"
