"""Many small files of a day become one, so that a question opens few."""

import os
from collections import defaultdict

from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.ingest.batch import MEMORY
from tipstaff_fleet.store.manifest import StoredFile
from tipstaff_fleet.store.rows import copy_rows, read_files
from tipstaff_fleet.store.store import Writer
from tipstaff_fleet.tables import STORED

MOST_SMALL = 16
"""Small files of a day and table that may stay."""
SMALL = 16 << 20
"""Bytes."""


def compact(writer: Writer, scratch: str) -> int:
    """Merge small files where there are many of a day; return how many were replaced.

    Args:
        writer: Of the store.
        scratch: A folder for what does not fit into memory.

    Raises:
        BadStoreError: A file cannot be read or written; the store is as it was.
    """
    replaced = 0
    tables = {table.name: table for table in STORED}
    for (name, below), files in _small_files(writer.manifest.files).items():
        if len(files) <= MOST_SMALL:
            continue
        with open_embedded(scratch, memory=MEMORY, threads=1) as database:
            rows = read_files(writer.store.folder, files, tables[name])
            merged = copy_rows(
                database, writer.store.folder, tables[name], f"SELECT * FROM {rows}", below=below
            )
        moments = {
            "first_s": min(file.first_s for file in files),
            "last_s": max(file.last_s for file in files),
        }
        writer.commit([merged.model_copy(update=moments)], files)
        replaced += len(files)
    return replaced


def _small_files(files: tuple[StoredFile, ...]) -> dict[tuple[str, str], list[StoredFile]]:
    """Return the small files by table and day."""
    found: dict[tuple[str, str], list[StoredFile]] = defaultdict(list)
    for file in files:
        if file.bytes < SMALL:
            below = os.path.dirname(file.path).removeprefix(file.table).lstrip("/")
            found[file.table, below].append(file)
    return found
