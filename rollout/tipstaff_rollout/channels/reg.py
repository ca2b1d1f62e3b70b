"""A file of registration entries for computers with Windows: the clients' texts of the registry."""

from tipstaff_rollout.artefacts.registry_text import read_entries, write_entries
from tipstaff_rollout.model import Channel, Compiled, File, Payload
from tipstaff_rollout.payloads import in_registry

NAME = "policy.reg"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the file."""
    return (File(NAME, write_entries(compiled)),)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what an import would set."""
    return read_entries(files[0].data, files[0].path) if len(files) == 1 else None


CHANNEL = Channel(
    "reg",
    "registration entries for Windows (.reg): what clients read from the registry",
    "windows",
    in_registry,
    render,
    read,
)
