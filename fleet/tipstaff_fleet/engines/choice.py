"""Which engine an address means; what an engine needs is imported once it is chosen.

An address can hold a password. No message quotes one.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from tipstaff_fleet.engines.interface import Engine, Limits, Loaded
from tipstaff_fleet.errors import MissingLibraryError
from tipstaff_fleet.store.store import Store
from tipstaff_policy.errors import UsageError

EMBEDDED = "duckdb:"
"""The address of the engine that needs no set-up."""


class Kind(NamedTuple):
    """A kind of engine."""

    module: str
    library: str
    """What it imports that may be missing."""
    extra: str
    """What installs it."""
    reads_store: bool = False
    """Whether it reads the files of a store, and holds no copy."""


_SPARK = Kind("tipstaff_fleet.engines.spark", "pyspark", "fleet-spark", reads_store=True)
_POSTGRESQL = Kind("tipstaff_fleet.engines.postgresql", "psycopg", "fleet-postgresql")
_CLICKHOUSE = Kind("tipstaff_fleet.engines.clickhouse", "", "fleet")
ENGINES = {
    "duckdb": Kind("tipstaff_fleet.engines.embedded", "duckdb", "fleet", reads_store=True),
    "postgresql": _POSTGRESQL,
    "postgres": _POSTGRESQL,
    "clickhouse": _CLICKHOUSE,
    "clickhouses": _CLICKHOUSE,
    "spark": _SPARK,
    "sc": _SPARK,
}
"""By the scheme of an address."""


class _Module(Protocol):
    """What every module of an engine has."""

    def check_address(self, address: str) -> None:
        """See that the address can be read."""

    def open_engine(
        self, address: str, store: Store, limits: Limits
    ) -> AbstractContextManager[Engine]:
        """Give the engine to questions."""

    def load_store(self, address: str, store: Store, wait_s: float) -> Loaded:
        """Load into the engine what it does not hold yet of a store."""


@contextmanager
def open_engine(address: str, store: Store, limits: Limits = Limits()) -> Iterator[Engine]:  # noqa: B008 - a tuple
    """Give the engine that an address means to questions; all of them see one state of the data.

    Args:
        address: Such as `duckdb:` or `postgresql://host/database`.
        store: What DuckDB and Spark read; the others hold a copy of their own.
        limits: Of the embedded engine.

    Raises:
        UsageError: No engine is meant by that, or its library is missing.
        NoStoreError: There is no store.
        BadStoreError: The store or the engine cannot be read.
        MemoryLimitError: A question needs more memory.
    """
    with _load(address).open_engine(address, store, limits) as engine:
        yield engine


def load_store(address: str, store: Store, wait_s: float = 0.0) -> Loaded:
    """Load into an engine what it does not hold yet of a store; the second time that is nothing.

    Args:
        address: Of the engine.
        store: Whose rows.
        wait_s: How long to wait for another writer to the store, in seconds.

    Raises:
        UsageError: No engine is meant by that, or its library is missing.
        NoStoreError: There is no store.
        StoreBusyError: Another process writes to the store.
        OtherStoreError: The engine holds the data of another store.
        BadStoreError: The store cannot be read, or the engine not written; what was loaded stays.
    """
    module = _load(address)
    with store.read():  # so that one that is not there is not made
        pass
    return module.load_store(address, store, wait_s)


def check_address(address: str) -> None:
    """See that an address can be read, and that what its engine needs is installed.

    Raises:
        UsageError: No engine is meant by that, or its library is missing.
    """
    _load(address).check_address(address)


def needs_store(address: str) -> bool:
    """Return whether an engine reads the files of a store.

    Raises:
        UsageError: No engine is meant by that.
    """
    return _kind(address).reads_store


def _kind(address: str) -> Kind:
    kind = ENGINES.get(address.partition(":")[0]) if ":" in address else None
    if kind is None:
        known = ", ".join(f"{name}:" for name in ENGINES)
        raise UsageError("the address of the engine is of no known kind", expected=known)
    return kind


def _load(address: str) -> _Module:
    kind = _kind(address)
    try:
        return cast("_Module", import_module(kind.module))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != kind.library:
            raise
        raise MissingLibraryError(
            f"the engine {address.partition(':')[0]}: needs {kind.library}, which is not installed",
            remedy=f"install Tipstaff with the extra `{kind.extra}` (docs/install.md)",
        ) from error
