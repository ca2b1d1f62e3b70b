"""The file of further certificate authorities that the client trusts."""

import os
import ssl

from tipstaff_policy.clients.claude.credentials.places import is_own
from tipstaff_policy.clients.claude.locations import CA_VARIABLE
from tipstaff_policy.errors import EvaluationError, reason_of
from tipstaff_policy.model.host_facts import CaBundle
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.certificates import SIZE_LIMIT, read_bundle
from tipstaff_policy.system.files import read_bounded

BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def bundle_variable(request: Request) -> str | None:
    """Return the variable that names the file; None where none does."""
    return CA_VARIABLE if is_own(request) and request.env.get(CA_VARIABLE) else None


def ca_bundle(request: Request) -> CaBundle | None:
    """Return what is in the file, or why it cannot be used; None where no variable names one."""
    if bundle_variable(request) is None:
        return None
    path = os.path.join(request.started_in, request.env[CA_VARIABLE])
    return read_bundle(CA_VARIABLE, path, request.now)


def authorities(request: Request) -> tuple[bytes, ...]:
    """Return the certificates (DER) that are trusted in addition to those of the system.

    Raises:
        EvaluationError: Nothing of the file can be used.
    """
    if bundle_variable(request) is None:
        return ()
    try:
        text = read_bounded(request.env[CA_VARIABLE], SIZE_LIMIT).decode("ascii", "replace")
    except OSError as error:
        what = f"the file of {CA_VARIABLE} cannot be read: {reason_of(error)}"
        raise EvaluationError(what) from None
    blocks = [part.partition(END)[0] for part in text.split(BEGIN)[1:]]
    if not blocks:
        raise EvaluationError(f"the file of {CA_VARIABLE} holds no certificate")
    try:
        found = tuple(ssl.PEM_cert_to_DER_cert(f"{BEGIN}{block}{END}") for block in blocks)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=b"".join(found))
    except (ValueError, ssl.SSLError):
        what = f"the file of {CA_VARIABLE} holds a block that is no certificate"
        raise EvaluationError(what) from None
    return found
