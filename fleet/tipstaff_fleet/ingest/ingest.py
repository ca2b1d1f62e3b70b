"""Reports into a store: tasks of some megabytes are read by several processes, batch by batch.

A batch counts as a whole once it is committed. A process that ends in between leaves files that
count for nothing, and what it read is read again by the next ingest.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import Any, NamedTuple

from tipstaff_fleet.errors import BadStoreError
from tipstaff_fleet.ingest.batch import Batch, TooLargeError, Written
from tipstaff_fleet.ingest.compaction import compact
from tipstaff_fleet.ingest.documents import Found, Reader
from tipstaff_fleet.ingest.repeats import leave_out
from tipstaff_fleet.ingest.rows import Accepted, ActionRow, Rejected
from tipstaff_fleet.ingest.signed import UNSIGNED, open_signed
from tipstaff_fleet.ingest.sources import (
    NO_DOCUMENT,
    STANDARD_INPUT,
    Document,
    Piece,
    UnreadableError,
    find_pieces,
    read_documents,
)
from tipstaff_fleet.store.manifest import Manifest
from tipstaff_fleet.store.store import Store, Writer

TASK_BYTES = 128 << 20
LAST_BYTES = 48 << 20
SHARES = 4
"""Of what is left to read, one process takes at most such a part."""
TASK_FILES = 2000
BATCHES_OF_A_TASK = 1 << 16
POLL_S = 0.2
TOLD_BYTES = 1 << 20
"""Bytes that a process reads before it says so: each time it waits for the others."""
Advance = Callable[[int], None]
"""Receives how many bytes of the sources are read."""


class Task(NamedTuple):
    """What one process reads at a time."""

    number: int
    pieces: tuple[Piece, ...]


class Ingested(NamedTuple):
    """What an ingest came to."""

    runs: int = 0
    known: int = 0
    """Runs that the store had already."""
    conflicts: int = 0
    """Runs that the store has with other findings; the first one stays."""
    rejected: int = 0
    """Documents that cannot be counted, and were not kept aside before."""
    actions: int = 0
    """Enforcements that the store had not."""
    bytes: int = 0

    def plus(self, written: Written) -> "Ingested":
        """Return the sum with a batch."""
        return self._replace(
            runs=self.runs + written.runs,
            known=self.known + written.known,
            conflicts=self.conflicts + written.conflicts,
            rejected=self.rejected + written.rejected,
            actions=self.actions + written.actions,
        )


class _Setting(NamedTuple):
    """What every process of an ingest is given."""

    store: str
    scratch: str
    now_s: int
    trusted: tuple[bytes, ...]
    """Contents of the files of trusted keys; none where nothing has to be signed."""


def ingest(  # noqa: PLR0913 - one argument an option
    store: Store,
    sources: list[str],
    *,
    now_s: int | None = None,
    processes: int | None = None,
    wait_s: float = 0.0,
    trusted: tuple[bytes, ...] = (),
    progress: Advance = lambda _: None,
) -> Ingested:
    """Take the reports of some sources into a store; runs that are there already change nothing.

    Args:
        store: Is made where it is not there.
        sources: Files, folders, patterns, or `-` for standard input.
        now_s: The present moment in seconds since 1970, by which wrong clocks are found.
        processes: How many read at once; as many as there are processors, unless said otherwise.
        wait_s: How long to wait for another writer, in seconds.
        trusted: Contents of files of trusted keys; with some, a file that none of them has signed
            is rejected.
        progress: Is called from time to time.

    Raises:
        UsageError: A source is not there.
        AccessDeniedError: A folder cannot be looked into.
        StoreBusyError: Another process writes to the store.
        BadStoreError: The store cannot be read or written; what was committed stays.
    """
    pieces = find_pieces(sources, whole=bool(trusted))
    with (
        store.write(wait_s) as writer,
        tempfile.TemporaryDirectory(prefix=".ingest-", dir=store.folder) as scratch,
    ):
        now = int(time.time()) if now_s is None else now_s
        setting = _Setting(store.folder, scratch, now, trusted)
        tasks = _tasks(pieces, writer.manifest.batches)
        end = writer.manifest.batches + len(tasks) * BATCHES_OF_A_TASK
        total = Ingested(bytes=sum(piece.size for piece in pieces))
        for written, seen in _read(tasks, setting, writer, processes, progress):
            kept = leave_out(writer, written, seen, scratch)
            total = total.plus(kept)
            if kept.files or not writer.manifest.number:
                writer.commit(kept.files, batches=end)
        compact(writer, scratch)
    return total


def _tasks(pieces: list[Piece], batches: int) -> list[Task]:
    """Return the pieces in groups of some size; their batches are numbered after the store's.

    The last groups are smaller, so that all processes end at about the same time.
    """
    groups: list[list[Piece]] = []
    size = 0
    left = sum(piece.size for piece in pieces)
    least = LAST_BYTES if left > TASK_BYTES else TASK_BYTES
    for piece in pieces:
        most = min(TASK_BYTES, max(left // SHARES, least))
        if not groups or size + piece.size > most or len(groups[-1]) >= TASK_FILES:
            groups.append([])
            size = 0
        groups[-1].append(piece)
        size += piece.size
        left -= piece.size
    return [
        Task(batches + place * BATCHES_OF_A_TASK, tuple(group))
        for place, group in enumerate(groups)
    ]


def _read(
    tasks: list[Task],
    setting: _Setting,
    writer: Writer,
    processes: int | None,
    progress: Advance,
) -> Iterator[tuple[Written, Manifest]]:
    """Yield what each batch wrote, and what the store held when that was compared."""
    own = [task for task in tasks if any(_is_own(piece) for piece in task.pieces)]
    shared = [task for task in tasks if task not in own]
    count = min(len(shared), processes or _processors())
    if count < 2:
        own, shared = tasks, []
    for task in own:
        for written in read_task(task, setting, lambda: writer.manifest, progress):
            yield written, writer.manifest
    if shared:
        yield from _read_shared(shared, setting, writer, count, progress)


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # on Linux alone
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _is_own(piece: Piece) -> bool:
    """Return whether only this process can read a piece: standard input, or a pipe."""
    return piece.path == STANDARD_INPUT or not os.path.isfile(piece.path)


def _read_shared(
    tasks: list[Task], setting: _Setting, writer: Writer, count: int, progress: Advance
) -> Iterator[tuple[Written, Manifest]]:
    """Yield the batches of tasks that several processes read at once.

    Raises:
        BadStoreError: One of the processes was killed.
    """
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    waiting = iter(tasks)
    running: dict[Future[list[Written]], Manifest] = {}
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin, initargs=(counter,)
    ) as pool:
        try:
            while True:
                for task in waiting:
                    manifest = writer.manifest
                    running[pool.submit(_read_apart, task, setting, manifest)] = manifest
                    if len(running) > count:
                        break
                if not running:
                    return
                ended, _ = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
                progress(_take_counted(counter))
                for future in ended:
                    seen = running.pop(future)
                    for written in future.result():
                        yield written, seen
        except BrokenProcessPool as error:
            raise BadStoreError(
                "a process that read reports was killed",
                where=setting.store,
                remedy="ingest again: what was committed is not read twice; where the memory is "
                "short, use --processes 1",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _take_counted(counter: Any) -> int:
    """Return what was counted since the last call."""
    with counter.get_lock():
        found: int = counter.value
        counter.value = 0
    return found


_counter: Any = None
"""Of a process that reads: the bytes that all of them have read."""


def _begin(counter: Any) -> None:
    global _counter  # noqa: PLW0603 - a shared value can only be handed over at the start
    _counter = counter
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that began it is killed: nothing takes its results any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_apart(task: Task, setting: _Setting, manifest: Manifest) -> list[Written]:
    told = 0

    def count(size: int) -> None:
        nonlocal told
        told += size
        if told >= TOLD_BYTES:
            with _counter.get_lock():
                _counter.value += told
            told = 0

    written = list(read_task(task, setting, lambda: manifest, count))
    with _counter.get_lock():
        _counter.value += told
    return written


def read_task(
    task: Task, setting: _Setting, seen: Callable[[], Manifest], progress: Advance
) -> Iterator[Written]:
    """Yield what each batch of a task wrote.

    Args:
        task: What to read.
        setting: Where to write.
        seen: Gives what the store holds, when a batch is compared with it.
        progress: Is called after each document.
    """
    reader = Reader(setting.now_s)
    numbers = iter(range(task.number, task.number + BATCHES_OF_A_TASK))
    batch = Batch(setting.store, setting.scratch, next(numbers))
    for piece in task.pieces:
        try:
            signed = open_signed(piece.path, setting.trusted) if setting.trusted else UNSIGNED
            for document in read_documents(piece, signed.opened):
                found = reader.read(document.data, signed.signer)
                _add(batch, found, piece.path, document)
                progress(len(document.data))
                if batch.is_full():
                    yield batch.write(seen())
                    batch = Batch(setting.store, setting.scratch, next(numbers))
        except UnreadableError as error:
            batch.reject(piece.path, "", str(error), b"")
        _add(batch, reader.end(), piece.path, NO_DOCUMENT)
    yield batch.write(seen())


def _add(batch: Batch, found: Iterator[Found], source: str, document: Document) -> None:
    for change in found:
        why = change.why if isinstance(change, Rejected) else _why_too_large(batch, change)
        if why:
            batch.reject(source, document.place, why, document.data)


def _why_too_large(batch: Batch, found: Accepted | ActionRow) -> str:
    """Add a run or an enforcement; return why it could not be added."""
    try:
        if isinstance(found, ActionRow):
            batch.add_action(found)
        else:
            batch.add(found)
    except TooLargeError as error:
        return str(error)
    return ""
