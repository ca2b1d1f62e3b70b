"""Folders that administrators alone can change, made so from the first moment.

Source: <https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createdirectoryw>,
<https://learn.microsoft.com/windows/win32/api/sddl/nf-sddl-convertstringsecuritydescriptortosecuritydescriptorw>.
"""

import ctypes
import os

from tipstaff_policy.system.windows.api import (
    BOOL,
    DWORD,
    SECURITY_ATTRIBUTES,
    failure,
    function,
    last_error,
)

PROTECTED = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
"""Owned by the administrators; SYSTEM and they may do all, users read and start. Nothing is
inherited, because `C:\\ProgramData` lets users make files in what is below it."""
REVISION = 1
"""SDDL_REVISION_1."""


def make_folder(path: str) -> None:
    """Make a folder, and those above it that are missing.

    Raises:
        OSError: As the system reports it; there is something of that name, too.
    """
    above = os.path.dirname(path)
    if above and not os.path.isdir(above):
        make_folder(above)
    descriptor = ctypes.c_void_p()
    if not function("ConvertStringSecurityDescriptorToSecurityDescriptorW")(
        PROTECTED, REVISION, ctypes.byref(descriptor), None
    ):
        raise failure(last_error())
    try:
        attributes = SECURITY_ATTRIBUTES(
            DWORD(ctypes.sizeof(SECURITY_ATTRIBUTES)), descriptor, BOOL(0)
        )
        if not function("CreateDirectoryW")(path, ctypes.byref(attributes)):
            raise failure(last_error())
    finally:
        function("LocalFree")(descriptor)
