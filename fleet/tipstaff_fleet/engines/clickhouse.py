"""ClickHouse: a copy of the store, filled file by file over HTTP.

There are no transactions over several tables. A file's rows come into a table of their own, lose
those that are known already, and are moved as one: a load that is killed is made whole by the next.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from tipstaff_fleet.engines.http_client import Session, read_address
from tipstaff_fleet.engines.interface import (
    FORMAT,
    Limits,
    Loaded,
    Row,
    Value,
    find_missing_files,
)
from tipstaff_fleet.errors import (
    BadStoreError,
    EngineError,
    NewerStoreError,
    NoStoreError,
    OtherStoreError,
)
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.store.rows import quote
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import STORED, Table

TYPES = {"text": "String", "number": "Int64"}
SETTINGS = {
    "join_use_nulls": 1,  # else a row without a partner has '' and 0 where others have NULL
    "union_default_mode": "'DISTINCT'",
    "prefer_column_name_to_alias": 1,  # as in all other engines
    "output_format_json_quote_64bit_integers": 0,
    "input_format_parquet_case_insensitive_column_matching": 0,
}


class ClickHouse:
    """A copy of a store."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order."""
        return self._session.ask(text)

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them."""
        return self._session.stream(text)

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name."""
        self._session.run(f"DROP TEMPORARY TABLE IF EXISTS {name}")
        self._session.run(f"CREATE TEMPORARY TABLE {name} ENGINE = Memory AS {text}")

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table."""
        self._session.run(f"DROP TEMPORARY TABLE IF EXISTS {table.name}")
        self._session.run(
            f"CREATE TEMPORARY TABLE {table.name} ({_columns(table)}) ENGINE = Memory"
        )
        encode = msgspec.json.encode
        data = b"\n".join(encode(row) for row in rows)
        if data:
            self._session.send(f"INSERT INTO {table.name} FORMAT JSONCompactEachRow", data)


@contextmanager
def open_engine(
    address: str,
    store: Store,  # noqa: ARG001 - it holds a copy
    limits: Limits,  # noqa: ARG001 - the server has its own
) -> Iterator[ClickHouse]:
    """Give a copy of a store to questions.

    Raises:
        NoStoreError: The database holds none.
        EngineError: The server cannot be reached, or does not answer.
    """
    with _connect(address) as session:
        database = session.address.database
        if not _has_store(session) or _read_store(session) is None:
            raise NoStoreError(
                f"the database {database} holds no fleet",
                where=session.address.name(),
                remedy="load one: `tipstaff fleet ingest --store DIR --engine URL`",
            )
        session.run(f"USE {database}")
        yield ClickHouse(session)


def load_store(address: str, store: Store, wait_s: float) -> Loaded:
    """Load what the database does not hold yet, each file of the store as one.

    Raises:
        OtherStoreError: The database holds another store.
        EngineError: The server cannot be reached or written; what was loaded stays.
    """
    total = Loaded()
    # The store's lock, because the server has none: one load at a time.
    with store.write(wait_s) as writer, _connect(address) as session:
        _prepare(session, writer.manifest)
        loaded = (str(path) for (path,) in session.ask("SELECT path FROM tipstaff_parts"))
        for file in find_missing_files(writer.manifest, loaded):
            rows = _load_file(session, store, file)
            total = Loaded(total.files + 1, total.rows + rows)
    return total


def check_address(address: str) -> None:
    """See that an address can be read.

    Raises:
        UsageError: It cannot.
    """
    read_address(address)


def _prepare(session: Session, manifest: Manifest) -> None:
    """Make the tables where they are not there.

    Raises:
        OtherStoreError: They are another store's.
    """
    database = session.address.database
    held = _read_store(session) if _has_store(session) else None
    if held is None:
        session.run(f"CREATE DATABASE IF NOT EXISTS {database}")
        session.run(f"USE {database}")
        _make(session, "tipstaff_parts (path String, rows Int64)", "path")
        for table in STORED:
            _make(session, f"{table.name} ({_columns(table)})", table.columns[0].name)
        _make(session, "tipstaff_store (format Int64, store String)", "store")
        session.run(f"INSERT INTO tipstaff_store VALUES ({FORMAT}, {quote(manifest.store)})")
    elif held != manifest.store:
        raise OtherStoreError(
            "the database holds the data of another store",
            where=session.address.name(),
            remedy="load this store into another database, or drop this one and load again",
        )
    session.run(f"USE {database}")


def _make(session: Session, described: str, order: str) -> None:
    session.run(f"CREATE TABLE IF NOT EXISTS {described} ENGINE = MergeTree ORDER BY {order}")


def _has_store(session: Session) -> bool:
    database = quote(session.address.database)
    asked = f"database = {database} AND name = 'tipstaff_store'"
    return session.ask(f"SELECT count() FROM system.tables WHERE {asked}") != [(0,)]


def _read_store(session: Session) -> str | None:
    """Return the id of the store that the database holds; None where it holds none.

    Raises:
        NewerStoreError: It was loaded by a newer release.
    """
    rows = session.ask(f"SELECT format, store FROM {session.address.database}.tipstaff_store")
    for written, store in rows:
        if int(written) > FORMAT:
            raise NewerStoreError(
                f"has tables of format {written}; this release reads format {FORMAT}",
                where=session.address.name(),
                remedy="use the release of Tipstaff that loaded them, or a newer one",
            )
        return str(store)
    return None


def _load_file(session: Session, store: Store, file: StoredFile) -> int:
    """Load the rows of a file that are not there; a merged file, or a killed load, has some."""
    table = next(table for table in STORED if table.name == file.table)
    sent, fresh = f"tipstaff_sent_{table.name}", f"tipstaff_fresh_{table.name}"
    names, key = ", ".join(table.names()), table.columns[0].name
    for name in (sent, fresh):
        session.run(f"DROP TABLE IF EXISTS {name} SYNC")
        session.run(f"CREATE TABLE {name} AS {table.name}")
    try:
        with open(os.path.join(store.folder, file.path), "rb") as opened:
            session.send(f"INSERT INTO {sent} ({names}) FORMAT Parquet", opened)
    except OSError as error:
        raise BadStoreError(f"cannot be read: {error.strerror}", where=file.path) from error
    near = f"{key} BETWEEN (SELECT min({key}) FROM {sent}) AND (SELECT max({key}) FROM {sent})"
    session.run(
        f"INSERT INTO {fresh} SELECT {names} FROM {sent} "
        f"WHERE {key} NOT IN (SELECT {key} FROM {table.name} WHERE {near})"
    )
    (rows,) = session.ask(f"SELECT count() FROM {fresh}")[0]
    session.run(f"ALTER TABLE {fresh} MOVE PARTITION ID 'all' TO TABLE {table.name}")
    session.run(f"INSERT INTO tipstaff_parts VALUES ({quote(file.path)}, {file.rows})")
    for name in (sent, fresh):
        session.run(f"DROP TABLE {name} SYNC")
    return int(rows)


def _columns(table: Table) -> str:
    return ", ".join(f"{column.name} {TYPES[column.kind]}" for column in table.columns)


@contextmanager
def _connect(address: str) -> Iterator[Session]:
    """Give a session.

    Raises:
        UsageError: The address cannot be read.
        EngineError: The server cannot be reached.
    """
    named = read_address(
        address,
        os.environ.get("CLICKHOUSE_USER", ""),
        os.environ.get("CLICKHOUSE_PASSWORD", ""),
    )
    session = Session(named)
    try:
        for name, value in SETTINGS.items():
            session.run(f"SET {name} = {value}")
        yield session
    finally:
        with suppress(EngineError):
            session.close()
