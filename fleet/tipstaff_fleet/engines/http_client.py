"""The HTTP interface of ClickHouse, by the standard library: a session of statements.

Measured against its client library (ADR 0063): enough for answers, and nothing to install.
"""

import base64
import http.client
import secrets
import shutil
import ssl
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import msgspec

from tipstaff_fleet.engines.interface import Row, read_row
from tipstaff_fleet.errors import EngineAccessError, EngineError, ReadOnlyEngineError
from tipstaff_policy.errors import UsageError

DATABASE = "tipstaff"
PORTS = {"clickhouse": 8123, "clickhouses": 8443}
CONNECT_S = 15
ANSWER_S = 3600
SESSION_S = 3600
FORMAT = "JSONCompactEachRowWithNamesAndTypes"
_ACCESS = frozenset({192, 193, 194, 291, 497, 516})
"""Codes of the server: an unknown user, a wrong password, a right that is missing."""
_READ_ONLY = frozenset({164, 242, 392})
_SHOWN = 300
_MOST_SAID = 1 << 20
IN_MEMORY = 8 << 20
"""Bytes of an answer; what is longer goes to the disk."""


class Address(NamedTuple):
    """Where a server is, and as whom to speak to it."""

    host: str
    port: int
    encrypted: bool
    database: str
    user: str
    password: str
    ca_file: str | None = None

    def name(self) -> str:
        """Return what a message calls it; no user, and no password."""
        scheme = "clickhouses" if self.encrypted else "clickhouse"
        return f"{scheme}://{self.host}:{self.port}/{self.database}"

    def __repr__(self) -> str:
        """Return the name: a password stands in no message."""
        return self.name()


def read_address(address: str, user: str = "", password: str = "") -> Address:
    """Return what an address says.

    Args:
        address: `clickhouse://USER:PASSWORD@HOST:PORT/DATABASE`, or `clickhouses:` where the
            connection is encrypted.
        user: Where the address names none.
        password: Where the address has none.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[parts.scheme]
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise _make_address_error() from None
    database = unquote(parts.path.strip("/")) or DATABASE
    if not parts.hostname or set(options) - {"ca_file"} or not database.isidentifier():
        raise _make_address_error()
    return Address(
        parts.hostname,
        port,
        parts.scheme == "clickhouses",
        database,
        unquote(parts.username or "") or user or "default",
        unquote(parts.password or "") or password,
        options.get("ca_file", [None])[0],
    )


def _make_address_error() -> UsageError:
    return UsageError(
        "the address of ClickHouse cannot be read",
        expected="clickhouse://USER@HOST:PORT/DATABASE, or clickhouses://…?ca_file=FILE",
    )


class Session:
    """Statements that see each other's temporary tables."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._session = secrets.token_hex(16)
        self._connection = _connection(address)
        self._decode = msgspec.json.Decoder(list[Any]).decode

    def close(self) -> None:
        """End the connection; the server ends the session some time after its last statement."""
        self._connection.close()

    def run(self, statement: str) -> None:
        """Run a statement that gives no rows.

        Raises:
            EngineError: The server cannot be reached, or does not do it.
        """
        self._post(statement.encode()).close()

    def ask(self, statement: str) -> list[Row]:
        """Return the rows that a statement gives.

        Raises:
            EngineError: The server cannot be reached, or does not answer.
        """
        return list(self.stream(statement))

    def stream(self, statement: str) -> Iterator[Row]:
        """Yield the rows that a statement gives; the answer is kept on the disk, not in memory.

        Raises:
            EngineError: The server cannot be reached, or does not answer.
        """
        with self._post(f"{statement}\nFORMAT {FORMAT}".encode()) as lines:
            next(lines)
            kinds = self._decode(next(lines))
            numbers = [place for place, kind in enumerate(kinds) if _is_number(kind)]
            for line in lines:
                row = self._decode(line)
                for place in numbers:
                    if type(row[place]) is str:  # as some servers write a number of 64 bits
                        row[place] = int(row[place])
                yield read_row(row)

    def send(self, statement: str, data: IO[bytes] | bytes | Iterable[bytes]) -> None:
        """Run a statement that takes data.

        Raises:
            EngineError: The server cannot be reached, or does not take it.
        """
        self._post(data, statement).close()

    def _post(self, body: IO[bytes] | bytes | Iterable[bytes], statement: str = "") -> IO[bytes]:
        options = {
            "session_id": self._session,
            "session_timeout": str(SESSION_S),
            # The answer comes once it is whole, so that its status says how the statement ended.
            "wait_end_of_query": "1",
        }
        if statement:
            options["query"] = statement
        try:
            self._connection.request(
                "POST",
                f"/?{urlencode(options)}",
                body,
                {
                    "Authorization": self._authorization(),
                    "Content-Type": "application/octet-stream",
                },
            )
            answer = self._connection.getresponse()
            if answer.status != http.client.OK:
                raise self._explain_refusal(answer, answer.read(_MOST_SAID))
            kept = _keep(answer)
        except (OSError, http.client.HTTPException) as error:
            raise self._not_reached(error) from error
        return kept

    def _authorization(self) -> str:
        named = f"{self.address.user}:{self.address.password}".encode()
        return f"Basic {base64.b64encode(named).decode()}"

    def _not_reached(self, error: Exception) -> EngineError:
        return EngineError(
            f"the server cannot be reached: {str(error) or type(error).__name__}",
            where=self.address.name(),
            remedy="see that the server runs there with its HTTP interface, and that this host "
            "may reach it",
        )

    def _explain_refusal(self, answer: http.client.HTTPResponse, data: bytes) -> EngineError:
        """Return why the server did not do something; the code of its error stands in a header."""
        code = answer.headers.get("X-ClickHouse-Exception-Code", "")
        text = data.decode("utf-8", "replace").strip().partition("\n")[0][:_SHOWN]
        if self.address.password:
            text = text.replace(self.address.password, "…")
        where = self.address.name()
        if code in map(str, _ACCESS) or answer.status in {401, 403}:
            return EngineAccessError(
                "the server does not let this user do that",
                where=where,
                remedy="see the user and the password (CLICKHOUSE_USER, CLICKHOUSE_PASSWORD); the "
                "user must be allowed to make temporary tables, and to load, to make tables",
            )
        if code in map(str, _READ_ONLY):
            return ReadOnlyEngineError(
                "the server lets this user read alone",
                where=where,
                expected="a user who can make temporary tables",
                remedy="give the user a profile with readonly = 0",
            )
        if not code:
            return EngineError(
                f"what answers there is no ClickHouse (status {answer.status})", where=where
            )
        return EngineError(f"the server says: {text}", where=where)


def _keep(answer: IO[bytes]) -> IO[bytes]:
    """Return an answer, kept until it is closed."""
    kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the reader
    try:
        shutil.copyfileobj(answer, kept)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return kept


def _is_number(kind: str) -> bool:
    return "Int" in kind or "Decimal" in kind


def _connection(address: Address) -> http.client.HTTPConnection:
    if not address.encrypted:
        return http.client.HTTPConnection(address.host, address.port, timeout=ANSWER_S)
    try:
        context = ssl.create_default_context(cafile=address.ca_file)
    except OSError as error:
        raise UsageError(
            f"the certificates cannot be read: {error.strerror}", where=address.ca_file or ""
        ) from error
    return http.client.HTTPSConnection(
        address.host, address.port, timeout=ANSWER_S, context=context
    )
