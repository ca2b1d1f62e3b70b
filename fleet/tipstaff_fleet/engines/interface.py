"""What a question needs of an engine.

Every engine holds the same tables and reads the same texts, which use a subset of SQL that needs no
translation (docs/fleet-sql.md). Values come back as whole numbers and texts alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol, cast

from tipstaff_fleet.errors import EngineError
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.tables import RUNS, Table

Value = int | str
Row = tuple[Value, ...]


class Engine(Protocol):
    """Answers questions over the tables of a store."""

    def ask(self, text: str) -> list[Row]:
        """Return the rows of a question, in its order.

        Raises:
            BadStoreError: The engine cannot answer.
            MemoryLimitError: It needs more memory than the limit.
        """

    def stream(self, text: str) -> Iterator[Row]:
        """Yield the rows of a question, in its order, without holding all of them.

        Raises:
            As `ask`.
        """

    def define(self, name: str, text: str) -> None:
        """Keep the rows of a question under a name, for those that follow in this session."""

    def load(self, table: Table, rows: Iterable[Sequence[Value]]) -> None:
        """Keep some rows as a table of this session, such as the hosts that are expected."""


LEAST_MB = 100
"""Memory of the embedded engine for a small store; the whole process takes up to 200 MB more."""


class Limits(NamedTuple):
    """What the embedded engine may use; a server has limits of its own."""

    memory: str | None = None
    """Such as `300MB`; by the size of the store unless said otherwise."""
    least_mb: int = LEAST_MB
    """What it is at least where that is not said."""
    threads: int | None = None


class Loaded(NamedTuple):
    """What a store and its copy in an engine came to."""

    files: int = 0
    """Files of the store that were loaded."""
    rows: int = 0


FORMAT = 1
"""Of the tables in an engine, which stands there as well."""


def find_missing_files(manifest: Manifest, loaded: Iterable[str]) -> list[StoredFile]:
    """Return the files of a store that an engine has not loaded yet; those of runs come last.

    So a run is there only once all that it refers to is.
    """
    known = set(loaded)
    files = [file for file in manifest.files if file.path not in known]
    return sorted(files, key=lambda file: file.table == RUNS.name)


_PLAIN = {int, str}


def read_rows(rows: Iterable[Sequence[object]]) -> list[Row]:
    """Return rows as whole numbers and texts.

    Raises:
        EngineError: One of the values is neither.
    """
    return list(map(read_row, rows))


def read_row(row: Sequence[object]) -> Row:
    """Return a row as whole numbers and texts.

    Raises:
        EngineError: One of the values is neither.
    """
    if set(map(type, row)) <= _PLAIN:
        return cast("Row", tuple(row))
    return tuple(map(_read_value, row))


def _read_value(value: object) -> Value:
    match value:
        case bool():
            pass
        case int() | str():
            return value
        case Decimal() if value == value.to_integral_value():
            return int(value)
        case _:
            pass
    raise EngineError(
        f"the engine gave a value of type {type(value).__name__}",
        expected="whole numbers and texts",
    )
