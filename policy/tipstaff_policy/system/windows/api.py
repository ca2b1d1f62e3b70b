"""The functions of Windows that are called here, with the types that Microsoft documents.

Each is called through `function`, by its name in `SIGNATURES`; on no other system is one loaded.
Tests put one fake library into `LOADED` in place of the system's.

DWORD and BOOL have 32 bits on every Windows. The types of `ctypes.wintypes` have those of the
machine that they are used on, so that a test on another system would compare other layouts.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from tipstaff_policy.record import Record

BOOL, DWORD, WORD = ctypes.c_int32, ctypes.c_uint32, ctypes.c_uint16
HRESULT = ctypes.c_int32
HANDLE = ctypes.c_void_p
PWSTR = ctypes.c_void_p
"""A text that the system allocates and the caller frees."""
LPCWSTR = ctypes.c_wchar_p
LPBYTE = ctypes.POINTER(ctypes.c_ubyte)
INVALID_HANDLE = ctypes.c_void_p(-1).value
SYSTEM32_ONLY = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32: no folder of a user's or a program's is searched."""

NOT_FOUND, ACCESS_DENIED, NO_LOGON_SESSION = 1168, 5, 1312
"""ERROR_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_NO_SUCH_LOGON_SESSION."""
LOCK_VIOLATION, IO_PENDING = 33, 997


class GUID(ctypes.Structure):
    """<https://learn.microsoft.com/windows/win32/api/guiddef/ns-guiddef-guid>."""

    _fields_ = (
        ("Data1", DWORD),
        ("Data2", WORD),
        ("Data3", WORD),
        ("Data4", ctypes.c_ubyte * 8),
    )


class FILETIME(ctypes.Structure):
    """<https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime>."""

    _fields_ = (("dwLowDateTime", DWORD), ("dwHighDateTime", DWORD))


class CREDENTIALW(ctypes.Structure):
    """<https://learn.microsoft.com/windows/win32/api/wincred/ns-wincred-credentialw>."""

    _fields_ = (
        ("Flags", DWORD),
        ("Type", DWORD),
        ("TargetName", ctypes.c_wchar_p),
        ("Comment", ctypes.c_wchar_p),
        ("LastWritten", FILETIME),
        ("CredentialBlobSize", DWORD),
        ("CredentialBlob", LPBYTE),
        ("Persist", DWORD),
        ("AttributeCount", DWORD),
        ("Attributes", ctypes.c_void_p),
        ("TargetAlias", ctypes.c_wchar_p),
        ("UserName", ctypes.c_wchar_p),
    )


class OVERLAPPED(ctypes.Structure):
    """<https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-overlapped>."""

    _fields_ = (
        ("Internal", ctypes.c_size_t),
        ("InternalHigh", ctypes.c_size_t),
        ("Offset", DWORD),
        ("OffsetHigh", DWORD),
        ("hEvent", HANDLE),
    )


class SECURITY_ATTRIBUTES(ctypes.Structure):  # noqa: N801 - as the documentation calls it
    """<https://learn.microsoft.com/windows/win32/api/wtypesbase/ns-wtypesbase-security_attributes>."""

    _fields_ = (
        ("nLength", DWORD),
        ("lpSecurityDescriptor", ctypes.c_void_p),
        ("bInheritHandle", BOOL),
    )


class WTS_SESSION_INFOW(ctypes.Structure):  # noqa: N801 - as the documentation calls it
    """<https://learn.microsoft.com/windows/win32/api/wtsapi32/ns-wtsapi32-wts_session_infow>."""

    _fields_ = (
        ("SessionId", DWORD),
        ("pWinStationName", ctypes.c_wchar_p),
        ("State", ctypes.c_int32),
    )


class STARTUPINFOW(ctypes.Structure):
    """<https://learn.microsoft.com/windows/win32/api/processthreadsapi/ns-processthreadsapi-startupinfow>."""

    _fields_ = (
        ("cb", DWORD),
        ("lpReserved", ctypes.c_wchar_p),
        ("lpDesktop", ctypes.c_wchar_p),
        ("lpTitle", ctypes.c_wchar_p),
        ("dwX", DWORD),
        ("dwY", DWORD),
        ("dwXSize", DWORD),
        ("dwYSize", DWORD),
        ("dwXCountChars", DWORD),
        ("dwYCountChars", DWORD),
        ("dwFillAttribute", DWORD),
        ("dwFlags", DWORD),
        ("wShowWindow", WORD),
        ("cbReserved2", WORD),
        ("lpReserved2", LPBYTE),
        ("hStdInput", HANDLE),
        ("hStdOutput", HANDLE),
        ("hStdError", HANDLE),
    )


class PROCESS_INFORMATION(ctypes.Structure):  # noqa: N801 - as the documentation calls it
    """<https://learn.microsoft.com/windows/win32/api/processthreadsapi/ns-processthreadsapi-process_information>."""

    _fields_ = (
        ("hProcess", HANDLE),
        ("hThread", HANDLE),
        ("dwProcessId", DWORD),
        ("dwThreadId", DWORD),
    )


PCREDENTIALW = ctypes.POINTER(CREDENTIALW)


class Signature(Record):
    """A function: its library, what it returns, and what it takes."""

    library: str
    returns: Any
    takes: tuple[Any, ...]


SIGNATURES = {
    # wincred.h
    "CredReadW": Signature("advapi32", BOOL, (LPCWSTR, DWORD, DWORD, ctypes.POINTER(PCREDENTIALW))),
    "CredWriteW": Signature("advapi32", BOOL, (PCREDENTIALW, DWORD)),
    "CredDeleteW": Signature("advapi32", BOOL, (LPCWSTR, DWORD, DWORD)),
    "CredEnumerateW": Signature(
        "advapi32",
        BOOL,
        (
            LPCWSTR,
            DWORD,
            ctypes.POINTER(DWORD),
            ctypes.POINTER(ctypes.POINTER(PCREDENTIALW)),
        ),
    ),
    "CredFree": Signature("advapi32", None, (ctypes.c_void_p,)),
    # winbase.h
    "RegisterEventSourceW": Signature("advapi32", HANDLE, (LPCWSTR, LPCWSTR)),
    "ReportEventW": Signature(
        "advapi32",
        BOOL,
        (
            HANDLE,
            WORD,
            WORD,
            DWORD,
            ctypes.c_void_p,
            WORD,
            DWORD,
            ctypes.POINTER(LPCWSTR),
            ctypes.c_void_p,
        ),
    ),
    "DeregisterEventSource": Signature("advapi32", BOOL, (HANDLE,)),
    # shlobj_core.h, combaseapi.h
    "SHGetKnownFolderPath": Signature(
        "shell32", HRESULT, (ctypes.POINTER(GUID), DWORD, HANDLE, ctypes.POINTER(PWSTR))
    ),
    "IsUserAnAdmin": Signature("shell32", BOOL, ()),
    "CoTaskMemFree": Signature("ole32", None, (ctypes.c_void_p,)),
    # fileapi.h, handleapi.h
    "CreateFileW": Signature(
        "kernel32", HANDLE, (LPCWSTR, DWORD, DWORD, ctypes.c_void_p, DWORD, DWORD, HANDLE)
    ),
    "GetFinalPathNameByHandleW": Signature(
        "kernel32", DWORD, (HANDLE, ctypes.c_wchar_p, DWORD, DWORD)
    ),
    "LockFileEx": Signature(
        "kernel32", BOOL, (HANDLE, DWORD, DWORD, DWORD, DWORD, ctypes.POINTER(OVERLAPPED))
    ),
    "CreateDirectoryW": Signature("kernel32", BOOL, (LPCWSTR, ctypes.POINTER(SECURITY_ATTRIBUTES))),
    "LocalFree": Signature("kernel32", HANDLE, (ctypes.c_void_p,)),
    # wtsapi32.h, userenv.h, processthreadsapi.h, synchapi.h
    "WTSEnumerateSessionsW": Signature(
        "wtsapi32",
        BOOL,
        (
            HANDLE,
            DWORD,
            DWORD,
            ctypes.POINTER(ctypes.POINTER(WTS_SESSION_INFOW)),
            ctypes.POINTER(DWORD),
        ),
    ),
    "WTSQuerySessionInformationW": Signature(
        "wtsapi32",
        BOOL,
        (HANDLE, DWORD, ctypes.c_int32, ctypes.POINTER(PWSTR), ctypes.POINTER(DWORD)),
    ),
    "WTSFreeMemory": Signature("wtsapi32", None, (ctypes.c_void_p,)),
    "WTSQueryUserToken": Signature("wtsapi32", BOOL, (DWORD, ctypes.POINTER(HANDLE))),
    "CreateEnvironmentBlock": Signature(
        "userenv", BOOL, (ctypes.POINTER(ctypes.c_void_p), HANDLE, BOOL)
    ),
    "DestroyEnvironmentBlock": Signature("userenv", BOOL, (ctypes.c_void_p,)),
    "CreateProcessAsUserW": Signature(
        "advapi32",
        BOOL,
        (
            HANDLE,
            LPCWSTR,
            ctypes.c_wchar_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            BOOL,
            DWORD,
            ctypes.c_void_p,
            LPCWSTR,
            ctypes.POINTER(STARTUPINFOW),
            ctypes.POINTER(PROCESS_INFORMATION),
        ),
    ),
    "WaitForSingleObject": Signature("kernel32", DWORD, (HANDLE, DWORD)),
    "GetExitCodeProcess": Signature("kernel32", BOOL, (HANDLE, ctypes.POINTER(DWORD))),
    "TerminateProcess": Signature("kernel32", BOOL, (HANDLE, ctypes.c_uint32)),
    # sddl.h
    "ConvertStringSecurityDescriptorToSecurityDescriptorW": Signature(
        "advapi32",
        BOOL,
        (LPCWSTR, DWORD, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(DWORD)),
    ),
    "CloseHandle": Signature("kernel32", BOOL, (HANDLE,)),
}
"""By name. Source: the page of each function below <https://learn.microsoft.com/windows/win32/api/>."""
LOADED: dict[str, Any] = {}
"""The libraries that are in use."""


def function(name: str) -> Callable[..., Any]:
    """Return a function of Windows with its documented types.

    Raises:
        OSError: This is no Windows.
    """
    signature = SIGNATURES[name]
    found = getattr(_load_library(signature.library), name)
    found.restype, found.argtypes = signature.returns, signature.takes
    called: Callable[..., Any] = found
    return called


def last_error() -> int:
    """Return the error code of the last call."""
    read = getattr(ctypes, "get_last_error", None)
    return int(read()) if read else 0


def failure(code: int) -> OSError:
    """Return an error code as the exception that Python has for it."""
    named = getattr(ctypes, "WinError", None)
    return named(code) if named else OSError(code, f"error {code} of Windows")


def _load_library(name: str) -> Any:
    if name not in LOADED:
        library = getattr(ctypes, "WinDLL", None)
        if library is None:
            raise OSError(0, "there is no Windows here")
        LOADED[name] = library(name, use_last_error=True, winmode=SYSTEM32_ONLY)
    return LOADED[name]
