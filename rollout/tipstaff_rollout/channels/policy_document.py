"""The organisation's own document, with the public keys that it names beside it."""

from tipstaff_rollout.model import Channel, Compiled, File, Payload

DOCUMENT, KEYS = "policy.toml", "keys.json"


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the document as its author wrote it."""
    document, keys = compiled.data("policy"), compiled.data("keys")
    files = [File(DOCUMENT, document)] if document is not None else []
    return (*files, *([File(KEYS, keys)] if keys is not None else []))


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return document and keys; any TOML is taken for a policy, and judged as one."""
    named = {each.path: each.data for each in files}
    if len(named) == 1 and next(iter(named)).endswith(".toml"):
        return _document(next(iter(named.values())))
    if set(named) != {DOCUMENT, KEYS}:
        return None
    return (Payload("policy", named[DOCUMENT]), Payload("keys", named[KEYS]))


def _document(data: bytes) -> tuple[Payload, ...] | None:
    return None if data.startswith(b"# Tipstaff sha256:") else (Payload("policy", data),)


CHANNEL = Channel(
    "policy",
    "Tipstaff's own document, for /etc/tipstaff",
    "linux",
    ("policy", "keys"),
    render,
    read,
)
