"""The bare property list of the client's domain, as macOS keeps managed preferences."""

from tipstaff_rollout.artefacts.compiling import deployment_of
from tipstaff_rollout.artefacts.preferences import CARRIED, property_list, read_property_list
from tipstaff_rollout.model import Channel, Compiled, File, Payload


def name() -> str:
    """Return what the file is called: the domain names it."""
    return f"{deployment_of().preferences.domain}.plist"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the property list."""
    return (File(name(), property_list(compiled)),)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the property list holds."""
    return read_property_list(files[0]) if len(files) == 1 else None


CHANNEL = Channel(
    "plist",
    "the property list of the client's preferences, for macOS",
    "macos",
    CARRIED,
    render,
    read,
)
