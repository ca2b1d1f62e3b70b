"""Rows in files of a store, read and written by the embedded database."""

import os
import secrets
from collections.abc import Sequence

import duckdb

from tipstaff_fleet.store.manifest import StoredFile
from tipstaff_fleet.tables import TYPES, Table

ROWS_OF_A_GROUP = 30_720
"""A quarter of DuckDB's own: a group is held in memory whole, and rows of runs are wide."""

BYTES_OF_A_GROUP = 32
"""Megabytes at most: what is rejected has rows of up to 64 KiB."""


def copy_rows(
    database: duckdb.DuckDBPyConnection, store: str, table: Table, query: str, below: str = ""
) -> StoredFile:
    """Write what a query finds as a new file of the store."""
    path = os.path.join(table.name, below, f"{secrets.token_hex(12)}.parquet")
    whole = os.path.join(store, path)
    os.makedirs(os.path.dirname(whole), mode=0o700, exist_ok=True)
    written = database.execute(
        f"COPY ({query}) TO {quote(whole)} (FORMAT parquet, COMPRESSION zstd, "
        f"ROW_GROUP_SIZE {ROWS_OF_A_GROUP}, ROW_GROUP_SIZE_BYTES '{BYTES_OF_A_GROUP}MB')"
    ).fetchone()
    os.chmod(whole, 0o600)
    rows = written[0] if written else 0
    return StoredFile(table=table.name, path=path, rows=rows, bytes=os.path.getsize(whole))


def read_files(store: str, files: Sequence[StoredFile], table: Table) -> str:
    """Return what a query reads some files of a table by; no rows where there are none.

    Args:
        store: The folder of the store; empty for paths below it.
        files: Of the table.
        table: Whose columns there are.
    """
    if files:
        paths = ",\n  ".join(quote(os.path.join(store, file.path)) for file in files)
        return f"read_parquet([{paths}], hive_partitioning = false)"
    columns = ", ".join(
        f"CAST(NULL AS {TYPES[column.kind]}) AS {column.name}" for column in table.columns
    )
    return f"(SELECT {columns} WHERE false)"


def count_rows(database: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one number that a query finds."""
    found = database.execute(query).fetchone()
    return int(found[0]) if found else 0


def quote(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
