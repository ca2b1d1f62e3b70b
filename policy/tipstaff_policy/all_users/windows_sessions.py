"""A run over every user on Windows: SYSTEM starts one process in the session of each.

Each has that user's own token and environment, which the system makes; this process reads nothing
of a user's. Who is not signed in has no token: the tasks of the user's own session run at the next
log-on. A process that takes too long is ended, and the next user has the turn.

Source: <https://learn.microsoft.com/windows/win32/api/wtsapi32/nf-wtsapi32-wtsqueryusertoken>,
<https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessasuserw>.
"""

import ctypes
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tipstaff_policy.errors import UNEVALUATED_EXIT, AccessDeniedError, UsageError
from tipstaff_policy.record import Record
from tipstaff_policy.system.windows.api import (
    DWORD,
    HANDLE,
    PROCESS_INFORMATION,
    STARTUPINFOW,
    WTS_SESSION_INFOW,
    failure,
    function,
    last_error,
)

ACTIVE, DISCONNECTED = 0, 4
"""WTSActive and WTSDisconnected: states of a session in which a user is signed in."""
USER_NAME = 5
"""WTSUserName."""
NO_WINDOW, OWN_ENVIRONMENT = 0x08000000, 0x400
"""CREATE_NO_WINDOW, CREATE_UNICODE_ENVIRONMENT."""
NO = 0
"""FALSE."""
ENDED = 0
"""WAIT_OBJECT_0."""
KILLED = 1


class Session(Record):
    """A session, and the user who is signed in to it."""

    number: int
    user: str


class SessionResult(Record):
    """What came of the process of one user."""

    user: str
    exit_code: int
    why: str = ""
    """Why it was not started, or ended; nothing where it ended by itself."""


class _How(Record):
    words: tuple[str, ...]
    folder: str
    limit_s: float


def run_in_sessions(
    names: Iterable[str], words: tuple[str, ...], folder: str, *, limit_s: float
) -> tuple[SessionResult, ...]:
    """Run a command in the session of every user, or of those who are named.

    Args:
        words: The program by its absolute path, and its arguments.
        folder: The working folder of every process.

    Raises:
        AccessDeniedError: This process is not SYSTEM's, or no session can be listed.
        UsageError: A name is of no user who is signed in.
    """
    sessions = read_sessions()
    wanted = {name.casefold() for name in names}
    known = {session.user.casefold() for session in sessions}
    if wanted - known:
        raise UsageError(
            f"{min(wanted - known)!r} is not signed in",
            expected="the name of a user with a session: " + ", ".join(sorted(known)),
        )
    chosen = [session for session in sessions if not wanted or session.user.casefold() in wanted]
    return tuple(_run_in(session, words, folder, limit_s) for session in chosen)


def read_sessions() -> tuple[Session, ...]:
    """Return the sessions with a user, each user's first.

    Raises:
        AccessDeniedError: They cannot be listed.
    """
    listed, count = ctypes.POINTER(WTS_SESSION_INFOW)(), DWORD()
    if not function("WTSEnumerateSessionsW")(
        HANDLE(), 0, 1, ctypes.byref(listed), ctypes.byref(count)
    ):
        raise AccessDeniedError(f"no session can be listed: error {last_error()} of Windows")
    try:
        found = [
            Session(info.SessionId, _ask_user(info.SessionId))
            for info in (listed[number] for number in range(count.value))
            if info.State in (ACTIVE, DISCONNECTED)
        ]
    finally:
        function("WTSFreeMemory")(listed)
    first = {session.user.casefold(): session for session in reversed(found) if session.user}
    return tuple(sorted(first.values()))


def _ask_user(session: int) -> str:
    text, length = ctypes.c_void_p(), DWORD()
    if not function("WTSQuerySessionInformationW")(
        HANDLE(), session, USER_NAME, ctypes.byref(text), ctypes.byref(length)
    ):
        return ""
    try:
        return ctypes.wstring_at(text.value) if text.value else ""
    finally:
        function("WTSFreeMemory")(text)


def _run_in(session: Session, words: tuple[str, ...], folder: str, limit_s: float) -> SessionResult:
    try:
        with _open_token(session) as token, _make_environment(token) as environment:
            return _run_with(session, token, environment, _How(words, folder, limit_s))
    except OSError as error:
        why = f"cannot be started: {error.strerror or error}"
        return SessionResult(session.user, UNEVALUATED_EXIT, why)


def _run_with(
    session: Session, token: HANDLE, environment: ctypes.c_void_p, how: _How
) -> SessionResult:
    words, folder, limit_s = how
    start = STARTUPINFOW(cb=ctypes.sizeof(STARTUPINFOW))
    process = PROCESS_INFORMATION()
    line = ctypes.create_unicode_buffer(subprocess.list2cmdline(words))
    if not function("CreateProcessAsUserW")(
        token, words[0], line, None, None, NO, NO_WINDOW | OWN_ENVIRONMENT,
        environment, folder, ctypes.byref(start), ctypes.byref(process),
    ):  # fmt: skip
        raise failure(last_error())
    try:
        if function("WaitForSingleObject")(process.hProcess, int(limit_s * 1000)) != ENDED:
            function("TerminateProcess")(process.hProcess, KILLED)
            return SessionResult(session.user, UNEVALUATED_EXIT, f"took longer than {limit_s:g} s")
        code = DWORD()
        if not function("GetExitCodeProcess")(process.hProcess, ctypes.byref(code)):
            raise failure(last_error())
        return SessionResult(session.user, code.value)
    finally:
        function("CloseHandle")(process.hThread)
        function("CloseHandle")(process.hProcess)


@contextmanager
def _open_token(session: Session) -> Iterator[HANDLE]:
    token = HANDLE()
    if not function("WTSQueryUserToken")(session.number, ctypes.byref(token)):
        raise failure(last_error())
    try:
        yield token
    finally:
        function("CloseHandle")(token)


@contextmanager
def _make_environment(token: HANDLE) -> Iterator[ctypes.c_void_p]:
    """Give the environment that the user's own session has, and nothing of this process's."""
    block = ctypes.c_void_p()
    if not function("CreateEnvironmentBlock")(ctypes.byref(block), token, NO):
        raise failure(last_error())
    try:
        yield block
    finally:
        function("DestroyEnvironmentBlock")(block)
