"""The client's record of the process that holds the lock of a refresh.

A lock whose holder is gone is taken over at once, by the client and here, where the note proves it:
same machine, same process namespace, the same lock, and no such process any more.

Source: tests/clients/claude/test_locks.py; the program as shipped (client 2.1.332).
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from typing import Any

from tipstaff_policy.system.folder_files import give_to_owner, read_plain, write_all

NOTE = ".oauth_refresh.lock.owner"
SIZE_LIMIT = 4096
MACHINE, NAMESPACE = "/etc/machine-id", "/proc/self/ns/pid"
BEGUN = 19
"""Where the time of its start stands in what the kernel says of a process, behind its name."""
NOT_THROUGH_A_LINK = 0x100
"""The flag of that name."""
BIRTH = 0x800
"""Asks for the time of birth."""
BIRTH_AT = 80
"""Where that stands in the answer: seconds, then nanoseconds."""
ANSWER_SIZE = 256
STATX = {"x86_64": 332, "aarch64": 291}


def write(folder: int, lock: str) -> None:
    """Note that this process holds a lock; without the time of its birth the note says nothing."""
    born = read_birth_ms(folder, lock)
    if born is None:
        return
    note = {
        "pid": os.getpid(),
        "procStart": read_start_time(os.getpid()),
        "pidDomain": _read_domain(),
        "pidSpace": _find_space(),
        "lockBirthtimeMs": born,
    }
    text = json.dumps({name: value for name, value in note.items() if value is not None})
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(OSError):
        file = os.open(NOTE, flags, 0o600, dir_fd=folder)
        try:
            give_to_owner(file, folder)
            write_all(file, text.encode())
        finally:
            os.close(file)


def remove(folder: int) -> None:
    """Remove the note, where it is of this process."""
    note = read(folder)
    if note is not None and note.get("pid") == os.getpid() and note["pidSpace"] == _find_space():
        with suppress(OSError):
            os.unlink(NOTE, dir_fd=folder)


def take_over_from_the_dead(folder: int, lock: str) -> None:
    """Remove a lock whose holder is proven to be gone; of any doubt it stays."""
    note = read(folder)
    if note is None or not _is_gone(note) or note["lockBirthtimeMs"] != read_birth_ms(folder, lock):
        return
    with suppress(OSError):
        os.rmdir(lock, dir_fd=folder)
        os.unlink(NOTE, dir_fd=folder)


def read(folder: int) -> dict[str, Any] | None:
    """Return the note, None where there is none that the client would read."""
    try:
        data = read_plain(NOTE, folder)
        note = json.loads(data) if len(data) <= SIZE_LIMIT else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(note, dict):
        return None
    texts = all(isinstance(note.get(name), str) for name in ("pidDomain", "pidSpace"))
    numbers = isinstance(note.get("pid"), int) and isinstance(
        note.get("lockBirthtimeMs"), (int, float)
    )
    return note if texts and numbers else None


def read_birth_ms(folder: int, name: str) -> float | None:
    """Return when a name was made, in milliseconds; None where the file system does not say."""
    number = STATX.get(os.uname().machine)
    if number is None:
        return None
    try:
        import ctypes  # noqa: PLC0415 - Python's `stat` lacks it on Linux

        call = ctypes.CDLL(None, use_errno=True).syscall
    except (ImportError, OSError, AttributeError):  # a Python that was built without it
        return None
    answer = ctypes.create_string_buffer(ANSWER_SIZE)
    failed = call(
        ctypes.c_long(number),
        ctypes.c_int(folder),
        ctypes.c_char_p(os.fsencode(name)),
        ctypes.c_int(NOT_THROUGH_A_LINK),
        ctypes.c_uint(BIRTH),
        answer,
    )
    if failed or not int.from_bytes(answer.raw[:4], "little") & BIRTH:
        return None
    seconds = int.from_bytes(answer.raw[BIRTH_AT : BIRTH_AT + 8], "little", signed=True)
    nanoseconds = int.from_bytes(answer.raw[BIRTH_AT + 8 : BIRTH_AT + 12], "little")
    return seconds * 1000 + nanoseconds / 1_000_000


def read_start_time(process: int) -> str | None:
    """Return when a process began, as the kernel counts; None of one that is not there."""
    with suppress(OSError, IndexError), open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[BEGUN]
    return None


def _is_gone(note: dict[str, Any]) -> bool:
    if note["pidDomain"] != _read_domain() or note["pidSpace"] != _find_space():
        return False  # the number is that of another machine, or of another namespace
    try:
        os.kill(note["pid"], 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    started, noted = read_start_time(note["pid"]), note.get("procStart")
    return started is not None and isinstance(noted, str) and noted != started


def _read_domain() -> str:
    machine = ""
    with suppress(OSError), open(MACHINE, encoding="utf-8") as file:
        machine = file.read().strip()
    return f"linux:{machine}:{_namespace()}"


def _find_space() -> str:
    namespace = _namespace()
    return socket.gethostname() + (f"#{namespace}" if namespace else "")


def _namespace() -> str:
    try:
        return os.readlink(NAMESPACE)
    except OSError:
        return ""
