"""The stamp of a rendered file: three comments with digest, policy and fingerprint."""

import hashlib
import json
import re

from tipstaff_policy.clients.interface.deployment import BadStamp, Stamp, Stamps
from tipstaff_policy.model.toml_writing import as_toml

STAMP = re.compile(
    rb"# Tipstaff \w+\.toml (sha256:[0-9a-f]{64}) of all that follows\n"
    rb"# policy (\S+), version (\".*\"), owner (\".*\")\n"
    rb"# fingerprint (sha256:[0-9a-f]{64})\n"
)


def start_of(name: str) -> bytes:
    """Return what a rendered file begins with, whatever it is called now."""
    return f"# Tipstaff {name}.toml sha256:".encode()


def write_stamp(name: str, stamp: Stamp, text: str) -> bytes:
    """Return a file with its stamp in front of the text."""
    rest = (
        f"# policy {stamp.id}, version {as_toml(stamp.version)}, owner {as_toml(stamp.owner)}\n"
        f"# fingerprint {stamp.fingerprint}\n{text}"
    ).encode()
    digest = hashlib.sha256(rest).hexdigest().encode()
    return start_of(name) + digest + b" of all that follows\n" + rest


def read_stamp(name: str, data: bytes) -> Stamp | BadStamp:
    """Return whose a file says that it is."""
    found = STAMP.match(data)
    if not found or not data.startswith(start_of(name)):
        return BadStamp(
            "has no stamp of Tipstaff, or an edited one",
            "three comments: digest, policy, fingerprint",
        )
    digest, policy_id, version, owner, fingerprint = found.groups()
    rest = hashlib.sha256(data.split(b"\n", 1)[1]).hexdigest()
    if f"sha256:{rest}" != digest.decode():
        return BadStamp(
            "was edited or cut off after it was rendered", f"content of {digest.decode()}"
        )
    return Stamp(policy_id.decode(), json.loads(version), json.loads(owner), fingerprint.decode())


STAMPS = Stamps(start_of, write_stamp, read_stamp)
