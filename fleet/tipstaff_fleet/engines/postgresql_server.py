"""A connection to PostgreSQL, and what it cannot do in Tipstaff's words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tipstaff_fleet.engines.interface import Row
from tipstaff_fleet.errors import EngineAccessError, EngineError, ReadOnlyEngineError
from tipstaff_policy.errors import UsageError

SCHEMA = "tipstaff"
CONNECT_S = 15


def run(connection: psycopg.Connection[Row], text: str) -> psycopg.Cursor[Row]:
    """Run a statement of our own; nothing of a report stands in one."""
    return connection.execute(text.encode())


@contextmanager
def connect(address: str) -> Iterator[tuple[psycopg.Connection[Row], str]]:
    """Give a connection whose one transaction is undone at the end, and the server's name.

    Raises:
        UsageError: The address cannot be read.
        EngineError: The server cannot be reached.
    """
    asked, whole = read_address(address)
    where = _name(asked)
    with translate_errors(where):
        connection: psycopg.Connection[Row] = psycopg.connect(whole)
    try:
        with translate_errors(where):
            run(connection, f"SET search_path = {SCHEMA}")
            connection.commit()
        yield connection, where
    finally:
        connection.close()


def read_address(address: str) -> tuple[Mapping[str, object], str]:
    """Return what an address says, and what the library connects by.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        asked = conninfo_to_dict(address, application_name="tipstaff")
        timed = {"connect_timeout": CONNECT_S} | asked
        whole = make_conninfo("", **timed)
    except psycopg.Error:
        raise UsageError(
            "the address of the database cannot be read",
            expected="postgresql://USER@HOST:PORT/DATABASE",
        ) from None
    return asked, whole


def _name(asked: Mapping[str, object]) -> str:
    """Return what a message calls a database; no user, and no password."""
    host, port, database = (asked.get(name) for name in ("host", "port", "dbname"))
    place = f"{host or ''}{f':{port}' if port else ''}"
    return f"postgresql://{place}/{database or ''}"


_ACCESS = (
    errors.InvalidAuthorizationSpecification,
    errors.InvalidPassword,
    errors.InsufficientPrivilege,
)
_NOT_KEPT = (errors.ReadOnlySqlTransaction,)


@contextmanager
def translate_errors(where: str) -> Iterator[None]:
    """Say what the server, or the way to it, cannot do."""
    try:
        yield
    except _NOT_KEPT as error:
        raise ReadOnlyEngineError(
            "the database is read-only",
            where=where,
            expected="one in which temporary tables can be made",
            remedy="connect to the primary server, and see that "
            "default_transaction_read_only is off",
        ) from error
    except _ACCESS as error:
        raise EngineAccessError(
            _first_line(error),
            where=where,
            remedy="give the user the right to connect, to make temporary tables, and to load "
            f"the right to create the schema {SCHEMA}",
        ) from error
    except psycopg.OperationalError as error:
        raise _not_reached(error, where) from error
    except psycopg.Error as error:
        raise EngineError(f"the server says: {_first_line(error)}", where=where) from error


def _not_reached(error: psycopg.OperationalError, where: str) -> EngineError:
    """Return why there is no connection; the server's refusals come without a code there."""
    text = _first_line(error)
    if error.sqlstate is None and any(word in str(error) for word in _REFUSALS):
        return EngineAccessError(
            text, where=where, remedy="see the password in ~/.pgpass or PGPASSWORD, and pg_hba.conf"
        )
    if error.sqlstate is not None:
        return EngineError(f"the server says: {text}", where=where)
    return EngineError(
        text, where=where, remedy="see that the server runs there, and that this host may reach it"
    )


_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
