"""SSH signatures over a file, as `ssh-keygen -Y sign -n PURPOSE` makes them.

The purpose is part of what is signed, so that a signed report is never taken for a signed policy.

Made and verified without OpenSSH; both directions are compared with it in the tests.

Source: PROTOCOL.sshsig of OpenSSH; RFC 4251, section 5 (strings); RFC 4253, section 6.6, RFC 5656,
section 3.1.2, RFC 8332 and RFC 8709 (signatures by the kind of key).
"""

import base64
import binascii
import textwrap
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)

from tipstaff_policy.errors import BadSignatureError
from tipstaff_policy.parsing import ssh_signatures
from tipstaff_policy.parsing.ssh_signatures import DIGESTS, MAGIC, VERSION
from tipstaff_rollout.signing.keys import KINDS, PrivateKey, PublicKey, require_strong

POLICIES, REPORTS = "tipstaff", "tipstaff-report"
"""Purposes, which OpenSSH calls namespaces."""
BEGIN, END = (mark.encode() for mark in ssh_signatures.MARKS)
LINE = 70
RSA_DIGESTS: dict[bytes, HashAlgorithm] = {b"rsa-sha2-256": SHA256(), b"rsa-sha2-512": SHA512()}
CURVE_DIGESTS: dict[int, HashAlgorithm] = {256: SHA256(), 384: SHA384(), 521: SHA512()}


class SshSignature(NamedTuple):
    """A signature as it was read, before it is verified."""

    key: bytes
    """The signer's public key, in OpenSSH's own encoding."""
    namespace: bytes
    digest: bytes
    """Its name."""
    algorithm: bytes
    value: bytes

    def line(self) -> str:
        """Return the signer's public key as a .pub file has it, without a comment."""
        kind = _Reader(self.key).string().decode("ascii")
        if kind not in KINDS:
            raise ValueError("another kind of key")
        return f"{kind} {base64.b64encode(self.key).decode()}"


def sign(data: bytes, key: PrivateKey, purpose: str = POLICIES) -> bytes:
    """Return an armoured signature over a file's bytes."""
    namespace, digest = purpose.encode(), b"sha512"
    algorithm, value = _read_signed(key, _build_covered(data, namespace, digest))
    blob = base64.b64decode(public_line(key).split()[1])
    fields = (blob, namespace, b"", digest, _string(algorithm) + _string(value))
    made = MAGIC + VERSION + b"".join(map(_string, fields))
    lines = textwrap.wrap(base64.b64encode(made).decode(), LINE)
    return b"\n".join((BEGIN, *(line.encode() for line in lines), END, b""))


def public_line(key: PrivateKey) -> bytes:
    """Return the public half of a key as a .pub file has it."""
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def parse(text: bytes) -> SshSignature:
    """Return what an armoured signature says.

    Raises:
        BadSignatureError: It is none, or was cut off.
    """
    words = text.strip()
    if not (words.startswith(BEGIN) and words.endswith(END)):
        raise _none()
    try:
        body = b"".join(words[len(BEGIN) : -len(END)].split())
        reader = _Reader(base64.b64decode(body, validate=True))
        if reader.take(len(MAGIC) + len(VERSION)) != MAGIC + VERSION:
            raise _none()
        key, namespace, _, digest, value = (reader.string() for _ in range(5))
        inner = _Reader(value)
        found = SshSignature(key, namespace, digest, inner.string(), inner.string())
        found.line()
    except (ValueError, binascii.Error):
        raise _none() from None
    if reader.data or inner.data:
        raise _none()
    return found


def _none() -> BadSignatureError:
    return BadSignatureError(
        "is not a complete SSH signature",
        expected="what `ssh-keygen -Y sign` makes",
        remedy="sign it again",
    )


def verify(signature: SshSignature, data: bytes, purpose: str = POLICIES) -> None:
    """Require that a signature is over these bytes, by the key that it names, for this purpose.

    Raises:
        BadSignatureError: It is not.
    """
    if signature.namespace != purpose.encode():
        raise BadSignatureError(
            "the signature was made for another purpose",
            expected=f"the namespace `{purpose}`",
            remedy=f"sign with `ssh-keygen -Y sign -n {purpose}`",
        )
    if signature.digest not in DIGESTS:
        raise _none()
    try:
        key = require_strong(load_ssh_public_key(signature.line().encode()))
        _verify(key, signature, _build_covered(data, signature.namespace, signature.digest))
    except (InvalidSignature, ValueError) as error:
        raise BadSignatureError(
            "the signature is invalid: the content differs, or was edited",
            expected="the content that was signed, to its last byte",
            remedy="get the file again from its author, or sign it again",
        ) from error


def _build_covered(data: bytes, namespace: bytes, digest: bytes) -> bytes:
    """Return the bytes that a key signs."""
    fields = (namespace, b"", digest, DIGESTS[digest](data).digest())
    return MAGIC + b"".join(map(_string, fields))


def _read_signed(key: PrivateKey, covered: bytes) -> tuple[bytes, bytes]:
    if isinstance(key, Ed25519PrivateKey):
        return b"ssh-ed25519", key.sign(covered)
    if isinstance(key, RSAPrivateKey):
        return b"rsa-sha2-512", key.sign(covered, PKCS1v15(), SHA512())
    size = key.curve.key_size
    made = decode_dss_signature(key.sign(covered, ec.ECDSA(CURVE_DIGESTS[size])))
    return b"ecdsa-sha2-nistp%d" % size, b"".join(map(_number, made))


def _verify(key: PublicKey, signature: SshSignature, covered: bytes) -> None:
    """Raise InvalidSignature or ValueError where a signature does not hold."""
    algorithm = signature.algorithm
    if isinstance(key, Ed25519PublicKey) and algorithm == b"ssh-ed25519":
        key.verify(signature.value, covered)
    elif isinstance(key, RSAPublicKey) and algorithm in RSA_DIGESTS:
        key.verify(signature.value, covered, PKCS1v15(), RSA_DIGESTS[algorithm])
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == (
        b"ecdsa-sha2-nistp%d" % key.curve.key_size
    ):
        numbers = _Reader(signature.value)
        both = [int.from_bytes(numbers.string(), signed=True) for _ in "rs"]
        if numbers.data:
            raise ValueError("bytes after the end")
        made = encode_dss_signature(*both)
        key.verify(made, covered, ec.ECDSA(CURVE_DIGESTS[key.curve.key_size]))
    else:
        raise ValueError("an algorithm that does not fit the key")


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def _number(value: int) -> bytes:
    return _string(value.to_bytes(value.bit_length() // 8 + 1))


class _Reader:
    """What is left of a sequence of strings."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        """Return the next bytes.

        Raises:
            ValueError: There are fewer.
        """
        if count > len(self.data):
            raise ValueError("cut off")
        found, self.data = self.data[:count], self.data[count:]
        return found

    def string(self) -> bytes:
        """Return the next string."""
        return self.take(int.from_bytes(self.take(4)))
