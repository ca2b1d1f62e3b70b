"""The way out: a POST to an issuer, of whose answer only the status counts, and a plain GET.

Certificates are verified and no redirect is followed. By the standard library (ADR 0021).
Everything that a server or a proxy says stays out of errors.
"""

import contextlib
import http.client
import os
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import SplitResult, unquote, urlsplit

from tipstaff_policy import __version__
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.secret import Secret
from tipstaff_policy.record import Record

AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep all authorities that they trust in one file; the first that is there."""
PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY")
NO_PROXY_VARIABLES = ("no_proxy", "NO_PROXY")
"""Of each pair the first that is set counts, as for the standard library."""
PROXY_PORT = 80
PART = 1 << 16
USER_AGENT = f"tipstaff/{__version__}"


class Post(Record):
    """Where something is sent, and how it gets there."""

    url: str
    content_type: str
    env: Mapping[str, str]
    authorities: tuple[bytes, ...] = ()
    """Certificates (DER) that are trusted in addition to those of the system."""
    time_limit_s: float = 10.0
    """For each step on the way."""
    stamp: str = ""
    """A header without which no success counts: something on the way may have answered."""


class Get(Record):
    """From where something is read, and how one gets there."""

    url: str
    env: Mapping[str, str]
    context: ssl.SSLContext
    time_limit_s: float
    """For each step on the way."""
    deadline: float
    """For all of them, by the monotonic clock."""
    bearer: Secret[str] | None = None
    """What proves who asks."""
    form: Secret[bytes] | None = None
    """What is posted, in the encoding of a form; nothing is got with it but the answer."""
    content_type: str = "application/x-www-form-urlencoded"
    """What is said of that, where it is posted otherwise."""


class UnreachableError(EvaluationError):
    """The server was not asked, or gave no answer; holds nothing of what was sent or answered."""


class StatusError(UnreachableError):
    """The server gave another answer than the file; redirects are such answers too."""

    def __init__(self, status: int) -> None:
        super().__init__(f"it answered with status {status}")
        self.status = status


def post(to: Post, body: bytes) -> int:
    """Send a body; return the status of the answer.

    Raises:
        UnreachableError: No answer came.
    """
    url = urlsplit(to.url)
    connection = _connection(url, to, tls_context(to.authorities))
    headers = {"Content-Type": to.content_type, "User-Agent": USER_AGENT}
    try:
        connection.request("POST", url.path or "/", body, headers)
        return _status(connection.getresponse(), to.stamp)
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(_why(error, to.time_limit_s)) from None
    finally:
        connection.close()


def _status(answer: http.client.HTTPResponse, stamp: str) -> int:
    is_success = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
    if stamp and is_success and not answer.getheader(stamp):
        raise UnreachableError(f"it answered {answer.status} without its {stamp}")
    return answer.status


def get(source: Get) -> Iterator[bytes]:
    """Yield a file in parts; who reads them decides how much is enough.

    Raises:
        StatusError: The answer was another than 200.
        UnreachableError: No answer came, it was cut off, or it did not end in time.
    """
    url = urlsplit(source.url)
    connection = _connection(url, source, source.context)
    sockets: list[socket.socket] = []
    # A server that drips lines of a header would pass every limit of a single step.
    left = max(0.0, source.deadline - time.monotonic())
    alarm = threading.Timer(left, lambda: _break_off(connection.sock, *sockets))
    alarm.daemon = True
    alarm.start()
    try:
        connection.connect()
        sockets.append(connection.sock)  # an answer without a length takes it from the connection
        connection.request(*_request(url, source))
        with contextlib.closing(connection.getresponse()) as response:
            yield from _parts(response, source)
    except (OSError, ValueError, http.client.HTTPException) as error:
        late = time.monotonic() >= source.deadline
        raise UnreachableError(
            "it did not answer in time" if late else _why(error, source.time_limit_s)
        ) from None
    finally:
        alarm.cancel()
        connection.close()


def _request(url: SplitResult, source: Get) -> tuple[str, str, bytes | None, dict[str, str]]:
    headers = {"User-Agent": USER_AGENT}
    if source.bearer is not None:
        headers["Authorization"] = f"Bearer {source.bearer.reveal()}"
    if source.form is None:
        return "GET", url.path or "/", None, headers
    headers["Content-Type"] = source.content_type
    return "POST", url.path or "/", source.form.reveal(), headers


def _parts(response: http.client.HTTPResponse, source: Get) -> Iterator[bytes]:
    if response.status != http.client.OK:
        raise StatusError(response.status)
    while part := response.read1(PART):
        yield part
    if time.monotonic() >= source.deadline:
        raise TimeoutError
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _break_off(*sockets: socket.socket | None) -> None:
    """End whatever another thread waits for; its layer of TLS is left as it is."""
    for connection in sockets:
        if connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


def proxy_variable(env: Mapping[str, str], url: str) -> str | None:
    """Return the variable that names the proxy for an address; None where none is used."""
    name = _first(env, PROXY_VARIABLES)
    exempt = _first(env, NO_PROXY_VARIABLES)
    if name is None or not env[name]:
        return None
    return None if exempt and _is_exempt(urlsplit(url).netloc, env[exempt]) else name


def _is_exempt(host: str, names: str) -> bool:
    """Return whether a host, with or without its port, is one of the names or below one."""
    if names == "*":
        return True
    hosts = (host.lower(), host.lower().partition(":")[0])
    wanted = [part.strip().lower().lstrip(".") for part in names.split(",")]
    return any(
        exempt == name or exempt.endswith(f".{name}") for name in wanted if name for exempt in hosts
    )


def _first(env: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in env), None)


def _connection(
    url: SplitResult, to: Post | Get, context: ssl.SSLContext
) -> http.client.HTTPSConnection:
    host, port = str(url.hostname), url.port or http.client.HTTPS_PORT
    variable = proxy_variable(to.env, to.url)
    if variable is None:
        return http.client.HTTPSConnection(host, port, timeout=to.time_limit_s, context=context)
    proxy = _proxy(to.env[variable], variable)
    connection = http.client.HTTPSConnection(
        str(proxy.hostname), proxy.port or PROXY_PORT, timeout=to.time_limit_s, context=context
    )
    connection.set_tunnel(host, port, _proxy_login(proxy))
    return connection


def _proxy(text: str, variable: str) -> SplitResult:
    try:
        found = urlsplit(text if "://" in text else f"http://{text}")
        if found.scheme == "http" and found.hostname and found.port != 0:
            return found
    except ValueError:
        pass  # a port or an address that is none; it is not quoted, for it may hold a login
    raise UnreachableError(f"{variable} names no proxy of the form http://host:port")


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}


def tls_context(authorities: tuple[bytes, ...]) -> ssl.SSLContext:
    """Trust only valid certificates of the system's authorities and further ones."""
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cadata=b"".join(authorities))
    return context


def administrators_context() -> ssl.SSLContext:
    """Trust the system's authorities alone: no variable of the user's names another one.

    Raises:
        UnreachableError: No file of them is the administrators' alone.
    """
    from tipstaff_policy.model.request import this_platform  # noqa: PLC0415 - only to ask a service
    from tipstaff_policy.system.owners.loose_places import loose_places  # noqa: PLC0415 - as above

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for authority in AUTHORITIES:
        if os.path.isfile(authority) and loose_places(authority, None, this_platform()) == ():
            context.load_verify_locations(authority)
            return context
    raise UnreachableError(
        f"this system has no certificate authorities in {' or '.join(AUTHORITIES)}"
    )


def _why(error: Exception, time_limit_s: float) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS connection: {error.reason}"
        case TimeoutError():
            return f"no answer in time ({time_limit_s:g} s)"
        case http.client.HTTPException():
            cut_off = isinstance(error, http.client.IncompleteRead)
            return "its answer was cut off" if cut_off else "its answer is not HTTP"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be reached: {error.strerror}"
    return "the proxy refuses the connection"
