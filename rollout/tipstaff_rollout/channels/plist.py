"""The bare property list of a client's domain, as macOS keeps managed preferences."""

from tipstaff_rollout.artefacts.preferences import (
    domains_of,
    property_list,
    read_property_list,
)
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import in_preferences


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return a property list for each client; its domain names it."""
    return tuple(
        File(f"{domain.preferences.domain}.plist", property_list(compiled, domain))
        for domain in domains_of(compiled)
    )


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the property lists hold."""
    if len(files) > 1 and not all(file.path.endswith(".plist") for file in files):
        return None
    found = [read_property_list(file) for file in files]
    if not all(found):
        return None
    return tuple(payload for payloads in found for payload in payloads or ())


def steps(compiled: Compiled) -> Steps:
    """Return where a property list is uploaded."""
    return Steps(
        tuple(
            f"`{domain.preferences.domain}.plist`: as forced preferences of the domain "
            f"`{domain.preferences.domain}`; first for one Mac."
            for domain in domains_of(compiled)
        ),
        ("`tipstaff policy show` on that Mac shows what is forced.",),
        (
            "Upload the property list of the version before in the same place.",
            "To remove it: remove its assignment.",
        ),
    )


CHANNEL = Channel(
    "plist",
    "the property list of the client's preferences, for macOS",
    "macos",
    in_preferences,
    render,
    read,
    steps,
)
