"""Reading a private key, and the passphrase that it may have: asked for, or from a file.

Never from the command line or a variable, where other programs could read it.
"""

from pathlib import Path

import typer

from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_rollout.signing.keys import PrivateKey, WrongPassphraseError, parse_private

LARGEST = 1 << 20


def read_private_key(path: Path, passphrase_file: Path | None = None) -> PrivateKey:
    """Return the private key in a file of OpenSSH or PEM.

    Args:
        passphrase_file: Its first line is the passphrase; a pipe such as ``/dev/fd/3`` will do.

    Raises:
        AccessDeniedError: A file cannot be read.
        UsageError: It is no private key, or the passphrase is wrong.
    """
    data = read_key_file(path)
    given = None
    if passphrase_file is not None:
        given = read_key_file(passphrase_file).partition(b"\n")[0].removesuffix(b"\r")
    try:
        return _parsed(path, data, given)
    except WrongPassphraseError:
        asked: str = typer.prompt("Passphrase of the key", hide_input=True, err=True)
        return _parsed(path, data, asked.encode())


def _parsed(path: Path, data: bytes, passphrase: bytes | None) -> PrivateKey:
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
