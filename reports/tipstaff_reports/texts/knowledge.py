"""What is known of clients' versions, as text."""

from tipstaff_schemas.knowledge import KnowledgeShown, KnowledgeVerified


def render_shown(document: KnowledgeShown) -> str:
    """Return what is installed, then a line for each version of each client."""
    lines = [
        f"Tipstaff {document.tool.version}",
        f"installed knowledge: {_describe_installed(document)}",
    ]
    for client in document.clients:
        lines.append(f"{client.client}:")
        for known in client.proven:
            by = f"installed knowledge {document.counter}" if known.known_by == "installed" else ""
            lines.append(
                f"  {known.version:<10} proven {known.proven_on or 'earlier':<10}  {by}".rstrip()
            )
    return "\n".join(lines) + "\n"


def _describe_installed(document: KnowledgeShown) -> str:
    if document.installed is None:
        return "none"
    if document.unusable is not None:
        return f"{document.installed} is not used: it {document.unusable}"
    return f"{document.installed}, counter {document.counter}"


def render_verified(document: KnowledgeVerified) -> str:
    """Return whose a document is, for whom, and what it adds here."""
    needs = f"Tipstaff from {document.needs_from} and below {document.needs_below}"
    lines = [
        f"{document.document}: signed by {document.signer}",
        f"counter {document.counter}, made {document.made_at}, for {needs}",
    ]
    for added in document.adds:
        versions = ", ".join(added.versions)
        lines.append(
            f"{added.client}: adds {versions}"
            if versions
            else f"{added.client}: adds nothing to this Tipstaff"
        )
    if document.differs:
        lines.append(f"this Tipstaff keeps its own data of: {', '.join(document.differs)}")
    if document.installed is not None:
        before = document.counter_before
        replaced = "" if before is None else f" in place of counter {before}"
        lines.append(f"installed: {document.installed}{replaced}")
    return "\n".join(lines) + "\n"
