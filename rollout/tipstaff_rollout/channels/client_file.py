"""One of the client's own files as an artefact: its bytes are the payload's."""

from tipstaff_rollout.artefacts.compiling import stamp_of
from tipstaff_rollout.model import NAMES, Channel, Compiled, File, Payload, PayloadName


def channel_of(name: str, payload: PayloadName, title: str) -> Channel:
    """Return the channel that hands out one payload as a file of its name."""
    file, stamp = NAMES[payload], stamp_of(payload)

    def render(compiled: Compiled) -> tuple[File, ...]:
        data = compiled.data(payload)
        return () if data is None else (File(file, data),)

    def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
        if len(files) > 1:
            return None
        path, data, _ = files[0]
        return (Payload(payload, data),) if path == file or data.startswith(stamp) else None

    return Channel(name, title, "linux", (payload,), render, read)
