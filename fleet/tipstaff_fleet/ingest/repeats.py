"""Rows that another process committed in the meantime."""

import os

import duckdb

from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.ingest.batch import MEMORY, Written
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.store.rows import copy_rows, count_rows, read_files
from tipstaff_fleet.store.store import Writer
from tipstaff_fleet.tables import ACTIONS, CREDENTIALS, REJECTED, RUNS, SHARED, Table


def leave_out(writer: Writer, written: Written, seen: Manifest, scratch: str) -> Written:
    """Return a batch without the rows that were committed after it was compared with the store.

    Args:
        writer: Of the store.
        written: What the batch wrote.
        seen: What the store held when it was compared.
        scratch: A folder for what does not fit into memory.

    Raises:
        BadStoreError: A file cannot be read or written.
    """
    recent = tuple(set(writer.manifest.files) - set(seen.files))
    if not recent or not written.files:
        return written
    with open_embedded(scratch, memory=MEMORY, threads=1) as database:
        return _leave_out(database, writer.store.folder, written, recent)


def _leave_out(
    database: duckdb.DuckDBPyConnection,
    store: str,
    written: Written,
    recent: tuple[StoredFile, ...],
) -> Written:
    mine = [file for file in written.files if file.table == RUNS.name]
    stored = read_files(store, _near(recent, mine), RUNS)
    database.execute(
        "CREATE TABLE repeated AS SELECT fresh.run_seq, stored.content <> fresh.content AS differs "
        f"FROM {read_files(store, mine, RUNS)} AS fresh "
        f"JOIN (SELECT run_key, content FROM {stored}) AS stored USING (run_key)"
    )
    repeated = count_rows(database, "SELECT count(*) FROM repeated")
    conflicts = count_rows(database, "SELECT count(*) FROM repeated WHERE differs")
    conditions = dict.fromkeys((RUNS, CREDENTIALS), "run_seq NOT IN (SELECT run_seq FROM repeated)")
    if not repeated:
        conditions = {}
    for table in SHARED:
        others = [file for file in recent if file.table == table.name]
        if others:
            key = table.columns[0].name
            keys = f"SELECT {key} FROM {read_files(store, others, table)}"
            conditions[table] = f"{key} NOT IN ({keys})"
    by_name = {table.name: (table, condition) for table, condition in conditions.items()}
    files = []
    for file in written.files:
        if file.table in by_name:
            table, condition = by_name[file.table]
            rows = read_files(store, [file], table)
            kept = copy_rows(
                database,
                store,
                table,
                f"SELECT * FROM {rows} WHERE {condition}",
                below=os.path.dirname(file.path).removeprefix(table.name).lstrip("/"),
            )
            moments = {"first_s": file.first_s, "last_s": file.last_s}
            files.append(kept.model_copy(update=moments))
        else:
            files.append(file)
    return written._replace(
        files=tuple(file for file in files if file.rows),
        runs=written.runs - repeated,
        known=written.known + repeated - conflicts,
        conflicts=written.conflicts + conflicts,
        rejected=_count(files, REJECTED),
        actions=_count(files, ACTIONS),
    )


def _count(files: list[StoredFile], table: Table) -> int:
    return sum(file.rows for file in files if file.table == table.name)


def _near(recent: tuple[StoredFile, ...], mine: list[StoredFile]) -> list[StoredFile]:
    """Return the files in which a run of mine can be, by its moment."""
    return [
        file
        for file in recent
        if file.table == RUNS.name
        and any(file.first_s <= own.last_s and file.last_s >= own.first_s for own in mine)
    ]
