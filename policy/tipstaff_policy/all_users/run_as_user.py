"""Doing something in a user's home with that user's rights and no others: one child, one turn.

The child has the user's ids and groups, none of root's environment, descriptors or terminal, and
bounds on time, memory and files. Root reads from it one answer of a known shape and size. So a
home that was prepared to harm harms its owner's turn alone (ADR 0022).
"""

import json
import os
import select
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal, NoReturn, get_args

from tipstaff_policy.all_users.accounts import LocalUser
from tipstaff_policy.all_users.bounds import TIME_LIMIT_S, SkippedError
from tipstaff_policy.errors import (
    INVALID_EXIT,
    UNEVALUATED_EXIT,
    EvaluationError,
    TipstaffError,
    UsageError,
    reason_of,
)
from tipstaff_policy.model.request import this_platform
from tipstaff_policy.record import Record
from tipstaff_policy.system.owners.loose_places import loose_places

if sys.platform != "win32":
    import resource

ANSWER_LIMIT = 16 << 20
MEMORY_LIMIT = 2 << 30
FILE_LIMIT = 256 << 20
DESCRIPTOR_LIMIT = 256
GRACE_S = 2.0
"""How long a child may take to end once it is killed; on a dead mount it never does."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DESCRIPTORS = "/dev/fd"
ANSWER = 3
"""The descriptor for a child's answer; it has no other except the three of every process."""

Outcome = Literal["done", "skipped", "failed"]


class WorkerResult(Record):
    """What came of one user's turn."""

    user: LocalUser
    outcome: Outcome
    text: str
    """What was asked for; else why not."""
    exit_code: int = 0
    """Of a turn that failed."""


def require_root_and_isolation() -> None:
    """Refuse what is no root run, or could run code from a user's home with root's rights.

    Raises:
        UsageError: Not root, or a process that is not isolated (`python -I`).
    """
    if os.geteuid() != 0:
        raise UsageError(
            "only root can act for other users",
            remedy="run this as root, or without the options that name users",
        )
    if not sys.flags.isolated:
        raise UsageError(
            "a root run must not load code from the environment or from a home",
            expected="an isolated Python",
            remedy=f"{sys.executable} -I -m tipstaff_cli {' '.join(sys.argv[1:])}",
        )


def run_as_user(
    user: LocalUser, job: Callable[[], str], *, folder: str, limit_s: float = TIME_LIMIT_S
) -> WorkerResult:
    """Return what a function finds or does as a user.

    Whatever it imports must be loaded before: the user need not be able to read this program.

    Args:
        folder: The client's folder below a home.
    Raises:
        UsageError: As for `require_root_and_isolation`.
    """
    require_root_and_isolation()
    until = time.monotonic() + limit_s
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(user, job, folder, writing, limit_s)
    os.close(writing)
    try:
        data = _read_until(reading, until)
    finally:
        os.close(reading)
        status = _end(child)
    if data is None:
        return _make_failed_result(user, f"the time limit of {limit_s:g} s is over")
    return _parse_answer(user, data, status)


def _make_failed_result(user: LocalUser, why: str, code: int = UNEVALUATED_EXIT) -> WorkerResult:
    return WorkerResult(user, "failed", why, code)


def _read_until(descriptor: int, until: float) -> bytes | None:
    """Return everything up to the end, or a byte more than an answer may have; None when late."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    data = bytearray()
    while len(data) <= ANSWER_LIMIT:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return None
        part = os.read(descriptor, 1 << 16)
        if not part:
            break
        data += part
    return bytes(data)


def _end(child: int) -> int | None:
    """End a child and all that it started; return its status, None where it cannot even die."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(child, signal.SIGKILL)
    until = time.monotonic() + GRACE_S
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            return None
        time.sleep(0.01)


def _parse_answer(user: LocalUser, data: bytes, status: int | None) -> WorkerResult:
    """Return what a child's answer says; it is not believed to be one."""
    if len(data) > ANSWER_LIMIT:
        return _make_failed_result(user, f"the answer is larger than {ANSWER_LIMIT} bytes")
    if not data:
        by = f" by signal {-status}" if status is not None and status < 0 else ""
        return _make_failed_result(user, f"the process was ended{by} before it answered")
    try:
        outcome, text, code = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return _make_failed_result(user, "the worker returned an invalid result")
    fits = isinstance(text, str) and type(code) is int
    if outcome not in get_args(Outcome) or not fits:
        return _make_failed_result(user, "the worker returned an invalid result")
    if outcome == "failed" and code not in (INVALID_EXIT, UNEVALUATED_EXIT):
        code = UNEVALUATED_EXIT
    return WorkerResult(user, outcome, text, code if outcome == "failed" else 0)


def _answer(
    user: LocalUser, job: Callable[[], str], folder: str, writing: int, limit_s: float
) -> NoReturn:
    """Be the child, to its end; nothing of the parent's may run here as the user."""
    try:
        _let_go(writing)
        outcome: Outcome = "failed"
        code = UNEVALUATED_EXIT
        try:
            _become(user, folder, limit_s)
            outcome, text, code = "done", job(), 0
        except SkippedError as error:
            outcome, text, code = "skipped", str(error), 0
        except TipstaffError as error:
            text, code = f"{error.where}: {error.what}".removeprefix(": "), error.exit_code
        except OSError as error:
            text = f"{error.filename or user.home}: {reason_of(error)}"
        except MemoryError:
            text = "needs more memory than a worker may use"
        except BaseException as error:  # noqa: BLE001 - no traceback of root's may reach a user
            text = f"internal error ({type(error).__name__})"
        _write(json.dumps([outcome, text, code]).encode())
    finally:
        os._exit(0)


def _let_go(writing: int) -> None:
    """Leave the terminal, and every descriptor but the answer."""
    os.setsid()
    if writing != ANSWER:
        os.dup2(writing, ANSWER, inheritable=False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    _close_from(ANSWER + 1)


def _close_from(first: int) -> None:
    """Close every descriptor from a number on.

    A Mac names no largest one where there is no limit, and closes them one by one.
    """
    if this_platform() != "macos":
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
        return
    for name in os.listdir(DESCRIPTORS):
        with suppress(OSError):  # that of the listing itself
            if int(name) >= first:
                os.close(int(name))


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(ANSWER, data) :]


def _become(user: LocalUser, folder: str, limit_s: float) -> None:
    """Take the user's ids, surroundings and bounds; go to the home where that can be done."""
    if user.uid == 0:
        _require_own(f"{user.home}/{folder}")
    _drop_rights(user)
    os.umask(0o022)  # as the client makes its lock files; what is secret has a mode of its own
    environment = _make_environment(user)
    os.environ.clear()
    os.environ.update(environment)
    seconds = int(limit_s) + 1
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, FILE_LIMIT),
        (resource.RLIMIT_NOFILE, DESCRIPTOR_LIMIT),
    ):
        _limit(kind, limit)
    if this_platform() != "macos":  # which enforces none, and refuses one below what is used
        _limit(resource.RLIMIT_AS, MEMORY_LIMIT)
    _go_home(user, folder)


def _limit(kind: int, limit: int) -> None:
    _, hard = resource.getrlimit(kind)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))


def _require_own(place: str) -> None:
    """Refuse to act with root's rights where another user could change the path.

    Raises:
        EvaluationError: Another user could.
    """
    loose = loose_places(place) or ()
    if loose:
        raise EvaluationError(
            f"root does not work in a home that others can change: {loose[0]}", where=place
        )


def _drop_rights(user: LocalUser) -> None:
    """Take the user's ids and groups for good.

    Raises:
        EvaluationError: The system did not do it.
    """
    if user.uid == 0:
        return
    try:
        os.initgroups(user.name, user.gid)
        _take_ids(user)
    except OSError as error:
        raise EvaluationError(f"cannot become {user.name}: {error.strerror}") from error
    with suppress(PermissionError):
        os.setuid(0)
    if {*_ids(os.getuid, os.geteuid, "getresuid")} != {user.uid} or {
        *_ids(os.getgid, os.getegid, "getresgid")
    } != {user.gid}:
        raise EvaluationError(f"cannot become {user.name} for good")


def _take_ids(user: LocalUser) -> None:
    """Set the real, effective and saved ids.

    A Mac has no call that names all three; for root the plain ones set them all (setuid(2)).
    """
    if hasattr(os, "setresuid"):
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    else:
        os.setgid(user.gid)
        os.setuid(user.uid)


def _ids(real: Callable[[], int], effective: Callable[[], int], every: str) -> tuple[int, ...]:
    """Return every id that the system shows; a Mac does not show the saved one."""
    call: Callable[[], tuple[int, ...]] | None = getattr(os, every, None)
    return call() if call else (real(), effective())


def _make_environment(user: LocalUser) -> Mapping[str, str]:
    """Return the few variables that every session of the user has; nothing of root's."""
    found = {"HOME": user.home, "USER": user.name, "LOGNAME": user.name, "PATH": PATH}
    runtime = f"/run/user/{user.uid}"
    with suppress(OSError):
        facts = os.lstat(runtime)
        if stat.S_ISDIR(facts.st_mode) and facts.st_uid == user.uid:
            found["XDG_RUNTIME_DIR"] = runtime
    return found


def _go_home(user: LocalUser, folder: str) -> None:
    """Go to the home, or to ``/`` where its own user may not.

    Raises:
        SkippedError: There is no home, or no client's folder in that of an account like `daemon`.
    """
    try:
        os.stat(user.home if user.signs_in else f"{user.home}/{folder}")
    except (FileNotFoundError, NotADirectoryError):
        missing = "no home" if user.signs_in else "no folder of a client"
        raise SkippedError(missing) from None
    except OSError:
        pass  # what cannot be looked at is there, and judged
    try:
        os.chdir(user.home)
    except OSError:
        os.chdir("/")
