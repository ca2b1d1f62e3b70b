"""One POSIX shell script for hosts with Linux: it checks, installs or removes."""

from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.shell_text import read_script, script
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import every_payload

NAME = "policy.sh"
MARK = b"\ncontent_"
"""A function that gives a payload, which no other script of ours in a single file has."""
NOTE = "as root: sh policy.sh check | install [--replace] | remove"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the script."""
    places = place_payloads(compiled, "linux")
    return (File(NAME, script(compiled, places, "choose", note=NOTE), executable=True),)


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return what the script would install."""
    if len(files) != 1 or not files[0].data.startswith(b"#!/bin/sh") or MARK not in files[0].data:
        return None
    return read_script(files[0].data, files[0].path)


def steps(_: Compiled) -> Steps:
    """Return how the script is run."""
    return Steps(
        (
            f"`{NAME}`: to a host, as you bring other scripts. `sh {NAME} check` shows its state.",
            f"As root: `sh {NAME} install`; first on one host.",
        ),
        (
            f"`sh {NAME} check` ends with 0, and names what is not in place.",
            "`tipstaff audit` on a host shows this policy's id, version and fingerprint.",
        ),
        (
            "Run `install` of the script of the version before.",
            f"To remove it: `sh {NAME} remove`, which restores earlier files.",
        ),
    )


CHANNEL = Channel(
    "shell",
    "one shell script for hosts with Linux: check, install, remove",
    "linux",
    every_payload,
    render,
    read,
    steps,
)
