r"""Records in the event log of Windows, which an ordinary user cannot take back.

Source: <https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-reporteventw>. The
installation registers the source, with the system's own message file whose every message is the
text itself (`%windir%\System32\EventCreate.exe`, identifiers 1 to 1000).
"""

import ctypes
from contextlib import suppress

from tipstaff_policy.system.windows.api import LPCWSTR, function

LOG, SOURCE = "Application", "Tipstaff"
INFORMATION, WARNING = 0x4, 0x2
"""EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE."""
IDENTIFIER = 100
"""Of every record of an action. `EventCreate.exe` has messages for 1 to 1000."""
LONGEST = 31839
"""Characters of one text, by the page of `ReportEventW`."""


def report(text: str, *, kind: int = WARNING) -> bool:
    """Write a record; return whether the system took it. It never raises."""
    with suppress(OSError):
        handle = function("RegisterEventSourceW")(None, SOURCE)
        if not handle:
            return False
        try:
            texts = (LPCWSTR * 1)(text[:LONGEST])
            written = function("ReportEventW")(
                handle, kind, 0, IDENTIFIER, None, 1, 0, texts, ctypes.c_void_p()
            )
            return bool(written)
        finally:
            function("DeregisterEventSource")(handle)
    return False
