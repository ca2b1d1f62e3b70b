"""The file of further certificate authorities that the environment names.

Source: tests/conformance/test_ca_bundle.py (client 0.169.0).
"""

import base64
import binascii
import os
import re
from collections.abc import Iterator

from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.host_facts import CaBundle
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import read_bounded

VARIABLES = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")
"""The first that is not empty counts."""
SIZE_LIMIT = 16 << 20
LABELS = ("CERTIFICATE", "TRUSTED CERTIFICATE")
SEQUENCE, EXPLICIT_VERSION, UTC_TIME = 0x30, 0xA0, 0x17


def bundle_variable(request: Request) -> str | None:
    """Return the variable that names the file; None where none does."""
    return next((variable for variable in VARIABLES if text_of(request.env, variable)), None)


def authorities(request: Request) -> tuple[bytes, ...]:
    """Return the certificates (DER) that the client trusts in addition to those of the system.

    Raises:
        EvaluationError: The client can use nothing of the file.
    """
    bundle = ca_bundle(request)
    if bundle is None:
        return ()
    if bundle.fault:
        raise EvaluationError(f"the file of {bundle.variable} {bundle.fault}")
    return tuple(map(_strip_trust, certificates(read_bounded(bundle.path, SIZE_LIMIT))))


def _strip_trust(der: bytes) -> bytes:
    """Return a certificate without what the label TRUSTED adds behind it."""
    (_, content), *_ = _elements(der)
    return der[: der.index(content) + len(content)]


def ca_bundle(request: Request) -> CaBundle | None:
    """Return what the client would load, or why it cannot; None where no variable names a file."""
    variable = bundle_variable(request)
    if variable is None:
        return None
    path = os.path.join(request.started_in, request.env[variable])
    bundle = CaBundle(variable, path)
    try:
        found = list(certificates(read_bounded(path, SIZE_LIMIT)))
        ends = [not_after(certificate) for certificate in found]
    except OSError as error:
        return bundle._replace(fault=f"cannot be read: {error.strerror}")
    except ValueError as error:
        return bundle._replace(fault=str(error))
    if not found:
        return bundle._replace(fault="holds no certificate")
    now = _digits(request.now)
    expired = tuple(number for number, end in enumerate(ends, 1) if end < now)
    return bundle._replace(certificates=len(found), expired=expired)


def certificates(data: bytes) -> Iterator[bytes]:
    """Yield the certificates of a PEM file, as DER.

    Raises:
        ValueError: A block does not end, or is not base64.
    """
    label: str | None = None
    lines: list[bytes] = []
    for line in data.splitlines():
        begin = re.match(rb"-----BEGIN (.*)-----\s*$", line)
        if begin:
            label, lines = begin[1].decode("ascii", "replace"), []
        elif label is not None and line.startswith(f"-----END {label}-----".encode()):
            try:
                content = base64.b64decode(b"".join(lines), validate=True)
            except binascii.Error:
                raise ValueError(f"holds a {label} that is not base64") from None
            if label in LABELS:
                yield content
            label = None
        elif label is not None:
            lines.append(line.strip())
    if label is not None:
        raise ValueError(f"holds a {label} that is cut off")


def not_after(der: bytes) -> str:
    """Return when a certificate (RFC 5280, section 4.1) expires, as fourteen digits in UTC.

    Raises:
        ValueError: It is no certificate.
    """
    try:
        (_, certificate), *_ = _elements(der)
        (_, content), *_ = _elements(certificate)
        fields = list(_elements(content))
        validity = fields[4 if fields[0][0] == EXPLICIT_VERSION else 3]
        _, (kind, text) = _elements(validity[1])
        key = fields[6 if fields[0][0] == EXPLICIT_VERSION else 5]
    except (IndexError, ValueError):
        raise ValueError("holds a block that is no certificate") from None
    digits = text.decode("ascii", "replace").removesuffix("Z")
    if kind == UTC_TIME:  # two digits of the year; the standard turns at 50
        digits = ("19" if digits >= "5" else "20") + digits
    if validity[0] != SEQUENCE or key[0] != SEQUENCE or not re.fullmatch(r"[0-9]{14}", digits):
        raise ValueError("holds a block that is no certificate")
    return digits


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the elements of a DER sequence: kind and content.

    Raises:
        ValueError, IndexError: It is none.
    """
    at = 0
    while at < len(data):
        kind, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            octets = size & 0x7F
            size = int.from_bytes(data[at : at + octets], "big")
            at += octets
        if at + size > len(data):
            raise ValueError("cut off")
        yield kind, data[at : at + size]
        at += size


def _digits(now: int) -> str:
    import time  # noqa: PLC0415 - audits only

    return time.strftime("%Y%m%d%H%M%S", time.gmtime(now))
