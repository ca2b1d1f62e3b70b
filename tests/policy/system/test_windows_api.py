"""The functions of Windows are called with the types that Microsoft documents."""

import ctypes

import pytest

from support.machines.fake_windows import FOLDERS as DOCUMENTED_FOLDERS
from support.machines.fake_windows import windows  # noqa: F401 - a fixture
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.system.windows import api, event_log
from tipstaff_policy.system.windows.known_folders import (
    FOLDERS,
    find_known_folder,
    live_path,
    parse_guid,
)

BOOL, DWORD, WORD, HANDLE, TEXT = "BOOL", "DWORD", "WORD", "HANDLE", "LPCWSTR"
POINTER, NOTHING = "pointer", "void"
DOCUMENTED = {
    "CredReadW": (BOOL, TEXT, DWORD, DWORD, POINTER),
    "CredWriteW": (BOOL, POINTER, DWORD),
    "CredDeleteW": (BOOL, TEXT, DWORD, DWORD),
    "CredEnumerateW": (BOOL, TEXT, DWORD, POINTER, POINTER),
    "CredFree": (NOTHING, POINTER),
    "RegisterEventSourceW": (HANDLE, TEXT, TEXT),
    "ReportEventW": (BOOL, HANDLE, WORD, WORD, DWORD, POINTER, WORD, DWORD, POINTER, POINTER),
    "DeregisterEventSource": (BOOL, HANDLE),
    "SHGetKnownFolderPath": ("HRESULT", POINTER, DWORD, HANDLE, POINTER),
    "IsUserAnAdmin": (BOOL,),
    "CoTaskMemFree": (NOTHING, POINTER),
    "CreateFileW": (HANDLE, TEXT, DWORD, DWORD, POINTER, DWORD, DWORD, HANDLE),
    "GetFinalPathNameByHandleW": (DWORD, HANDLE, TEXT, DWORD, DWORD),
    "LockFileEx": (BOOL, HANDLE, DWORD, DWORD, DWORD, DWORD, POINTER),
    "CreateDirectoryW": (BOOL, TEXT, POINTER),
    "LocalFree": (HANDLE, POINTER),
    "ConvertStringSecurityDescriptorToSecurityDescriptorW": (BOOL, TEXT, DWORD, POINTER, POINTER),
    "CloseHandle": (BOOL, HANDLE),
    "WTSEnumerateSessionsW": (BOOL, HANDLE, DWORD, DWORD, POINTER, POINTER),
    "WTSQuerySessionInformationW": (BOOL, HANDLE, DWORD, "int", POINTER, POINTER),
    "WTSFreeMemory": (NOTHING, POINTER),
    "WTSQueryUserToken": (BOOL, DWORD, POINTER),
    "CreateEnvironmentBlock": (BOOL, POINTER, HANDLE, BOOL),
    "DestroyEnvironmentBlock": (BOOL, POINTER),
    "CreateProcessAsUserW": (
        BOOL, HANDLE, TEXT, TEXT, POINTER, POINTER, BOOL, DWORD, POINTER, TEXT, POINTER, POINTER,
    ),
    "WaitForSingleObject": (DWORD, HANDLE, DWORD),
    "GetExitCodeProcess": (BOOL, HANDLE, POINTER),
    "TerminateProcess": (BOOL, HANDLE, "UINT"),
}  # fmt: skip
"""What each page below <https://learn.microsoft.com/windows/win32/api/> says: the result, then what
it takes. A text that the function writes to is a pointer to letters as well."""
SIZES = {
    BOOL: 4,
    DWORD: 4,
    WORD: 2,
    HANDLE: 8,
    TEXT: 8,
    POINTER: 8,
    "HRESULT": 4,
    "int": 4,
    "UINT": 4,
}
"""Bytes on 64-bit Windows."""
SIGNED = {BOOL: True, "HRESULT": True, "int": True, DWORD: False, WORD: False, "UINT": False}
LAYOUTS = {
    api.CREDENTIALW: (
        80,
        {
            "Flags": 0, "Type": 4, "TargetName": 8, "Comment": 16, "LastWritten": 24,
            "CredentialBlobSize": 32, "CredentialBlob": 40, "Persist": 48, "AttributeCount": 52,
            "Attributes": 56, "TargetAlias": 64, "UserName": 72,
        },
    ),
    api.GUID: (16, {"Data1": 0, "Data2": 4, "Data3": 6, "Data4": 8}),
    api.OVERLAPPED: (32, {"Internal": 0, "InternalHigh": 8, "Offset": 16, "hEvent": 24}),
    api.SECURITY_ATTRIBUTES: (24, {"nLength": 0, "lpSecurityDescriptor": 8, "bInheritHandle": 16}),
    api.WTS_SESSION_INFOW: (24, {"SessionId": 0, "pWinStationName": 8, "State": 16}),
    api.STARTUPINFOW: (
        104,
        {"cb": 0, "lpReserved": 8, "dwX": 32, "dwFlags": 60, "wShowWindow": 64, "hStdInput": 80},
    ),
    api.PROCESS_INFORMATION: (24, {"hProcess": 0, "hThread": 8, "dwProcessId": 16}),
}  # fmt: skip
"""Size and offsets of the structures on 64-bit Windows, by the pages of each."""


def test_every_function_that_is_called_has_a_documented_signature():
    assert set(DOCUMENTED) == set(api.SIGNATURES)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_function_takes_and_returns_what_is_documented(name):
    signature, (returns, *takes) = api.SIGNATURES[name], DOCUMENTED[name]
    given = [signature.returns, *signature.takes]

    for documented, kind in zip([returns, *takes], given, strict=True):
        if documented == NOTHING:
            assert kind is None
            continue
        assert SIZES[documented] == ctypes.sizeof(kind)
        if documented in SIGNED:
            assert SIGNED[documented] == (kind(-1).value == -1)
        if documented == TEXT:
            assert kind is ctypes.c_wchar_p


@pytest.mark.parametrize("structure", LAYOUTS, ids=lambda structure: structure.__name__)
def test_a_structure_lies_in_memory_as_documented(structure):
    size, offsets = LAYOUTS[structure]
    found = {name: getattr(structure, name).offset for name in offsets}

    assert (size, offsets) == (ctypes.sizeof(structure), found)


def test_the_identifiers_of_known_folders_are_the_documented_ones():
    assert set(DOCUMENTED_FOLDERS) == set(FOLDERS.values())


def test_no_library_is_searched_outside_of_the_system(monkeypatch):
    asked = []
    monkeypatch.setattr(api, "LOADED", {})
    monkeypatch.setattr(
        ctypes, "WinDLL", lambda name, **how: asked.append((name, how)) or ctypes.pythonapi,
        raising=False,
    )  # fmt: skip

    with pytest.raises(AttributeError):
        api.function("CredReadW")

    assert [("advapi32", {"use_last_error": True, "winmode": 0x800})] == asked


def test_elsewhere_no_function_of_windows_is_called(monkeypatch):
    monkeypatch.setattr(api, "LOADED", {})

    with pytest.raises(OSError, match="no Windows here"):
        api.function("CredReadW")


def test_an_identifier_is_read_as_windows_stores_it():
    assert "c1b3db6e3a21b24691e1bd33b1d9d0f5" != bytes(parse_guid(FOLDERS["Profile"])).hex()
    assert "8f856c5e220e60479afeea3317b67173" == bytes(parse_guid(FOLDERS["Profile"])).hex()


@pytest.mark.parametrize(
    "text", ["", "5E6C858F", "{5E6C858F-0E22-4760-9AFE-EA3317B67173}", "x" * 36]
)
def test_what_is_no_identifier_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_guid(text)


PATHS = {
    "a file below ProgramData": (
        "/ProgramData/Tipstaff/policy.toml",
        "C:/ProgramData/Tipstaff/policy.toml",
    ),
    "the folder itself": ("/ProgramData", "C:/ProgramData"),
    "a name that only begins so": ("/ProgramDataX/a", "C:/ProgramDataX/a"),
    "another folder": ("/nodejs", "C:/nodejs"),
    "one with its drive": ("D:/x", "D:/x"),
    "a share": ("//server/share", "//server/share"),
}


@pytest.mark.parametrize(("path", "expected"), PATHS.values(), ids=PATHS)
def test_a_path_of_an_image_leads_into_the_folder_that_the_system_names(path, expected, windows):  # noqa: F811
    assert expected == live_path(path)


def test_a_moved_program_data_is_followed(windows):  # noqa: F811
    windows.folders["62AB5D82-FDC1-4DC3-A9DD-070D1D495D97"] = "D:\\Data"

    assert "D:/Data/Tipstaff" == live_path("/ProgramData/Tipstaff")


def test_a_folder_that_the_system_does_not_name_is_an_error_with_its_code(windows):  # noqa: F811
    del windows.folders["5E6C858F-0E22-4760-9AFE-EA3317B67173"]

    with pytest.raises(EvaluationError, match="0x80070002"):
        find_known_folder("Profile")


def test_the_memory_of_a_path_is_given_back(windows):  # noqa: F811
    find_known_folder("Profile")

    assert 1 == windows.freed


def test_a_record_goes_to_the_event_log_under_its_source(windows):  # noqa: F811
    assert event_log.report("what was done")

    assert [["Tipstaff", 0x2, 0, 100, "what was done"]] == windows.events


def test_a_record_is_as_long_as_the_event_log_takes(windows):  # noqa: F811
    event_log.report("x" * 40_000)

    assert 31839 == len(windows.events[0][-1])


def test_an_event_log_that_cannot_be_reached_changes_nothing(monkeypatch):
    monkeypatch.setattr(api, "LOADED", {})

    assert not event_log.report("x")
