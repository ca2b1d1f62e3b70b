"""Whether a certificate is trusted: it is one of those given, or was issued under one of them.

The way between them is verified by `cryptography` (RFC 5280): names, signatures, dates, limits.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store

from tipstaff_policy.errors import BadSignatureError
from tipstaff_rollout.signing.cms import SignedContent


def require_trusted(signed: SignedContent, trusted: Sequence[x509.Certificate], now: int) -> None:
    """Require that the signer is one of the trusted certificates, or issued under one.

    Every certificate on the way has to be valid at that time; an authority has to be one.

    Raises:
        BadSignatureError: It is not, or this cannot be checked.
    """
    moment, own = datetime.fromtimestamp(now, UTC), signed.signer
    if not own.not_valid_before_utc <= moment <= own.not_valid_after_utc:
        ends = f"{own.not_valid_before_utc:%Y-%m-%d} to {own.not_valid_after_utc:%Y-%m-%d}"
        raise _make_untrusted_error(own, f"is valid from {ends} only")
    if not trusted:
        raise _make_untrusted_error(own, "is not trusted: no certificate is")
    verifier = (
        PolicyBuilder()
        .store(Store(list(trusted)))
        .time(moment.replace(tzinfo=None))
        .extension_policies(ca_policy=_authorities(), ee_policy=_signers())
        .build_client_verifier()
    )
    try:
        verifier.verify(own, list(signed.others))
    except (verification.VerificationError, ValueError) as error:
        why = str(error).partition(" (encountered")[0]
        raise _make_untrusted_error(own, f"leads to none of the trusted ones ({why})") from error


def _make_untrusted_error(signer: x509.Certificate, why: str) -> BadSignatureError:
    return BadSignatureError(
        f"the certificate of {show_name(signer)} {printable(why)}",
        expected="one of the trusted certificates, or one that they issued, valid now",
        remedy="name the right certificate with --trusted-key, or sign again",
    )


def _authorities() -> ExtensionPolicy:
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs_certificates)
    )


def _signers() -> ExtensionPolicy:
    """Return what is asked of a signer: profiles have no purpose of their own in certificates."""
    return ExtensionPolicy.permit_all().may_be_present(
        x509.KeyUsage, Criticality.AGNOSTIC, _signs_content
    )


def _signs_certificates(
    _: verification.Policy, __: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an authority's key is not for certificates")


def _signs_content(
    _: verification.Policy, __: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise ValueError("the signer's key is not for signatures")


def as_pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as a file holds it."""
    return certificate.public_bytes(Encoding.PEM)


def show_name(certificate: x509.Certificate) -> str:
    """Return the name of a certificate for people."""
    name = printable(certificate.subject.rfc4514_string()) or "(no name)"
    return f"{name} (SHA-256 {certificate.fingerprint(SHA256()).hex()})"


def printable(text: str) -> str:
    """Return a text from an unknown source without control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)
