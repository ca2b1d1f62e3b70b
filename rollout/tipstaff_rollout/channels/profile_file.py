"""A configuration profile as an artefact."""

from tipstaff_rollout.artefacts.preferences import Style, read_profile, write_profile
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import in_preferences

PROFILE = "tipstaff-policy.mobileconfig"


def channel_of(name: str, style: Style, title: str) -> Channel:
    """Return the channel that hands out a profile of one shape."""

    def render(compiled: Compiled) -> tuple[File, ...]:
        return (File(PROFILE, write_profile(compiled, style)),)

    def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
        return read_profile(files[0], style) if len(files) == 1 else None

    return Channel(name, title, "macos", in_preferences, render, read, steps)


def steps(_: Compiled) -> Steps:
    """Return where a profile is uploaded."""
    return Steps(
        (f"`{PROFILE}`: the list of profiles of your device manager; first for one Mac.",),
        (
            "`profiles show -type configuration` on that Mac lists it.",
            "`tipstaff policy show` there shows what it forces.",
        ),
        (
            "Upload the profile of the version before: it has the same identifier.",
            "To remove it: remove its assignment.",
        ),
    )
