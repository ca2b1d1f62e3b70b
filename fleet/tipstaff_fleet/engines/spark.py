"""Spark, in this process, on a cluster or by Spark Connect: it reads the files of the store.

Nothing is loaded. The files must lie where every worker sees them, by the same path or by the one
that `?store=` in the address says.
"""

import os
import re
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from tipstaff_fleet.engines.interface import Limits, Loaded, Row, Value, read_row, read_rows
from tipstaff_fleet.errors import (
    EngineAccessError,
    EngineError,
    MissingLibraryError,
    WorkersError,
)
from tipstaff_fleet.store.manifest import Manifest
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import STORED, TYPES, Table
from tipstaff_policy.errors import UsageError

MakeWork = Callable[[], Callable[[list[Row]], Iterable[Row]]]
"""Called once in each worker; what it gives is called with the rows of each batch."""
_OTHER_RELEASE = re.compile(r"tipstaff \S+ is needed, and the worker has")
_STORE = re.compile(r"[?;&]store=([^;&]*)")
PORT = 15002
CONNECT_S = 15
SETTINGS = {
    "spark.app.name": "tipstaff",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # On one machine each of the 200 tasks of every step costs more than it does.
    "spark.sql.shuffle.partitions": "4",
}


class Spark:
    """The files of a store, as a session sees them."""

    def __init__(self, session: SparkSession, where: str) -> None:
        self._session = session
        self._where = where

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order."""
        with _translate_errors(self._where):
            return read_rows(self._session.sql(text).collect())

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them."""
        with _translate_errors(self._where):
            yield from map(read_row, self._session.sql(text).toLocalIterator())

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name."""
        with _translate_errors(self._where):
            # Computed now, and kept without what it was made from: as mere views, the relations
            # would be computed again by each that reads them, and their plans grow with each.
            kinds = self._session.sql(text).dtypes
            kept = ", ".join(f"CAST({name} AS {_kind_of(kind)}) AS {name}" for name, kind in kinds)
            rows = self._session.sql(f"SELECT {kept} FROM ({text}) AS asked")
            rows.localCheckpoint().createOrReplaceTempView(name)

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table."""
        given = [tuple(row) for row in rows]
        with _translate_errors(self._where):
            made = self._session.createDataFrame(given, _columns(table))
            made.createOrReplaceTempView(table.name)

    def map_rows(self, text: str, make_work: MakeWork, table: Table, order: str) -> Iterator[Row]:
        """Yield what a piece of work makes of the rows of a question, on the workers.

        Args:
            text: The question.
            make_work: Can be pickled; the workers must have Tipstaff of this release.
            table: The columns of what comes out.
            order: The column by which it is sorted.

        Raises:
            WorkersError: A worker has no Tipstaff of this release; no row was yielded.
            EngineError: Spark cannot do it.
        """
        kinds, names = _columns(table), table.names()
        types = ["int64" if column.kind == "number" else "string" for column in table.columns]

        def work(batches: Iterator[Any]) -> Iterator[Any]:
            from pyarrow import RecordBatch, array  # noqa: PLC0415 - it comes with Spark alone

            apply = make_work()
            for batch in batches:
                columns = [column.to_pylist() for column in batch.columns]
                made = list(apply(list(zip(*columns, strict=True))))
                results = zip(*made, strict=True) if made else ([] for _ in names)
                if made:
                    arrays = [
                        array(column, kind) for column, kind in zip(results, types, strict=True)
                    ]
                    yield RecordBatch.from_arrays(arrays, list(names))

        with _translate_errors(self._where):
            made = self._session.sql(text).mapInArrow(work, kinds).orderBy(order)
            yield from map(read_row, made.toLocalIterator())


class _Asked(NamedTuple):
    """What an address says."""

    master: str
    """Of Spark itself, or the address of Spark Connect."""
    server: tuple[str, int] | None
    """Host and port of Spark Connect."""
    store: str | None
    """Where the workers find the store."""
    where: str
    """What messages call it; no token stands in it."""


@contextmanager
def open_engine(address: str, store: Store, limits: Limits) -> Iterator[Spark]:  # noqa: ARG001 - Spark has its own
    """Give a store to questions; what is committed meanwhile is not seen.

    Raises:
        NoStoreError: There is no store.
        EngineError: The server cannot be reached, or does not answer.
    """
    asked = _read(address)
    with store.read() as manifest:
        with _translate_errors(asked.where):
            session = _connect(asked)
        engine = Spark(session, asked.where)
        try:
            with _translate_errors(asked.where):
                _name_tables(session, manifest, asked.store or store.folder)
            yield engine
        finally:
            with suppress(Exception):  # it is gone already
                session.stop()


def load_store(address: str, store: Store, wait_s: float) -> Loaded:  # noqa: ARG001 - as of others
    """Load nothing: Spark reads the store's own files.

    Raises:
        UsageError: The address cannot be read.
    """
    check_address(address)
    return Loaded()


def check_address(address: str) -> None:
    """See that an address can be read.

    Raises:
        UsageError: It cannot.
    """
    _read(address)


def _read(address: str) -> _Asked:
    """Return what an address says.

    Raises:
        UsageError: It cannot be read.
    """
    found = _STORE.search(address)
    store = unquote(found[1]) if found else None
    address = _STORE.sub("", address)
    if address.startswith("sc://"):
        place, _, options = address.removeprefix("sc://").partition("/")
        if "/" in options or (options and not options.startswith(";")):
            raise _make_address_error()
        try:
            parts = urlsplit(f"//{place}")
            host, port = parts.hostname, parts.port or PORT
        except ValueError:
            raise _make_address_error() from None
        if not host or "@" in place:
            raise _make_address_error()
        return _Asked(address, (host, port), store=store, where=f"sc://{place}")
    master = address if address.startswith("spark://") else address.removeprefix("spark:")
    if not master or master == "spark://":
        raise _make_address_error()
    return _Asked(master, None, store=store, where=f"spark:{master}")


def _reach(server: tuple[str, int], where: str) -> None:
    """See that a server is there: the library would ask again for ten minutes.

    Raises:
        EngineError: It cannot be reached.
    """
    try:
        socket.create_connection(server, timeout=CONNECT_S).close()
    except OSError as error:
        raise EngineError(
            f"the server cannot be reached: {error.strerror or error}",
            where=where,
            remedy="see that Spark Connect runs there, and that this host may reach it",
        ) from error


def _make_address_error() -> UsageError:
    return UsageError(
        "the address of Spark cannot be read",
        expected="spark:local[2], spark://HOST:PORT, or sc://HOST:PORT/;use_ssl=true",
    )


def _connect(asked: _Asked) -> SparkSession:
    """Return a session of its own.

    Raises:
        MissingLibraryError: The library speaks with servers alone.
    """
    if asked.server is not None:
        _reach(asked.server, asked.where)
        return SparkSession.builder.remote(asked.master).create()
    try:
        import py4j  # noqa: F401, PLC0415 - of the whole library alone
    except ModuleNotFoundError:
        raise MissingLibraryError(
            "Spark without Spark Connect needs the whole of pyspark, and Java",
            remedy="install it: pip install pyspark; or use sc://HOST:PORT",
        ) from None
    if asked.master.startswith("local"):  # else whatever `python3` is, without Tipstaff
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(asked.master)
    for name, value in (SETTINGS | (LOCAL if asked.master.startswith("local") else {})).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _name_tables(session: SparkSession, manifest: Manifest, folder: str) -> None:
    """Make a view of each table from the files that count."""
    for table in STORED:
        files = manifest.of_table(table.name)
        if files:
            paths = [os.path.join(folder, file.path) for file in files]
            rows = session.read.schema(_columns(table)).parquet(*paths)
        else:
            rows = session.createDataFrame([], _columns(table))
        rows.createOrReplaceTempView(table.name)


def _kind_of(kind: str) -> str:
    return "STRING" if kind == "string" else "BIGINT"


def _columns(table: Table) -> str:
    return ", ".join(
        f"{column.name} {'STRING' if column.kind == 'text' else TYPES[column.kind]}"
        for column in table.columns
    )


@contextmanager
def _translate_errors(where: str) -> Iterator[None]:
    """Say what Spark, or the way to it, cannot do."""
    try:
        yield
    except PySparkException as error:
        if error.getCondition() == "INVALID_CONNECT_URL":  # its text quotes the token
            raise _make_address_error() from None
        raise _make_error(str(error), where) from error
    except RuntimeError as error:  # of the gateway to Java
        raise EngineError(_first_line(str(error)), where=where) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"grpc", "py4j"}:
            raise
        raise _make_error(str(error), where) from error


def _make_error(text: str, where: str) -> EngineError:
    if "No module named 'tipstaff" in text or _OTHER_RELEASE.search(text):
        return WorkersError(
            "a worker of the cluster has no Tipstaff, or another release",
            where=where,
            remedy="install this release of Tipstaff, with the extra `fleet`, on every worker",
        )
    if "UNAUTHENTICATED" in text or "PERMISSION_DENIED" in text:
        return EngineAccessError(
            "the server does not let this user in",
            where=where,
            remedy="see the token (SPARK_CONNECT_AUTHENTICATE_TOKEN, or ;token= in the address)",
        )
    if "UNAVAILABLE" in text or "failed to connect" in text.lower():
        return EngineError(
            "the server cannot be reached",
            where=where,
            remedy="see that Spark Connect runs there, and that this host may reach it",
        )
    return EngineError(f"Spark says: {_first_line(text)}", where=where)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
