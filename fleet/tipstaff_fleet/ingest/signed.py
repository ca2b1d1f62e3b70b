"""Sources that must be signed: read whole, and only what was verified is parsed."""

import os
from io import BufferedReader, BytesIO
from typing import NamedTuple

from tipstaff_fleet.ingest.sources import STANDARD_INPUT, UnreadableError
from tipstaff_policy.errors import BadSignatureError

LARGEST = 256 << 20
"""Bytes of a signed file as it is stored, packed or not."""
LARGEST_SIGNATURE = 1 << 16


class Signed(NamedTuple):
    """A file whose signature holds, or one that needs none."""

    opened: BufferedReader | None
    """Its content; None where it is read from the disk."""
    signer: str


UNSIGNED = Signed(None, "")


def open_signed(path: str, trusted: tuple[bytes, ...]) -> Signed:
    """Return the content of a file that one of the trusted keys has signed.

    Args:
        path: Its signature is the file PATH.sig.
        trusted: Contents of key files.

    Raises:
        UnreadableError: It cannot be read, is not signed, or not by a trusted key.
    """
    from tipstaff_rollout.signing import verify_report  # noqa: PLC0415 - slow to import
    from tipstaff_rollout.storing import SIGNATURE  # noqa: PLC0415 - as above

    if path == STANDARD_INPUT:
        raise UnreadableError("standard input has no signature; name the file instead")
    data = _read(path, LARGEST)
    if not os.path.exists(path + SIGNATURE):
        raise UnreadableError(f"is not signed: there is no {os.path.basename(path)}{SIGNATURE}")
    try:
        signer = verify_report(data, _read(path + SIGNATURE, LARGEST_SIGNATURE), trusted)
    except BadSignatureError as error:
        raise UnreadableError(f"its signature does not hold: {error.what}") from None
    # What follows reads these bytes and not the file, which may have changed.
    return Signed(BufferedReader(BytesIO(data)), signer)


def _read(path: str, limit: int) -> bytes:
    try:
        with open(path, "rb") as opened:
            data = opened.read(limit + 1)
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise UnreadableError(f"is larger than {limit} bytes, which is too much to be verified")
    return data
