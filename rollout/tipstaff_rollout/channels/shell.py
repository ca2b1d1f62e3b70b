"""One POSIX shell script for hosts with Linux: it checks, installs or removes."""

from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.shell_text import read_script, script
from tipstaff_rollout.model import Channel, Compiled, File, Payload
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


CHANNEL = Channel(
    "shell",
    "one shell script for hosts with Linux: check, install, remove",
    "linux",
    every_payload,
    render,
    read,
)
