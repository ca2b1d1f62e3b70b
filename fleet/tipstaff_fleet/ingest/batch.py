"""A batch: some thousand runs, from lines that were read to files of a store.

Rows reach the database as lines of JSON that we wrote, never as what came from a host.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb
import msgspec

from tipstaff_fleet.engines.embedded import open_embedded
from tipstaff_fleet.errors import BadStoreError
from tipstaff_fleet.ingest.rows import Accepted, ActionRow, StateRow
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.store.rows import copy_rows, count_rows, quote, read_files
from tipstaff_fleet.tables import (
    ACTIONS,
    CREDENTIALS,
    FINDINGS,
    REJECTED,
    RUNS,
    SHARED,
    STATES,
    TYPES,
    Column,
    Table,
)

SIZE = 10_000
"""Runs of a batch."""
BYTES = 96 << 20
"""Bytes of a batch's rows, of which the database holds some in memory."""
SHIFT = 20
"""A run's number is its batch's, shifted, and its place in it."""
MEMORY = "300MB"
LINE_LIMIT = 16 << 20
"""Bytes of a row as a line: of the report of one person; the database holds two in memory."""
BUFFER = 256 << 10
"""Bytes of rows that are written at a time."""
NUL = rb"\u0000"
"""As JSON writes the one character that PostgreSQL keeps in no text."""
SHOWN = 64 << 10
"""Bytes of a rejected document that are kept."""


class TooLargeError(Exception):
    """A report is larger than the database takes."""


class RejectedRow(msgspec.Struct):
    """A row of `rejected`."""

    reject_key: str
    source: str
    place: str
    why: str
    size: int
    data: str


class Written(NamedTuple):
    """What a batch came to."""

    files: tuple[StoredFile, ...]
    runs: int
    known: int
    """Runs that the store has already."""
    conflicts: int
    """Runs that the store has with other findings: the first one stays."""
    rejected: int
    actions: int = 0
    """Enforcements that the store had not."""


@contextmanager
def _raise_as_store_error(path: str) -> Iterator[None]:
    """Raise what the disk refuses as an error of the store, which was not changed by it."""
    try:
        yield
    except OSError as error:
        raise BadStoreError(
            f"cannot be written: {error.strerror}; what was committed stays",
            where=path,
            remedy="free space on the disk and ingest again: what is there is not read twice",
        ) from error


class _Lines:
    """Rows in a scratch file, one a line."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.longest = 0
        self.bytes = 0
        self._opened = open(path, "xb", opener=_open_private)  # noqa: SIM115 - closed by `close`
        self._waiting: list[bytes] = []
        self._size = 0
        self._encode = msgspec.json.Encoder().encode

    def add(self, row: msgspec.Struct) -> None:
        """Add a row.

        Raises:
            TooLargeError: It is larger than the database takes.
            BadStoreError: The disk is full.
        """
        line = self._encode(row)
        if NUL in line:
            line = self._encode(_show_nul(msgspec.json.decode(line)))
        if len(line) > LINE_LIMIT:
            raise TooLargeError(f"makes a row of more than {LINE_LIMIT} bytes")
        self.longest = max(self.longest, len(line))
        self.bytes += len(line)
        self._waiting.append(line)
        self._size += len(line)
        if self._size > BUFFER:
            self._write()

    def _write(self) -> None:
        with _raise_as_store_error(self.path):
            self._opened.writelines(line + b"\n" for line in self._waiting)
        self._waiting.clear()
        self._size = 0

    def close(self) -> None:
        """Write what is not written yet.

        Raises:
            BadStoreError: The disk is full.
        """
        self._write()
        with _raise_as_store_error(self.path):
            self._opened.close()

    def read(self, kinds: Iterable[str]) -> str:
        """Return what a query reads the rows by.

        Args:
            kinds: Of the columns, as `name: 'KIND'`.
        """
        return (
            f"read_json({quote(self.path)}, format = 'newline_delimited', "
            f"maximum_object_size = {self.longest + 1024}, columns = {{{', '.join(kinds)}}})"
        )


class Batch:
    """Collects rows and writes them as files of the store."""

    def __init__(self, store: str, scratch: str, number: int) -> None:
        self.store = store
        self.scratch = scratch
        self.count = 0
        self._number = number
        self._runs = self._lines(RUNS)
        self._shared = {table: self._lines(table) for table in SHARED}
        self._rejects = self._shared[REJECTED]
        self._keys: dict[Table, set[str]] = {table: set() for table in SHARED}
        self._most = 0
        """Keys of the table that has most."""
        self._days: set[int] = set()
        self._first_s = self._last_s = 0

    def add(self, accepted: Accepted) -> None:
        """Add a run.

        Raises:
            TooLargeError: A row of it is larger than the database takes.
        """
        row = accepted.row
        row.run_seq = (self._number << SHIFT) + self.count
        if row.state_id:
            self._share(STATES, row.state_id, [StateRow(row.state_id, accepted.template)])
        if row.set_id:
            self._share(FINDINGS, row.set_id, accepted.findings)
        self._runs.add(row)
        self._days.add(row.seen_day)
        self._first_s = min(self._first_s, row.seen_s) if self.count else row.seen_s
        self._last_s = max(self._last_s, row.seen_s)
        self.count += 1

    def add_action(self, row: ActionRow) -> None:
        """Add an enforcement.

        Raises:
            TooLargeError: Its row is larger than the database takes.
        """
        self._share(ACTIONS, row.action_key, [row])

    def reject(self, source: str, place: str, why: str, data: bytes) -> None:
        """Keep a document aside that cannot be counted."""
        digest = hashlib.sha256(why.encode() + b"\0" + data)
        if not data:
            digest.update(os.fsencode(source))
        key = digest.hexdigest()[:32]
        shown = data[:SHOWN].decode("utf-8", "backslashreplace")
        self._share(REJECTED, key, [RejectedRow(key, source, place, why, len(data), shown)])

    def _share(self, table: Table, key: str, rows: Iterable[msgspec.Struct]) -> None:
        """Add rows that stand once."""
        if key in self._keys[table]:
            return
        for row in rows:
            self._shared[table].add(row)
        self._keys[table].add(key)
        self._most = max(self._most, len(self._keys[table]))

    def is_full(self) -> bool:
        """Return whether it is time to write."""
        if self.count >= SIZE or self._most >= SIZE:
            return True
        return max(self._runs.bytes, self._rejects.bytes) >= BYTES

    def write(self, seen: Manifest) -> Written:
        """Write the files, without what the store has; they count once committed.

        Args:
            seen: What the store holds.

        Raises:
            BadStoreError: The disk is full, or may not be written.
            MemoryLimitError: The memory is too small.
        """
        files: list[StoredFile] = []
        known = conflicts = 0
        for lines in (self._runs, *self._shared.values()):
            lines.close()
        with open_embedded(self.scratch, memory=MEMORY, threads=1) as database:
            if self.count:
                known, conflicts = self._load_runs(database, seen)
                files += self._write_runs(database)
            for table, keys in self._keys.items():
                if keys:
                    files += self._write_shared(database, table, seen)
        for lines in (self._runs, *self._shared.values()):
            os.unlink(lines.path)
        counts = Counter[str]()
        for file in files:
            counts[file.table] += file.rows
        return Written(
            tuple(files),
            self.count - known - conflicts,
            known,
            conflicts,
            counts[REJECTED.name],
            counts[ACTIONS.name],
        )

    def _load_runs(self, database: duckdb.DuckDBPyConnection, seen: Manifest) -> tuple[int, int]:
        """Load the new runs of the batch; return how many are known and how many contradict."""
        database.execute(f"CREATE TABLE batch AS SELECT * FROM {self._runs.read(_KINDS_OF_ROWS)}")
        near = [
            file
            for file in seen.of_table(RUNS.name)
            if file.first_s <= self._last_s and file.last_s >= self._first_s
        ]
        stored = read_files(self.store, near, RUNS)
        database.execute(
            f"CREATE TABLE stored AS SELECT run_key, content FROM {stored} "
            "WHERE run_key IN (SELECT run_key FROM batch)"
        )
        database.execute(
            "CREATE TABLE fresh AS SELECT run_key, min(run_seq) AS run_seq, "
            "arg_min(content, run_seq) AS content FROM batch "
            "WHERE run_key NOT IN (SELECT run_key FROM stored) GROUP BY run_key"
        )
        new = count_rows(database, "SELECT count(*) FROM fresh")
        conflicts = count_rows(
            database,
            "SELECT count(*) FROM batch JOIN (SELECT run_key, content FROM stored UNION ALL "
            "SELECT run_key, content FROM fresh) AS first USING (run_key) "
            "WHERE batch.content <> first.content",
        )
        if new < self.count:
            database.execute("DELETE FROM batch WHERE run_seq NOT IN (SELECT run_seq FROM fresh)")
        return self.count - new - conflicts, conflicts

    def _write_runs(self, database: duckdb.DuckDBPyConnection) -> list[StoredFile]:
        """Write the new runs, a file a day and table, so that a question opens few of them."""
        written = []
        for day in sorted(self._days):
            fresh = f"FROM batch WHERE seen_day = {day}"
            found = database.execute(
                f"SELECT count(*), min(seen_s), max(seen_s) {fresh}"
            ).fetchone()
            rows, first_s, last_s = found or (0, 0, 0)
            if not rows:
                continue
            runs = f"SELECT {', '.join(RUNS.names())} {fresh} ORDER BY run_seq"
            names = ", ".join(f"each.{name}" for name in CREDENTIALS.names()[1:])
            nested = f"SELECT run_seq, unnest(credentials) AS each {fresh}"
            credentials = f"SELECT run_seq, {names} FROM ({nested})"
            for table, query in ((RUNS, runs), (CREDENTIALS, credentials)):
                below = f"day={day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"
                file = copy_rows(database, self.store, table, query, below=below)
                written.append(file.model_copy(update={"first_s": first_s, "last_s": last_s}))
        return written

    def _write_shared(
        self, database: duckdb.DuckDBPyConnection, table: Table, seen: Manifest
    ) -> list[StoredFile]:
        """Write the rows that the store has not."""
        key = table.columns[0].name
        rows = self._shared[table].read(map(_kind, table.columns))
        stored = read_files(self.store, seen.of_table(table.name), table)
        file = copy_rows(
            database,
            self.store,
            table,
            f"SELECT * FROM {rows} WHERE {key} NOT IN (SELECT {key} FROM {stored}) ORDER BY {key}",
        )
        if file.rows:
            return [file]
        os.unlink(os.path.join(self.store, file.path))
        return []

    def _lines(self, table: Table) -> _Lines:
        return _Lines(os.path.join(self.scratch, f"{self._number}-{table.name}.ndjson"))


def _show_nul(value: Any) -> Any:
    """Return a value of JSON with a visible character for each NUL."""
    match value:
        case str():
            return value.replace("\0", "\u2400")
        case list():
            return [_show_nul(element) for element in value]
        case dict():
            return {name: _show_nul(member) for name, member in value.items()}
        case _:
            return value


def _kind(column: Column) -> str:
    return f"{column.name}: {quote(TYPES[column.kind])}"


def _kinds_of_rows() -> list[str]:
    """Return the kinds of the columns that a row of runs has, with its credentials."""
    inner = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in CREDENTIALS.columns[1:])
    return [*map(_kind, RUNS.columns), f"credentials: {quote(f'STRUCT({inner})[]')}"]


_KINDS_OF_ROWS = _kinds_of_rows()


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
