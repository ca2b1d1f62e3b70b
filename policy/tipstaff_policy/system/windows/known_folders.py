"""The folders of this Windows, from the system itself and from no variable of the environment.

Paths of Windows are written as in an image of it, without a drive (`/ProgramData/…`). On a live
Windows `live_path` says where that is.
"""

import ctypes
import re
from functools import lru_cache

from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.system.windows.api import GUID, HANDLE, PWSTR, function

FOLDERS = {
    "ProgramFiles": "905E63B6-C1BF-494E-B29C-65B732D3D21A",
    "ProgramData": "62AB5D82-FDC1-4DC3-A9DD-070D1D495D97",
    "UserProfiles": "0762D272-C50A-4BB0-A382-697DCD729B80",
    "LocalAppData": "F1B32785-6FBA-4FCF-9D55-7B8E7F157091",
    "Profile": "5E6C858F-0E22-4760-9AFE-EA3317B67173",
    "Windows": "F38BF404-1D43-42F2-9305-67DE0B28FC23",
    "System": "1AC14E77-02E7-4E5D-B744-2EB1AE5198B7",
}
"""Source: <https://learn.microsoft.com/windows/win32/shell/knownfolderid>."""
AT_THE_TOP = (
    ("/ProgramData", "ProgramData"),
    ("/Program Files", "ProgramFiles"),
    ("/Users", "UserProfiles"),
    ("/Windows/System32", "System"),
    ("/Windows", "Windows"),
)
"""What the paths of an image begin with; the longer of two first."""


@lru_cache
def find_known_folder(name: str) -> str:
    """Return the path of a folder, with slashes.

    Raises:
        EvaluationError: The system does not name it.
    """
    found = PWSTR()
    failed = function("SHGetKnownFolderPath")(
        ctypes.byref(parse_guid(FOLDERS[name])), 0, HANDLE(), ctypes.byref(found)
    )
    try:
        path = ctypes.wstring_at(found.value) if found.value and not failed else ""
    finally:
        function("CoTaskMemFree")(found)
    if not path:
        raise EvaluationError(
            f"Windows does not name its folder {name} (error {failed & 0xFFFFFFFF:#010x})",
            remedy="sign in to a full session of this user, and run this again",
        )
    return path.replace("\\", "/").rstrip("/")


def live_path(path: str) -> str:
    """Return where a path of an image is on this Windows; one with a drive stays.

    Raises:
        EvaluationError: The system does not name a folder that it begins with.
    """
    if not path.startswith("/") or path.startswith("//"):
        return path
    for beginning, name in AT_THE_TOP:
        if path == beginning or path.startswith(f"{beginning}/"):
            return find_known_folder(name) + path[len(beginning) :]
    return find_known_folder("Windows")[:2] + path


def parse_guid(text: str) -> GUID:
    """Return an identifier from its usual text, without braces.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
        raise ValueError(text)
    first, second, third, *rest = text.split("-")
    last = bytes.fromhex("".join(rest))
    return GUID(int(first, 16), int(second, 16), int(third, 16), (ctypes.c_ubyte * 8)(*last))
