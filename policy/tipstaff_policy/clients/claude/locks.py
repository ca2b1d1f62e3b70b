"""The locks that the client holds while it changes a login: folders, kept young while held.

In the client's own order, so that neither waits for the other without end: the two of a refresh,
with a note of who holds them, then that of the credential document, then those of the global file.

Source: tests/clients/claude/test_locks.py (client 2.1.332).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from tipstaff_policy.clients.claude import lock_owner
from tipstaff_policy.clients.claude.credentials.places import LEGACY
from tipstaff_policy.clients.claude.locations import FOLDER
from tipstaff_policy.clients.interface.slots import NO_FOLDER
from tipstaff_policy.errors import AccessDeniedError, EvaluationError
from tipstaff_policy.record import Record
from tipstaff_policy.system.client_locks import hold_folder

REFRESH = ".oauth_refresh.lock"
STORAGE = ".storage-write.lock"
GLOBAL_FILE = ".claude.json"
REFRESH_STALE_S, STORAGE_STALE_S, GLOBAL_STALE_S = 60.0, 15.0, 10.0
TOUCH_S = 3.0
"""How often what is held is made young: well within the shortest age."""


class Lock(Record):
    """A lock of the client's."""

    name: str
    folder: int
    path: str
    """Of the folder, for messages."""
    stale_after_s: float


@contextmanager
def hold(folder: int, home: str, timeout_s: float) -> Iterator[None]:
    """Hold every lock of a folder of the client; see `Adapter.hold`.

    Args:
        folder: Descriptor of the client's folder; `NO_FOLDER` where there is none, so that only
            the global file next to it is locked.

    Raises:
        StoreLockedError: Another process holds one.
        AccessDeniedError: One cannot be taken.
        EvaluationError: This is Windows; no other way is tried, and nothing is removed.
    """
    if sys.platform == "win32":
        raise EvaluationError(
            "Tipstaff removes no login of Claude Code on Windows yet",
            where=home,
            expected="Linux or macOS",
            remedy="sign out by `claude auth logout`, then run `tipstaff enforce`",
        )
    deadline = time.monotonic() + timeout_s
    with ExitStack() as stack:
        parent = _open_folder(os.path.dirname(os.path.realpath(home)), stack)
        above = _open_folder(os.path.dirname(home), stack)
        if folder != NO_FOLDER:
            _hold_refresh(stack, folder, home, parent, deadline)
            _enter(stack, Lock(STORAGE, folder, home, STORAGE_STALE_S), deadline)
        for lock in _global_locks(folder, home, above):
            _enter(stack, lock, deadline)
        yield


@contextmanager
def hold_storage(folder: int, path: str, timeout_s: float) -> Iterator[None]:
    """Hold the lock of the credential document of another folder than the client's."""
    with ExitStack() as stack:
        lock = Lock(STORAGE, folder, path, STORAGE_STALE_S)
        _enter(stack, lock, time.monotonic() + timeout_s)
        yield


def _hold_refresh(
    stack: ExitStack, folder: int, home: str, parent: int | None, deadline: float
) -> None:
    lock_owner.take_over_from_the_dead(folder, REFRESH)
    _enter(stack, Lock(REFRESH, folder, home, REFRESH_STALE_S), deadline)
    real = os.path.realpath(home)
    if parent is not None:
        lock = Lock(f"{os.path.basename(real)}.lock", parent, real, REFRESH_STALE_S)
        # Where it cannot be made, the client goes on without it too.
        with suppress(AccessDeniedError):
            _enter(stack, lock, deadline)
    lock_owner.write(folder, REFRESH)
    stack.callback(lock_owner.remove, folder)


def _global_locks(folder: int, home: str, above: int | None) -> Iterator[Lock]:
    places = [(LEGACY, folder, home), (GLOBAL_FILE, folder, home)]
    if os.path.basename(home) == FOLDER and above is not None:
        places.append((GLOBAL_FILE, above, os.path.dirname(home)))
    for name, inside, path in places:
        if inside != NO_FOLDER and _is_there(name, inside):
            yield Lock(f"{name}.lock", inside, path, GLOBAL_STALE_S)


def _enter(stack: ExitStack, lock: Lock, deadline: float) -> None:
    """Hold a lock until the stack ends, and keep it young.

    Raises:
        StoreLockedError, AccessDeniedError: As for `hold_folder`.
    """
    left = max(deadline - time.monotonic(), 0)
    stack.enter_context(
        hold_folder(
            lock.name, lock.folder, lock.path, timeout_s=left, stale_after_s=lock.stale_after_s
        )
    )
    stack.enter_context(_keep_young(lock))


@contextmanager
def _keep_young(lock: Lock) -> Iterator[None]:
    """Touch a lock now and then, as the client does, so that it is not taken for stale.

    What is done under it may ask the service, which can take longer than such an age.
    """
    mine = os.stat(lock.name, dir_fd=lock.folder, follow_symlinks=False)
    over = threading.Event()
    keeper = threading.Thread(target=_touch, args=(lock, mine, over), daemon=True)
    try:
        keeper.start()
    except RuntimeError:  # no thread is left: what is done here takes less than that age
        yield
        return
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _touch(lock: Lock, mine: os.stat_result, over: threading.Event) -> None:
    while not over.wait(TOUCH_S):
        with suppress(OSError):
            now = os.stat(lock.name, dir_fd=lock.folder, follow_symlinks=False)
            if os.path.samestat(mine, now):
                os.utime(lock.name, dir_fd=lock.folder, follow_symlinks=False)


def _open_folder(path: str, stack: ExitStack) -> int | None:
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    stack.callback(os.close, folder)
    return folder


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder)
    except OSError:
        return False
    return True
