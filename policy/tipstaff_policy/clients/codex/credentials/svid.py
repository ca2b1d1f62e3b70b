"""The identity that SPIFFE gives this workload, fetched as the client fetches it.

Only the full program does this, by a library that is installed on demand (ADR 0005). The socket
is the user's, which is fine: what counts is what the vendor's service gives for the identity.

Source: tests/conformance/test_spiffe.py (client 0.171.0).
"""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.credentials.workload import AUDIENCE, ENDPOINT, IDENTITY
from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.record import Record

EXTRA = "tipstaff[spiffe]"
"""What has to be installed."""
SILENT = ("DEADLINE_EXCEEDED", "UNAVAILABLE")
"""How gRPC calls a server that is not there or does not answer."""


class MissingExtraError(EvaluationError):
    """The library that fetches identities is not installed."""


class SocketError(EvaluationError):
    """The Workload API is not there, or does not answer."""

    def __init__(self, what: str, endpoint: str) -> None:
        super().__init__(what)
        self.endpoint = endpoint


class RefusedSvidError(EvaluationError):
    """The Workload API gives no identity that the client would use."""


class Workload(Record):
    """Which identity is fetched, and where."""

    path: str
    """Of the socket."""
    audience: str
    identity: str | None

    @property
    def endpoint(self) -> str:
        """Return the address of the socket, for a person and for the library."""
        return f"unix://{self.path}"


def workload_of(env: Mapping[str, str]) -> Workload:
    """Return what the variables name; they are complete.

    Raises:
        RefusedSvidError: The client does not read them.
    """
    return Workload(
        _socket(str(text_of(env, ENDPOINT)).strip(WHITE_SPACE)),
        str(text_of(env, AUDIENCE)).strip(WHITE_SPACE),
        text_of(env, IDENTITY) if IDENTITY in env else None,
    )


def _socket(endpoint: str) -> str:
    try:
        url = urlsplit(endpoint)
    except ValueError:
        url = urlsplit("")
    # An encoded character could stand for another socket in the client.
    plain = not any(character in endpoint for character in "%?#")
    if url.scheme != "unix" or url.netloc or not url.path.startswith("/") or not plain:
        raise RefusedSvidError(f"{ENDPOINT} is no address of the form unix:///path/of/the.socket")
    return url.path


def fetch_svid(workload: Workload, deadline: float) -> Secret[str]:
    """Return the SVID that the Workload API gives out, the only one.

    Args:
        deadline: By the monotonic clock.

    Raises:
        MissingExtraError, SocketError, RefusedSvidError: There is none; holds no part of one.
    """
    with _own_variables():
        return _fetch(workload, deadline)


def _fetch(workload: Workload, deadline: float) -> Secret[str]:
    try:
        from spiffe import (  # noqa: PLC0415 - heavy and optional (ADR 0005)
            SpiffeId,
            WorkloadApiClient,
        )
        from spiffe.errors import PySpiffeError  # noqa: PLC0415 - as above
    except ImportError:
        raise MissingExtraError(f"Fetching an identity from SPIFFE needs {EXTRA}") from None
    if not os.path.exists(workload.path):
        raise SocketError("the SPIFFE Workload API is not there", workload.endpoint)
    try:
        subject = None if workload.identity is None else SpiffeId(workload.identity)
        with WorkloadApiClient(workload.endpoint) as api:
            left = max(0.0, deadline - time.monotonic())
            svids = api.fetch_jwt_svids({workload.audience}, subject, left)
    except PySpiffeError as error:
        # What the library says may quote what the server said.
        raise _why(error, workload) from None
    if len(svids) != 1:
        raise RefusedSvidError(
            f"The SPIFFE Workload API gives {len(svids)} identities; set {IDENTITY} to one of them"
        )
    return Secret(svids[0].token)


@contextlib.contextmanager
def _own_variables() -> Iterator[None]:
    """Hide variables by which gRPC writes what it reads to the standard error, or ends us."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith("GRPC_")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _why(error: Exception, workload: Workload) -> EvaluationError:
    code = getattr(error.__cause__, "code", None)
    if code is None:
        return RefusedSvidError("The SPIFFE Workload API gives no identity that can be used")
    status = code().name
    if status in SILENT:
        return SocketError("the SPIFFE Workload API does not answer", workload.endpoint)
    return RefusedSvidError(f"The SPIFFE Workload API refuses an identity ({status})")
