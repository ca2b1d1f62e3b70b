"""The organisation's own document, with the public keys that it names beside it."""

from tipstaff_rollout.compiling import CLIENT_FILES, is_stamped
from tipstaff_rollout.model import NAMES, Channel, Compiled, File, Payload

DOCUMENT, KEYS = NAMES["policy"], NAMES["keys"]
CLIENTS = tuple(NAMES[each] for each in CLIENT_FILES)


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the document as its author wrote it."""
    document, keys = compiled.data("policy"), compiled.data("keys")
    files = [File(DOCUMENT, document)] if document is not None else []
    return (*files, *([File(KEYS, keys)] if keys is not None else []))


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return document and keys; any TOML but the client's is taken for a policy."""
    named = {each.path: each.data for each in files}
    if len(files) == 1:
        path, data, _ = files[0]
        is_client = path in CLIENTS or is_stamped(data)
        return (Payload("policy", data),) if path.endswith(".toml") and not is_client else None
    if set(named) != {DOCUMENT, KEYS}:
        return None
    return (Payload("policy", named[DOCUMENT]), Payload("keys", named[KEYS]))


CHANNEL = Channel(
    "policy",
    "Tipstaff's own document, for /etc/tipstaff",
    "linux",
    ("policy", "keys"),
    render,
    read,
)
