"""A folder that is held open, so that nothing can be put in its place while files in it change.

Windows has no calls by the descriptor of a folder. While a folder is open without the right to
delete it, neither it nor one above it can be renamed; the path that the system gives for it has
no links. So a path below it leads where a descriptor would.
Source: <https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew>,
<https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfinalpathnamebyhandlew>.
"""

import ctypes
import os
import stat
import sys
import time

from tipstaff_policy.system.windows.api import (
    INVALID_HANDLE,
    IO_PENDING,
    LOCK_VIOLATION,
    OVERLAPPED,
    failure,
    function,
    last_error,
)

READ_ATTRIBUTES_AND_LIST = 0x80 | 0x1
SHARE_READ_WRITE = 0x1 | 0x2
"""Not FILE_SHARE_DELETE, which would let others rename the folder."""
OPEN_EXISTING = 3
BACKUP_SEMANTICS = 0x02000000
"""Without it no folder can be opened."""
LONGEST = 32767
VERBATIM, VERBATIM_SHARE = "\\\\?\\", "\\\\?\\UNC\\"
LOCK_EXCLUSIVE, LOCK_AT_ONCE = 0x2, 0x1
WHOLE = 0xFFFFFFFF
POLL_S = 0.05
DIRECTORY, REPARSE_POINT = 0x10, 0x400


def open_folder(path: str) -> int:
    """Return a descriptor of a folder, which stays in its place until it is closed.

    Raises:
        OSError: It is no folder, or cannot be opened.
    """
    handle = function("CreateFileW")(
        path,
        READ_ATTRIBUTES_AND_LIST,
        SHARE_READ_WRITE,
        None,
        OPEN_EXISTING,
        BACKUP_SEMANTICS,
        None,
    )
    if handle in (None, INVALID_HANDLE):
        raise failure(last_error())
    descriptor = _as_descriptor(handle)
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotADirectoryError(20, "is no folder", path)
    return descriptor


def place_in(folder: int, name: str) -> str:
    """Return the path of a file in an open folder, which leads there through no link.

    A path that begins as the system gives it takes no slashes.

    Raises:
        OSError: The system does not name the folder.
    """
    below = name.replace("/", "\\")
    return f"{find_final_path(folder)}\\{below}"


def find_final_path(descriptor: int) -> str:
    """Return the path of what is open, without links, in the system's own spelling.

    Raises:
        OSError: The system does not name it.
    """
    buffer = ctypes.create_unicode_buffer(LONGEST)
    length = function("GetFinalPathNameByHandleW")(_handle_of(descriptor), buffer, LONGEST, 0)
    if not length or length >= LONGEST:
        raise failure(last_error())
    return buffer.value


def canonical(path: str) -> str:
    r"""Return a path as Rust's `std::fs::canonicalize` does: without links, `\\?\` before it.

    Raises:
        OSError: It does not exist, or cannot be opened.
    """
    handle = function("CreateFileW")(
        path, 0, SHARE_READ_WRITE | 0x4, None, OPEN_EXISTING, BACKUP_SEMANTICS, None
    )
    if handle in (None, INVALID_HANDLE):
        raise failure(last_error())
    descriptor = _as_descriptor(handle)
    try:
        return find_final_path(descriptor)
    finally:
        os.close(descriptor)


def is_link(path: str) -> bool:
    """Return whether a path is a link, a junction or another point that leads elsewhere.

    Raises:
        OSError: There is nothing.
    """
    return bool(getattr(os.lstat(path), "st_file_attributes", 0) & REPARSE_POINT)


def lock(descriptor: int, until: float) -> bool:
    """Lock a whole file as the client does; return whether that was possible in time.

    Source: <https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex>; the
    client locks by Rust's `File::lock`, which locks every byte of a file by this call.

    Args:
        until: On the monotonic clock.
    Raises:
        OSError: It cannot be locked at all.
    """
    handle = _handle_of(descriptor)
    while True:
        over = OVERLAPPED()
        if function("LockFileEx")(
            handle, LOCK_EXCLUSIVE | LOCK_AT_ONCE, 0, WHOLE, WHOLE, ctypes.byref(over)
        ):
            return True
        if (code := last_error()) not in (LOCK_VIOLATION, IO_PENDING):
            raise failure(code)
        if time.monotonic() >= until:
            return False
        time.sleep(POLL_S)


def _as_descriptor(handle: int) -> int:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows alone has it

        return msvcrt.open_osfhandle(handle, os.O_RDONLY)
    return handle


def _handle_of(descriptor: int) -> int:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows alone has it

        return msvcrt.get_osfhandle(descriptor)
    return descriptor
