"""One of a client's own files as an artefact: its bytes are the payload's."""

from tipstaff_policy.model.state import Platform
from tipstaff_rollout.model import Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import ClientPayload

PLATFORMS: tuple[Platform, ...] = ("linux", "macos", "windows")


def client_file_channel(kind: ClientPayload) -> Channel:
    """Return the channel that hands out one file of a client."""
    name, file_name = kind.file.name, kind.file.file_name

    def render(compiled: Compiled) -> tuple[File, ...]:
        data = compiled.data(name)
        return () if data is None else (File(file_name, data),)

    def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
        if len(files) > 1:
            return None
        path, data, _ = files[0]
        is_own = path == file_name or data.startswith(kind.start)
        return (Payload(name, data),) if is_own else None

    def steps(_: Compiled) -> Steps:
        places = [
            f"`{kind.place(platform)}` ({platform})"
            for platform in PLATFORMS
            if kind.place(platform)
        ]
        return Steps(
            (f"`{file_name}`: {', '.join(places)}, owned by root, 0644.",),
            ("`tipstaff policy show` on that host shows each setting and its line.",),
            ("Put the file of the version before in its place, or remove it.",),
        )

    return Channel(
        kind.file.channel, kind.file.title, "linux", lambda: (name,), render, read, steps
    )
