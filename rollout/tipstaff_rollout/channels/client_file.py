"""One of the client's own files as an artefact: its bytes are the payload's."""

from tipstaff_rollout.model import Channel, Compiled, File, Payload, PayloadName


def channel_of(name: str, payload: PayloadName, title: str) -> Channel:
    """Return the channel that hands out one payload as a file of its name."""
    file = f"{payload}.toml"

    def render(compiled: Compiled) -> tuple[File, ...]:
        data = compiled.data(payload)
        return () if data is None else (File(file, data),)

    def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
        if [each.path for each in files] != [file]:
            return None
        return (Payload(payload, files[0].data),)

    return Channel(name, title, "linux", (payload,), render, read)
