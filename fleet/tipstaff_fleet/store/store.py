"""A store: opened for reading by anybody, for writing by one process at a time."""

import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from tipstaff_fleet.errors import BadStoreError, NoStoreError, StoreBusyError
from tipstaff_fleet.store.manifest import (
    Manifest,
    StoredFile,
    list_manifests,
    read_manifest,
    replace_file,
    sync_folder,
    write_manifest,
)
from tipstaff_fleet.store.views import NAME as VIEWS
from tipstaff_fleet.store.views import render_views
from tipstaff_fleet.tables import STORED

LOCK, READERS = "lock", "readers"
"""Held by the one that writes, and shared by those that read: nothing is removed under these."""
POLL_S = 0.2


class Store:
    """A folder with the tables of a fleet."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)

    @contextmanager
    def read(self) -> Iterator[Manifest]:
        """Give what counts now; its files stay until the end.

        Raises:
            NoStoreError: There is none.
            BadStoreError: It cannot be read.
        """
        try:
            descriptor = os.open(os.path.join(self.folder, READERS), os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            raise self._none() from None
        except OSError as error:
            raise BadStoreError(
                f"cannot be read: {error.strerror}", where=error.filename or self.folder
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            manifest = read_manifest(self.folder)
            if not manifest.number:
                raise self._none()
            yield manifest
        finally:
            os.close(descriptor)

    def _none(self) -> NoStoreError:
        return NoStoreError(
            f"{self.folder} holds no store",
            expected="a folder that `tipstaff fleet ingest … --store DIR` made",
        )

    def paths(self, files: Iterable[StoredFile]) -> list[str]:
        """Return where files lie."""
        return [os.path.join(self.folder, file.path) for file in files]

    @contextmanager
    def write(self, wait_s: float = 0.0) -> Iterator["Writer"]:
        """Give what writes to the store, alone; the kernel frees the lock of a killed process.

        Args:
            wait_s: How long to wait for another writer, in seconds.

        Raises:
            StoreBusyError: Another process writes, and goes on.
            BadStoreError: The folder cannot be made, read or written.
        """
        descriptor = self._open_lock()
        try:
            self._lock(descriptor, wait_s)
            yield Writer(self)
        finally:
            os.close(descriptor)

    def _open_lock(self) -> int:
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            for table in STORED:
                os.makedirs(os.path.join(self.folder, table.name), mode=0o700, exist_ok=True)
            os.close(os.open(os.path.join(self.folder, READERS), os.O_RDONLY | os.O_CREAT, 0o644))
            return os.open(os.path.join(self.folder, LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BadStoreError(
                f"cannot be written: {error.strerror}", where=error.filename or self.folder
            ) from error

    def _lock(self, descriptor: int, wait_s: float) -> None:
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in {errno.EWOULDBLOCK, errno.EAGAIN}:
                    raise BadStoreError(
                        f"cannot be locked: {error.strerror}", where=self.folder
                    ) from error
                if time.monotonic() >= end:
                    raise self._busy(descriptor) from None
                time.sleep(POLL_S)
            else:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
                return

    def _busy(self, descriptor: int) -> StoreBusyError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        named = f", process {holder}" if holder.isdecimal() else ""
        return StoreBusyError(
            f"another process writes to the store{named}",
            where=self.folder,
            remedy="wait for it to end, or use --wait SECONDS",
        )


class Writer:
    """Commits files to a store; holds its lock."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.manifest = read_manifest(store.folder)
        self.remove_unnamed()

    def commit(
        self, added: Iterable[StoredFile], removed: Iterable[StoredFile] = (), *, batches: int = 0
    ) -> Manifest:
        """Make files count, and others count no more, at once and for good.

        Args:
            added: Files that lie in the store already.
            removed: Files of the manifest.
            batches: The number below which every batch's number is taken.

        Raises:
            BadStoreError: The disk is full, or may not be written; nothing of it counts.
        """
        added, gone = tuple(added), set(removed)
        old = self.manifest
        manifest = Manifest(
            store=old.store or secrets.token_hex(16),
            number=old.number + 1,
            batches=max(old.batches, batches),
            files=(*(file for file in old.files if file not in gone), *added),
        )
        try:
            for path in self.store.paths(added):
                _sync_file(path)
            for folder in {os.path.dirname(path) for path in self.store.paths(added)}:
                sync_folder(folder)
            write_manifest(self.store.folder, manifest)
        except OSError as error:
            raise BadStoreError(
                f"cannot be written: {error.strerror}; the store is as it was before",
                where=error.filename or self.store.folder,
                remedy="free space on the disk and ingest again: what is there is not read twice",
            ) from error
        self.manifest = manifest
        with suppress(OSError):  # for others; the next commit writes them again
            replace_file(self.store.folder, VIEWS, render_views(manifest))
        return manifest

    def remove_unnamed(self) -> None:
        """Remove what no manifest names: what killed writers left, and what was compacted.

        Nothing is removed during a read; the next writer removes it.
        """
        with _hold_off_readers(self.store.folder) as alone:
            if not alone:
                return
            for found in list_manifests(self.store.folder)[:-1]:
                _remove(os.path.join(self.store.folder, found.name))
            kept = set(self.store.paths(self.manifest.files))
            for table in STORED:
                for path in _files_below(os.path.join(self.store.folder, table.name)):
                    if path not in kept:
                        _remove(path)


@contextmanager
def _hold_off_readers(folder: str) -> Iterator[bool]:
    """Give whether there is no reader; no reader begins until the end."""
    descriptor = os.open(os.path.join(folder, READERS), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _files_below(folder: str) -> list[str]:
    return [os.path.join(below, name) for below, _, names in os.walk(folder) for name in names]


def _remove(path: str) -> None:
    """Remove a file that no manifest names; where that fails, it stays and does no harm."""
    with suppress(OSError):
        os.unlink(path)


def _sync_file(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
