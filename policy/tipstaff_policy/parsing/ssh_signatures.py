"""Verify an SSH signature by an Ed25519 key with the standard library alone.

It is what `ssh-keygen -Y sign -n PURPOSE` makes. The purpose is part of what is signed, so that a
signature over one kind of document never counts for another.

Source: PROTOCOL.sshsig of OpenSSH; RFC 4251, section 5 (strings); RFC 8709 (keys and signatures).
"""

import base64
import binascii
import hashlib

from tipstaff_policy.parsing.ed25519 import is_signed

MAGIC = b"SSHSIG"
VERSION = b"\0\0\0\1"
KIND = b"ssh-ed25519"
MARKS = BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
SIZE_LIMIT = 4096
DIGESTS = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
PARTS = 5
"""Of a signature: the signer's key, the purpose, nothing, the digest's name, what was signed."""


def find_signer(data: bytes, signature: str, purpose: str) -> str | None:
    """Return the key that signed bytes for a purpose; None where the signature does not hold.

    Returns:
        As a .pub file has it, without a comment. Whether the key is trusted is for the caller.
    """
    text = signature.strip()
    if len(text) > SIZE_LIMIT or not (text.startswith(BEGIN) and text.endswith(END)):
        return None
    try:
        blob = base64.b64decode("".join(text[len(BEGIN) : -len(END)].split()), validate=True)
        if not blob.startswith(MAGIC + VERSION):
            return None
        key, named, reserved, digest, value = _strings(blob[len(MAGIC + VERSION) :], PARTS)
        kind, raw = _strings(key, 2)
        algorithm, made = _strings(value, 2)
    except (ValueError, binascii.Error):
        return None
    if named != purpose.encode() or kind != KIND or algorithm != KIND or digest not in DIGESTS:
        return None
    fields = (named, reserved, digest, DIGESTS[digest](data).digest())
    if not is_signed(MAGIC + b"".join(map(_string, fields)), made, raw):
        return None
    return f"{KIND.decode()} {base64.b64encode(key).decode()}"


def _strings(data: bytes, count: int) -> list[bytes]:
    """Return exactly so many strings.

    Raises:
        ValueError: There are fewer, or more bytes behind them.
    """
    found = []
    for _ in range(count):
        size = int.from_bytes(data[:4])
        if len(data) < 4 + size or len(data) < 4:
            raise ValueError("cut off")
        found.append(data[4 : 4 + size])
        data = data[4 + size :]
    if data:
        raise ValueError("bytes after the end")
    return found


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data
