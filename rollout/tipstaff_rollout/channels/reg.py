"""A file of registration entries for computers with Windows: the clients' texts of the registry."""

from tipstaff_rollout.artefacts.registry_text import read_entries, write_entries
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import in_registry, texts_of

NAME = "policy.reg"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the file."""
    return (File(NAME, write_entries(compiled)),)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what an import would set."""
    return read_entries(files[0].data, files[0].path) if len(files) == 1 else None


def steps(compiled: Compiled) -> Steps:
    """Return how the entries are imported."""
    registries = texts_of(compiled)
    return Steps(
        (
            (
                f"`{NAME}`: as an administrator, `reg import {NAME} /reg:64`; first on one "
                "computer. It replaces a value of another administrator: take its members into "
                "the policy before (`tipstaff policy render --merge-into FILE`)."
            ),
        ),
        (
            *(
                f'`reg query "HKLM\\{registry.key}" /v "{registry.value}" /reg:64` shows the text, '
                "which begins with Tipstaff's stamp."
                for registry in registries
            ),
            "`tipstaff policy show` on that computer shows each setting.",
        ),
        (
            f"Import the `{NAME}` of the version before.",
            *(
                "To remove it: "
                f'`reg delete "HKLM\\{registry.key}" /v "{registry.value}" /f /reg:64`.'
                for registry in registries
            ),
        ),
    )


CHANNEL = Channel(
    "reg",
    "registration entries for Windows (.reg): what clients read from the registry",
    "windows",
    in_registry,
    render,
    read,
    steps,
)
