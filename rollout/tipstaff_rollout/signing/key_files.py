"""Read trusted public keys, and a private key with its passphrase.

The passphrase comes from a prompt or a file, never from the command line or a variable, where
other programs could read it.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_rollout.signing.keys import (
    PrivateKey,
    WrongPassphraseError,
    parse_private,
    parse_trusted,
)

LARGEST = 1 << 20
Ask = Callable[[], str]
"""Asks a person for the passphrase of a key."""


def read_private_key(path: Path, ask: Ask, passphrase_file: Path | None = None) -> PrivateKey:
    """Return the private key in a file of OpenSSH or PEM.

    Args:
        ask: For the passphrase, where one is needed and no file gives it.
        passphrase_file: Its first line is the passphrase; a pipe such as ``/dev/fd/3`` will do.

    Raises:
        AccessDeniedError: A file cannot be read.
        UsageError: It is not a private key, or the passphrase is wrong.
    """
    data = read_key_file(path)
    given = None
    if passphrase_file is not None:
        given = read_key_file(passphrase_file).partition(b"\n")[0].removesuffix(b"\r")
    try:
        return _parse(path, data, given)
    except WrongPassphraseError:
        return _parse(path, data, ask().encode())


def _parse(path: Path, data: bytes, passphrase: bytes | None) -> PrivateKey:
    try:
        return parse_private(data, passphrase)
    except UsageError as error:
        error.where = str(path)
        raise


def read_key_file(path: Path) -> bytes:
    """Return the content of a file with a key, a certificate or a passphrase.

    Raises:
        AccessDeniedError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        raise AccessDeniedError(f"cannot be read: {error.strerror}", where=str(path)) from error


def read_trusted_keys(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Return the contents of files of trusted keys.

    Raises:
        AccessDeniedError: One cannot be read.
        UsageError: A file contains no key, or something else.
    """
    found = []
    for path in paths:
        found.append(read_key_file(path))
        try:
            parse_trusted(found[-1:])
        except UsageError as error:
            error.where = str(path)
            raise
    return tuple(found)
