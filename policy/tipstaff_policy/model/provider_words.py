"""The model provider in a sentence: where the work goes, and whether a login goes along."""

from tipstaff_policy.model.host_facts import ModelProvider
from tipstaff_policy.model.state import Origin

CHECK = "TIP109"


def in_words(provider: ModelProvider | None) -> str:
    """Return what a person should know of the provider; nothing of the client's own as it comes."""
    if provider is None:
        return ""
    parts = [f"{provider.name}, chosen in {provider.origin}"] if provider.origin else []
    if provider.past_login:
        by = _places(provider.past_login)
        parts.append(
            f"it needs no login by {by}: the client sends it none, and no sign-in rule is asked "
            f"({CHECK})"
        )
    elif not provider.by_login:
        parts.append("it needs no login, and the client sends it none")
    if provider.elsewhere:
        by = _places(provider.elsewhere)
        parts.append(f"the login goes to another address by {by} ({CHECK})")
    if provider.unclear:
        parts.append(f"not known: {provider.unclear}")
    return "; ".join(parts)


def _places(origins: tuple[Origin, ...]) -> str:
    *first, last = dict.fromkeys(map(str, origins))
    return f"{', '.join(first)} and {last}" if first else last
