"""A configuration profile inside CMS SignedData: made, and taken out again with its signer.

`cryptography` makes such messages and does not verify them. So its steps (RFC 5652, section 5.6)
are done here on its arithmetic: one signer, with signed attributes, whose digest is that of the
content. Whether its certificate is trusted is another question (`certificates`).
"""

import hashlib
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.signing.ber import Element, parse
from tipstaff_rollout.signing.keys import PrivateKey, require_strong

SEQUENCE, SET, OBJECT_IDENTIFIER = 0x30, 0x31, 0x06
IMPLICIT_0, KEY_IDENTIFIER = 0xA0, 0x80
PKCS_7, PKCS_9 = bytes.fromhex("2a864886f70d0107"), bytes.fromhex("2a864886f70d0109")
DATA, SIGNED_DATA = PKCS_7 + b"\x01", PKCS_7 + b"\x02"
CONTENT_TYPE, MESSAGE_DIGEST = PKCS_9 + b"\x03", PKCS_9 + b"\x04"
BEGINS_WITHIN = 24
"""Bytes in which a message names itself, whatever the form of its length."""
NIST_HASHES = bytes.fromhex("6086480165030402")
DIGESTS: dict[bytes, HashAlgorithm] = {
    NIST_HASHES + b"\x01": SHA256(),
    NIST_HASHES + b"\x02": SHA384(),
    NIST_HASHES + b"\x03": SHA512(),
}
PKCS_1 = bytes.fromhex("2a864886f70d0101")
RSA: dict[bytes, str] = {
    PKCS_1 + b"\x01": "",
    PKCS_1 + b"\x0b": "sha256",
    PKCS_1 + b"\x0c": "sha384",
    PKCS_1 + b"\x0d": "sha512",
}
"""Algorithms of a signature, and the digest that each names; the first leaves it open."""
ECDSA_NAMES = bytes.fromhex("2a8648ce3d0403")
ECDSA_DIGESTS: dict[bytes, str] = {
    ECDSA_NAMES + b"\x02": "sha256",
    ECDSA_NAMES + b"\x03": "sha384",
    ECDSA_NAMES + b"\x04": "sha512",
}


class SignedContent(NamedTuple):
    """The content of a message whose signature is valid; its signer is not judged yet."""

    content: bytes
    signer: x509.Certificate
    others: tuple[x509.Certificate, ...]
    """Certificates that came with it; none of them is trusted for that."""


class _Signer(NamedTuple):
    """The one signer's part of a message."""

    identifier: Element
    digest: HashAlgorithm
    attributes: Element
    algorithm: bytes
    signature: bytes


def is_message(data: bytes) -> bool:
    """Return whether data calls itself signed; it may be cut off, or worth nothing."""
    return data[:1] == bytes([SEQUENCE]) and SIGNED_DATA in data[:BEGINS_WITHIN]


def sign(content: bytes, key: PrivateKey, certificates: Sequence[x509.Certificate]) -> bytes:
    """Return content inside a signed message (DER).

    Args:
        certificates: The signer's, then those that lead to its authority.

    Raises:
        UsageError: The key is of a kind that profiles are not signed by, or not the certificate's.
    """
    own, *chain = certificates
    if own.public_key() != key.public_key():
        raise UsageError(
            "the certificate is for another key",
            expected="the signer's own certificate first, then those that lead to its authority",
        )
    builder = PKCS7SignatureBuilder().set_data(content)
    if isinstance(key, Ed25519PrivateKey):
        raise UsageError("profiles are not signed by this kind of key", expected="RSA or ECDSA")
    builder = builder.add_signer(own, key, SHA256())
    for certificate in chain:
        builder = builder.add_certificate(certificate)
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoCapabilities])


def open_message(data: bytes) -> SignedContent:
    """Return what a signed message holds, after its signature was found to hold.

    Raises:
        BadSignatureError: It does not, or this cannot be checked.
    """
    try:
        signed = _read_signed_data(data)
        content, certificates, signer = signed
        own = _certificate_of(signer, certificates)
        _verify(signer, content, own)
    except InvalidSignature as error:
        raise _bad_signature("the signature was not made by the key of its certificate") from error
    except (ValueError, IndexError) as error:
        raise _bad_signature(f"the signed profile cannot be verified: {error}") from error
    others = tuple(certificate for certificate in certificates if certificate != own)
    return SignedContent(content, own, others)


def _bad_signature(what: str) -> BadSignatureError:
    return BadSignatureError(
        what,
        expected="a profile inside CMS SignedData, as it was signed",
        remedy="get it again from its author, or sign it again",
    )


def _read_signed_data(data: bytes) -> tuple[bytes, tuple[x509.Certificate, ...], _Signer]:
    """Return content, certificates and signer of a message (RFC 5652, sections 3 and 5.1)."""
    name, body = _parts(parse(data), SEQUENCE)[:2]
    if _identifier(name) != SIGNED_DATA:
        raise ValueError("it is no signed message")
    _, _, inside, *rest = _parts(_only(body, IMPLICIT_0), SEQUENCE)
    kind, *held = _parts(inside, SEQUENCE)
    if _identifier(kind) != DATA:
        raise ValueError("it holds something else than data")
    if not held:
        raise ValueError("its content is not inside (a detached signature)")
    content = _only(held[0], IMPLICIT_0).octets()
    bags = [element for element in rest if element.tag == IMPLICIT_0]
    certificates = tuple(
        _certificate(part.encode())
        for bag in bags
        for part in bag.parts
        if part.tag == SEQUENCE  # other forms are of older standards
    )
    signers = _parts(rest[-1], SET)
    if len(signers) != 1:
        raise ValueError(f"it has {len(signers)} signers, not one")
    return content, certificates, _signer(signers[0])


def _certificate(data: bytes) -> x509.Certificate:
    """Return a certificate all of whose parts can be read.

    `cryptography` reads most of them when they are asked for, and raises a type a situation. What
    it only warns of (a serial number below zero) is no certificate either.
    """
    try:
        with warnings.catch_warnings(action="error"):
            found = x509.load_der_x509_certificate(data)
            _ = found.subject, found.issuer, found.extensions, found.public_key()
    except (
        Warning,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        UnsupportedAlgorithm,
    ) as error:
        raise ValueError(f"a certificate in it cannot be read ({error})") from error
    return found


def _signer(part: Element) -> _Signer:
    """Return the parts of a SignerInfo (RFC 5652, section 5.3)."""
    _, identifier, digest, attributes, algorithm, signature, *_ = _parts(part, SEQUENCE)
    if attributes.tag != IMPLICIT_0:
        raise ValueError("it has no signed attributes")
    known = DIGESTS.get(_identifier(_parts(digest, SEQUENCE)[0]))
    if known is None:
        raise ValueError("its digest is none of SHA-256, SHA-384, SHA-512")
    name = _identifier(_parts(algorithm, SEQUENCE)[0])
    return _Signer(identifier, known, attributes, name, signature.octets())


def _certificate_of(
    signer: _Signer, certificates: tuple[x509.Certificate, ...]
) -> x509.Certificate:
    """Return the signer's certificate among those of the message."""
    for certificate in certificates:
        if signer.identifier.tag == SEQUENCE:
            issuer, serial = signer.identifier.parts
            named = certificate.issuer.public_bytes(), certificate.serial_number
            fits = named == (issuer.encode(), int.from_bytes(serial.content, signed=True))
        else:
            by_key = signer.identifier.tag == KEY_IDENTIFIER
            fits = by_key and signer.identifier.content == _key_identifier(certificate)
        if fits:
            return certificate
    raise ValueError("the signer's certificate is not in it")


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return found.value.digest


def _verify(signer: _Signer, content: bytes, certificate: x509.Certificate) -> None:
    """Require the signer's digest and signature (RFC 5652, sections 5.4 and 11)."""
    name = signer.digest.name
    if _attribute(signer.attributes, CONTENT_TYPE).content != DATA:
        raise ValueError("its attributes describe another kind of content")
    digest = _attribute(signer.attributes, MESSAGE_DIGEST).octets()
    if digest != hashlib.new(name, content).digest():
        raise ValueError("its content was edited after it was signed")
    key = require_strong(certificate.public_key())
    covered = signer.attributes.encode(SET)
    if isinstance(key, RSAPublicKey) and RSA.get(signer.algorithm) in ("", name):
        key.verify(signer.signature, covered, PKCS1v15(), signer.digest)
    elif isinstance(key, EllipticCurvePublicKey) and ECDSA_DIGESTS.get(signer.algorithm) == name:
        key.verify(signer.signature, covered, ECDSA(signer.digest))
    else:
        raise ValueError("its algorithm is neither RSA (PKCS #1 v1.5) nor ECDSA of its digest")


def _attribute(attributes: Element, name: bytes) -> Element:
    """Return the one value of an attribute that stands there once."""
    found = [_parts(part, SEQUENCE) for part in attributes.parts]
    values = [_only(pair[1], SET) for pair in found if _identifier(pair[0]) == name]
    if len(values) != 1:
        raise ValueError("an attribute is missing or duplicated")
    return values[0]


def _parts(element: Element, tag: int) -> tuple[Element, ...]:
    if element.tag != tag:
        raise ValueError("its parts are not in the order of a signed message")
    return element.parts


def _only(element: Element, tag: int) -> Element:
    parts = _parts(element, tag)
    if len(parts) != 1:
        raise ValueError("it has several values where one belongs")
    return parts[0]


def _identifier(element: Element) -> bytes:
    if element.tag != OBJECT_IDENTIFIER:
        raise ValueError("it has no name where one belongs")
    return element.content
