"""Where what is kept of a version is not what its client shows."""

MOST_NAMED = 20


def differences(title, kept, found):
    """Return line by line where a section differs from what was found; nothing without a section."""
    if kept is None or kept == found:
        return []
    differing = [
        name for name in sorted({*kept, *found}, key=str) if kept.get(name) != found.get(name)
    ]
    lines = [
        f"  {title}: {name or '(the client itself)'}: {_text(kept, name)} is kept, "
        f"{_text(found, name)} was found"
        for name in differing
    ]
    more = len(lines) - MOST_NAMED
    return lines[:MOST_NAMED] + ([f"  {title}: and {more} more"] if more > 0 else [])


def _text(part, name):
    value = part.get(name)
    if isinstance(value, dict):
        return "; ".join(f"{kind} {names}" for kind, names in sorted(value.items())) or "nothing"
    return "nothing" if value is None else str(value)
