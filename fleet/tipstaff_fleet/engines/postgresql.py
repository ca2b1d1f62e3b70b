"""PostgreSQL: a copy of the store in tables of one schema, filled and read by transactions.

Texts are compared by their bytes, as every engine does it: each column says so, because the
database may have an order of its own (ADR 0063).
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import psycopg
from psycopg import sql

from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.engines.interface import (
    FORMAT,
    Limits,
    Loaded,
    Row,
    Value,
    find_missing_files,
    read_rows,
)
from tipstaff_fleet.engines.postgresql_server import (
    SCHEMA,
    connect,
    read_address,
    run,
    translate_errors,
)
from tipstaff_fleet.errors import EngineError, NewerStoreError, NoStoreError, OtherStoreError
from tipstaff_fleet.scratch import open_scratch
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.store.rows import quote, read_files
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import FINDINGS, STORED, Column, Table

TYPES = {"text": 'text COLLATE "C"', "number": "bigint"}
_TEXTS = frozenset({18, 19, 25, 705, 1042, 1043})
"""Types of texts by their number, which is the same in every server."""
_NUMERIC = 1700
CHUNK = 1 << 20
ROWS_AT_ONCE = 2048
_NUMBERS = count()
"""Of cursors, of which several can be open."""


class PostgreSQL:
    """A copy of a store, as one transaction sees it."""

    def __init__(self, connection: psycopg.Connection[Row], where: str) -> None:
        self._connection = connection
        self._where = where

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order."""
        with translate_errors(self._where):
            return read_rows(self._run(text).fetchall())

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them."""
        with (
            translate_errors(self._where),
            self._connection.cursor(f"asked_{next(_NUMBERS)}") as cursor,
        ):
            cursor.execute(text.encode())
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from read_rows(rows)

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name."""
        with translate_errors(self._where):
            columns = self._run(f"SELECT * FROM ({text}) AS asked LIMIT 0").description or ()
            kept = ", ".join(_as_stored(column.name, column.type_code) for column in columns)
            self._run(f"DROP TABLE IF EXISTS pg_temp.{name}")
            self._run(f"CREATE TEMPORARY TABLE {name} AS SELECT {kept} FROM ({text}) AS asked")
            self._run(f"ANALYZE pg_temp.{name}")

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table."""
        with translate_errors(self._where):
            self._run(f"DROP TABLE IF EXISTS pg_temp.{table.name}")
            self._run(f"CREATE TEMPORARY TABLE {table.name} ({_columns(table)})")
            statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table.name))
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            self._run(f"ANALYZE pg_temp.{table.name}")

    def _run(self, text: str) -> psycopg.Cursor[Row]:
        return run(self._connection, text)


def _as_stored(name: str, kind: int) -> str:
    """Return a column as every engine has it; the result of a question may be otherwise."""
    if kind in _TEXTS:
        return f'CAST({name} AS text) COLLATE "C" AS {name}'
    return f"CAST({name} AS bigint) AS {name}" if kind == _NUMERIC else name


@contextmanager
def open_engine(
    address: str,
    store: Store,  # noqa: ARG001 - it holds a copy
    limits: Limits,  # noqa: ARG001 - the server has its own
) -> Iterator[PostgreSQL]:
    """Give a copy of a store to questions; what is loaded meanwhile is not seen.

    Raises:
        NoStoreError: The database holds none.
        EngineError: The server cannot be reached, or does not answer.
    """
    with connect(address) as (connection, where):
        with translate_errors(where):
            run(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # Compiling pays for one long question, and costs a report of many short ones.
            run(connection, "SET LOCAL jit = off")
            if _read_store(connection, where) is None:
                raise NoStoreError(
                    "the database holds no fleet",
                    where=where,
                    remedy="load one: `tipstaff fleet ingest --store DIR --engine URL`",
                )
        yield PostgreSQL(connection, where)


def load_store(address: str, store: Store, wait_s: float) -> Loaded:
    """Load what the database does not hold yet, each file of the store in a transaction.

    Raises:
        OtherStoreError: The database holds another store.
        EngineError: The server cannot be reached or written; what was loaded stays.
    """
    total = Loaded()
    with store.write(wait_s) as writer, connect(address) as (connection, where):
        with translate_errors(where):
            _prepare(connection, writer.manifest, where)
            connection.commit()
        for file in find_missing_files(writer.manifest, _list_loaded(connection, where)):
            with _export_rows(store, file) as exported, translate_errors(where):
                rows = _load_file(connection, file, exported)
                connection.commit()
            total = Loaded(total.files + 1, total.rows + rows)
        if total.files:
            with translate_errors(where):
                for table in STORED:
                    run(connection, f"ANALYZE {table.name}")
                connection.commit()
    return total


def _prepare(connection: psycopg.Connection[Row], manifest: Manifest, where: str) -> None:
    """Make the tables where they are not there.

    Raises:
        OtherStoreError: They are another store's.
        EngineError: The database cannot hold every text.
    """
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise EngineError(
            f"the database keeps texts as {encoding}", where=where, expected="a database in UTF8"
        )
    held = _read_store(connection, where)
    if held is None:
        run(connection, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        run(connection, "CREATE TABLE IF NOT EXISTS tipstaff_store (format bigint, store text)")
        run(connection, "LOCK TABLE tipstaff_store IN EXCLUSIVE MODE")
        held = _read_store(connection, where)
    if held is None:
        run(connection, "CREATE TABLE tipstaff_parts (path text PRIMARY KEY, rows bigint)")
        for table in STORED:
            key = table.columns[0].name
            run(connection, f"CREATE TABLE {table.name} ({_columns(table)})")
            run(connection, f"CREATE INDEX {table.name}_{key} ON {table.name} ({key})")
        run(connection, f"INSERT INTO tipstaff_store VALUES ({FORMAT}, {quote(manifest.store)})")
    elif held != manifest.store:
        raise OtherStoreError(
            "the database holds the data of another store",
            where=where,
            remedy="load this store into another database, or drop the schema "
            f"{SCHEMA} and load again",
        )


def _read_store(connection: psycopg.Connection[Row], where: str) -> str | None:
    """Return the id of the store that the database holds; None where it holds none.

    Raises:
        NewerStoreError: It was loaded by a newer release.
    """
    found = run(connection, f"SELECT to_regclass('{SCHEMA}.tipstaff_store')::text").fetchone()
    rows = run(connection, "SELECT format, store FROM tipstaff_store") if found and found[0] else ()
    for written, store in rows:
        if int(written) > FORMAT:
            raise NewerStoreError(
                f"has tables of format {written}; this release reads format {FORMAT}",
                where=where,
                remedy="use the release of Tipstaff that loaded them, or a newer one",
            )
        return str(store)
    return None


def _list_loaded(connection: psycopg.Connection[Row], where: str) -> list[str]:
    with translate_errors(where):
        return [str(path) for (path,) in run(connection, "SELECT path FROM tipstaff_parts")]


@contextmanager
def _export_rows(store: Store, file: StoredFile) -> Iterator[str]:
    """Give the rows of a file as CSV, in a scratch file, with every text in quotes."""
    table = _table(file)
    texts = ", ".join(column.name for column in table.columns if column.kind == "text")
    with open_scratch() as scratch:
        path = os.path.join(scratch, "rows.csv")
        with open_embedded(scratch, threads=1) as database:
            names = ", ".join(table.names())
            rows = read_files(store.folder, [file], table)
            options = f"FORMAT csv, HEADER false, FORCE_QUOTE ({texts})"
            database.execute(f"COPY (SELECT {names} FROM {rows}) TO {quote(path)} ({options})")
        yield path


def _load_file(connection: psycopg.Connection[Row], file: StoredFile, exported: str) -> int:
    """Load the rows of a file that are not there; a merged file has some that are."""
    table = _table(file)
    key = table.columns[0].name
    # A second process that loads the same file waits here, and then finds it loaded.
    marked = run(
        connection,
        f"INSERT INTO tipstaff_parts VALUES ({quote(file.path)}, {file.rows}) "
        "ON CONFLICT DO NOTHING",
    )
    if not marked.rowcount:
        return 0
    run(connection, f"CREATE TEMPORARY TABLE fresh ({_columns(table)}) ON COMMIT DROP")
    with (
        connection.cursor() as cursor,
        open(exported, "rb") as opened,
        cursor.copy("COPY fresh FROM STDIN (FORMAT csv)") as copy,
    ):
        while chunk := opened.read(CHUNK):
            copy.write(chunk)
    run(connection, "ANALYZE fresh")
    added = run(
        connection,
        f"INSERT INTO {table.name} SELECT * FROM fresh WHERE NOT EXISTS "
        f"(SELECT 1 FROM {table.name} AS held WHERE held.{key} = fresh.{key})",
    )
    return added.rowcount


def _table(file: StoredFile) -> Table:
    return next((table for table in STORED if table.name == file.table), FINDINGS)


def _columns(table: Table) -> str:
    return ", ".join(map(_column, table.columns))


def _column(column: Column) -> str:
    return f"{column.name} {TYPES[column.kind]} NOT NULL"


def check_address(address: str) -> None:
    """See that an address can be read.

    Raises:
        UsageError: It cannot.
    """
    read_address(address)
