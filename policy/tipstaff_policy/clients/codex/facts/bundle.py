"""The file of further certificate authorities that the environment names.

Source: tests/conformance/test_ca_bundle.py (client 0.169.0).
"""

import os

from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.host_facts import CaBundle
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.certificates import SIZE_LIMIT, certificates, elements, read_bundle
from tipstaff_policy.system.files import read_bounded

VARIABLES = ("CODEX_CA_CERTIFICATE", "SSL_CERT_FILE")
"""The first that is not empty counts."""


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
    (_, content), *_ = elements(der)
    return der[: der.index(content) + len(content)]


def ca_bundle(request: Request) -> CaBundle | None:
    """Return what the client would load, or why it cannot; None where no variable names a file."""
    variable = bundle_variable(request)
    if variable is None:
        return None
    path = os.path.join(request.started_in, request.env[variable])
    return read_bundle(variable, path, request.now)
