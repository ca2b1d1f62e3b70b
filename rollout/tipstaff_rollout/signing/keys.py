"""Keys in files: those whose signature is trusted, and the one that signs."""

from collections.abc import Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from cryptography.x509 import Certificate, load_pem_x509_certificates

from tipstaff_policy.errors import UsageError

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
KINDS = ("ssh-ed25519", "ssh-rsa", *(f"ecdsa-sha2-nistp{bits}" for bits in (256, 384, 521)))
"""Of OpenSSH public keys; a certificate of OpenSSH is none of them."""
CURVES = (SECP256R1, SECP384R1, SECP521R1)
SHORTEST_RSA = 2048
"""Bits; a shorter key proves nothing (as for tokens, ADR 0016)."""
KEYS_OF_FILE = "lines of OpenSSH public keys (a .pub file), or certificates in PEM"


class WrongPassphraseError(UsageError):
    """A key needs a passphrase, or another one."""


class TrustedKeys(NamedTuple):
    """Whose signatures count."""

    lines: tuple[str, ...] = ()
    """OpenSSH public keys: type and blob, without comments."""
    certificates: tuple[Certificate, ...] = ()
    """Of signers, or of authorities that vouch for signers."""

    def are_given(self) -> bool:
        """Return whether there are trusted keys; without any, the signer is not checked."""
        return bool(self.lines or self.certificates)


def parse_trusted(files: Iterable[bytes]) -> TrustedKeys:
    """Return the keys of files: OpenSSH public keys or certificates, several in one if need be.

    Raises:
        UsageError: A file holds anything else; nothing of it is shown.
    """
    lines: list[str] = []
    certificates: list[Certificate] = []
    for data in files:
        if b"-----BEGIN CERTIFICATE-----" in data:
            certificates += parse_certificates(data)
        else:
            lines += _public_lines(data)
    return TrustedKeys(tuple(lines), tuple(certificates))


def parse_certificates(data: bytes) -> list[Certificate]:
    """Return the certificates of a PEM file, in its order.

    Raises:
        UsageError: There is none, or one cannot be read.
    """
    try:
        return load_pem_x509_certificates(data)
    except ValueError as error:
        raise UsageError("holds no certificate that can be read", expected="PEM") from error


def _public_lines(data: bytes) -> list[str]:
    texts = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    lines = [_plain(text) for text in texts if text and not text.startswith("#")]
    if not lines:
        raise UsageError("holds no key", expected=KEYS_OF_FILE)
    return lines


def _plain(line: str) -> str:
    """Return a line of a public key without its comment."""
    try:
        kind, blob = line.split()[:2]
        KINDS.index(kind)
        require_strong(load_ssh_public_key(f"{kind} {blob}".encode()))
    except ValueError as error:
        remedy = "give the public half" if "PRIVATE KEY" in line else ""
        raise UsageError(
            "holds a line that is no usable public key", expected=KEYS_OF_FILE, remedy=remedy
        ) from error
    return f"{kind} {blob}"


def require_strong(key: object) -> PublicKey:
    """Return a public key of a kind and a length that prove something.

    Raises:
        ValueError: It is another kind, or too short.
    """
    if isinstance(key, RSAPublicKey):
        if key.key_size < SHORTEST_RSA:
            raise ValueError(f"RSA of {key.key_size} bits; {SHORTEST_RSA} are the least")
        return key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise ValueError("neither Ed25519, ECDSA on a NIST curve, nor RSA")


def parse_private(data: bytes, passphrase: bytes | None) -> PrivateKey:
    """Return the private key of a file in OpenSSH's format or PEM.

    Raises:
        WrongPassphraseError: It needs a passphrase and got none, or a wrong one.
        UsageError: It is no private key that can sign. Nothing of it is shown.
    """
    is_ssh = b"-----BEGIN OPENSSH PRIVATE KEY-----" in data
    try:
        load = load_ssh_private_key if is_ssh else load_pem_private_key
        key = load(data, passphrase)
    except TypeError as error:
        if passphrase is not None:  # a passphrase for a key that has none
            return parse_private(data, None)
        raise WrongPassphraseError("the key has a passphrase") from error
    except ValueError:  # its cause could quote the file
        raise UsageError(
            "is no private key, or the passphrase is wrong",
            expected="a file made by ssh-keygen or openssl",
        ) from None
    try:
        if isinstance(key, PrivateKey):
            require_strong(key.public_key())
            return key
    except ValueError as error:
        raise UsageError(f"cannot be used: {error}") from error
    raise UsageError("is another kind of key", expected="Ed25519, ECDSA or RSA")


def is_public_line(data: bytes) -> bool:
    """Return whether a file is an OpenSSH public key; then an agent holds its other half."""
    return any(data.startswith(f"{kind} ".encode()) for kind in KINDS)
