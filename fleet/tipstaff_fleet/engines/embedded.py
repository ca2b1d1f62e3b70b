"""DuckDB in this process: what needs no set-up.

Its settings and their reasons: ADR 0060. A question that needs more memory than the limit spills to
the disk; some cannot, and these are an error that says so.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

import duckdb
import msgspec

from tipstaff_fleet.engines.interface import LEAST_MB, Limits, Loaded, Row, Value
from tipstaff_fleet.errors import BadStoreError, MemoryLimitError
from tipstaff_fleet.scratch import open_scratch
from tipstaff_fleet.store.manifest import Manifest
from tipstaff_fleet.store.rows import quote, read_files
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import STORED, TYPES, Table
from tipstaff_policy.errors import UsageError

Answer = TypeVar("Answer")
MEMORY = "300MB"
"""With more, some questions need over 400 MB; with 256 MB some fail that spill with less."""
MB_A_MILLION = 30
"""For each million runs in a store: the questions that number all runs cannot spill below that
(measured on 14,000,000 runs, docs/fleet-scale.md)."""
ROWS_AT_ONCE = 2048
FURTHER = (1.6, 2.5)
"""Times the limit that a question may have which cannot spill enough, one after the other."""


@contextmanager
def open_embedded(
    scratch: str, *, memory: str = MEMORY, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database that holds nothing and ends with the block.

    Args:
        scratch: A folder for what does not fit into memory.
        memory: The limit, such as `300MB`.
        threads: How many to use; as many as there are processors, unless said otherwise.

    Raises:
        MemoryLimitError: What runs in the block needs more memory.
        BadStoreError: A file cannot be read or written.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": scratch,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    if threads is not None:
        settings["threads"] = threads
    try:
        with duckdb.connect(config=settings) as database:
            database.execute("SET enable_progress_bar = false")
            yield database
    except duckdb.OutOfMemoryException as error:
        raise MemoryLimitError(
            f"the question needs more memory than {memory}",
            remedy="give another limit with --memory, such as 1GB; a smaller one can work too, "
            "because more is then kept on the disk",
        ) from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise BadStoreError(_first_line(error), remedy="see that the disk is not full") from error


_MIB = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0, "TiB": 1024.0**2}


def _limit_of(database: duckdb.DuckDBPyConnection) -> float:
    """Return the memory that a database may take, in MiB."""
    (shown,) = database.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
    number, unit = str(shown).split()
    return float(number) * _MIB[unit]


def _first_line(error: duckdb.Error) -> str:
    return str(error).partition("\n")[0]


class Embedded:
    """A store, as the database in this process sees it."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, store: Store, manifest: Manifest, scratch: str
    ) -> None:
        self.database = database
        self.scratch = scratch
        self._limit_mib = _limit_of(database)
        for table in STORED:
            rows = read_files(store.folder, manifest.of_table(table.name), table)
            database.execute(f"CREATE VIEW {table.name} AS SELECT * FROM {rows}")

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order."""
        return self._ask_with_more_memory(lambda: self.database.execute(text).fetchall())

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them."""
        cursor = self.database.cursor()
        cursor.execute("SET enable_progress_bar = false")
        self._ask_with_more_memory(lambda: cursor.execute(text))
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name."""
        self._ask_with_more_memory(
            lambda: self.database.execute(f"CREATE OR REPLACE TABLE {name} AS {text}")
        )

    def _ask_with_more_memory(self, ask: Callable[[], Answer]) -> Answer:
        """Return an answer; a question that ran out of memory is asked again with a little more.

        How much a question needs at least depends on the data, and more is no safe choice either:
        some questions that spill with a small limit fail with a larger one.
        """
        with suppress(duckdb.OutOfMemoryException):
            return ask()
        try:
            for times in FURTHER[:-1]:
                self._allow(times)
                with suppress(duckdb.OutOfMemoryException):
                    return ask()
            self._allow(FURTHER[-1])
            return ask()
        finally:
            with suppress(duckdb.Error):  # where an answer still takes more: with the next one
                self._allow(1)

    def _allow(self, times: float) -> None:
        """Let questions have a multiple of the limit."""
        self.database.execute(f"SET memory_limit = '{self._limit_mib * times:.0f}MiB'")

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table.

        As lines of JSON: to hand over one row after the other takes a thousand times as long.
        """
        names = table.names()
        encode = msgspec.json.Encoder().encode
        with tempfile.NamedTemporaryFile(dir=self.scratch, suffix=".ndjson") as lines:
            lines.writelines(encode(dict(zip(names, row, strict=True))) + b"\n" for row in rows)
            lines.flush()
            kinds = ", ".join(f"{column.name}: '{TYPES[column.kind]}'" for column in table.columns)
            self.database.execute(
                f"CREATE OR REPLACE TABLE {table.name} AS SELECT * FROM read_json("
                f"{quote(lines.name)}, format = 'newline_delimited', columns = {{{kinds}}})"
            )


def choose_memory(manifest: Manifest, least_mb: int = LEAST_MB) -> str:
    """Return how much memory the questions of a store get where no option says so."""
    runs = sum(file.rows for file in manifest.of_table("runs"))
    return f"{max(least_mb, MB_A_MILLION * runs // 1_000_000)}MB"


@contextmanager
def open_store(
    store: Store,
    *,
    memory: str | None = None,
    least_mb: int = LEAST_MB,
    threads: int | None = None,
) -> Iterator[Embedded]:
    """Give a store to questions; what is committed meanwhile is not seen.

    Args:
        store: Its folder.
        memory: The limit, such as `300MB`; by the size of the store unless said otherwise.
        least_mb: What that is at least, in MB.
        threads: How many to use; as many as there are processors, unless said otherwise.

    Raises:
        NoStoreError: There is no store.
        MemoryLimitError: A question needs more memory.
        BadStoreError: A file cannot be read.
    """
    with (
        store.read() as manifest,
        open_scratch() as scratch,
        open_embedded(
            scratch, memory=memory or choose_memory(manifest, least_mb), threads=threads
        ) as database,
    ):
        yield Embedded(database, store, manifest, scratch)


@contextmanager
def open_engine(address: str, store: Store, limits: Limits) -> Iterator[Embedded]:
    """Give a store to questions, as every engine does.

    Raises:
        UsageError: The address has more than a scheme.
    """
    check_address(address)
    with open_store(
        store, memory=limits.memory, least_mb=limits.least_mb, threads=limits.threads
    ) as engine:
        yield engine


def load_store(address: str, store: Store, wait_s: float) -> Loaded:  # noqa: ARG001 - as of others
    """Load nothing: this engine reads the store's own files.

    Raises:
        UsageError: The address has more than a scheme.
    """
    check_address(address)
    return Loaded()


def check_address(address: str) -> None:
    """See that an address has nothing but a scheme.

    Raises:
        UsageError: It has more.
    """
    if address.rstrip("/") != "duckdb:":
        raise UsageError("DuckDB reads the store itself and takes no path", expected="duckdb:")
