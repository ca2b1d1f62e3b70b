"""The organisation's own document, with its public keys, the fleet's key, and knowledge."""

from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_rollout.model import NAMES, Channel, Compiled, File, Payload, Steps
from tipstaff_rollout.payloads import client_payloads, is_stamped

DOCUMENT = NAMES["policy"]


def render(compiled: Compiled) -> tuple[File, ...]:
    """Return the document as its author wrote it, a secret key apart."""
    return tuple(
        File(NAMES[name], data) for name in NAMES if (data := compiled.data(name)) is not None
    )


def read(files: tuple[File, ...]) -> tuple[Payload, ...] | None:
    """Return document and keys; any TOML but a client's is taken for a policy."""
    named = {file.path: file.data for file in files}
    if len(files) == 1:
        path, data, _ = files[0]
        names = [kind.file.file_name for kind in client_payloads().values()]
        is_client = path in names or is_stamped(data)
        return (Payload("policy", data),) if path.endswith(".toml") and not is_client else None
    if DOCUMENT not in named or not set(named) <= {*NAMES.values()}:
        return None
    return tuple(Payload(name, named[NAMES[name]]) for name in NAMES if NAMES[name] in named)


def steps(compiled: Compiled) -> Steps:
    """Return where the document goes."""
    folder = FOLDERS["linux"]
    others = f"On macOS `{FOLDERS['macos']}`, on Windows `%ProgramData%\\Tipstaff`."
    keys = f"`{NAMES['keys']}`: `{compiled.keys_path}`, owned by root, 0644."
    knowledge = f"`{NAMES['knowledge']}`: `{folder}`, owned by root, 0644."
    secret = f"`{NAMES['fleet_key']}`: `{folder}`, owned by root, 0600."
    return Steps(
        (
            *([keys] if compiled.data("keys") is not None else []),
            *([secret] if compiled.data("fleet_key") is not None else []),
            *([knowledge] if compiled.data("knowledge") is not None else []),
            f"`{DOCUMENT}`, last: `{folder}`, owned by root, 0644. {others}",
        ),
        ("`tipstaff audit` on a host shows this policy's id, version and fingerprint.",),
        (
            "Put the document of the version before in its place.",
            f"To remove it: remove `{folder}/{DOCUMENT}`.",
        ),
    )


CHANNEL = Channel(
    "policy",
    "Tipstaff's own document, for /etc/tipstaff",
    "linux",
    lambda: tuple(NAMES),
    render,
    read,
    steps,
)
