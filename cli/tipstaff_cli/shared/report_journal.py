"""Reports in the system's journal, for what runs with a user's rights and may write no log.

Source: the journal's native protocol, https://systemd.io/JOURNAL_NATIVE_PROTOCOL/.
"""

import errno
import os
import socket
import sys

from pydantic import BaseModel

from tipstaff_policy.errors import AccessDeniedError
from tipstaff_reports import json_report

if sys.platform != "win32":
    import fcntl

SOCKET = "/run/systemd/journal/socket"
FIELD = "TIPSTAFF_REPORT"
SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
TIME_LIMIT_S = 5.0


def send_report(document: BaseModel, summary: str, place: str = SOCKET) -> None:
    """Send a document to the journal: `journalctl -t tipstaff -o json` shows it.

    Args:
        document: A report of any kind.
        summary: What the journal shows of it.
        place: The journal's socket.

    Raises:
        AccessDeniedError: There is no journal, or it does not take the report.
    """
    fields = {
        "MESSAGE": summary,
        "PRIORITY": "5",
        "SYSLOG_IDENTIFIER": "tipstaff",
        FIELD: json_report.line(document).rstrip("\n"),
    }
    data = "".join(f"{name}={value}\n" for name, value in fields.items()).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as journal:
            journal.settimeout(TIME_LIMIT_S)
            journal.connect(place)
            _send(journal, data)
    except OSError as error:
        raise AccessDeniedError(
            f"the report is not in the journal: {error.strerror or 'it does not answer'}",
            where=place,
            remedy="see that systemd-journald runs, or use --report-log",
        ) from error


def _send(journal: socket.socket, data: bytes) -> None:
    """Send a datagram; one that is too large goes as a sealed file in memory."""
    try:
        journal.send(data)
    except OSError as error:
        if error.errno not in {errno.EMSGSIZE, errno.ENOBUFS}:
            raise
    else:
        return
    memory = os.memfd_create("tipstaff-report", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.write(memory, data)
        fcntl.fcntl(memory, fcntl.F_ADD_SEALS, SEALS)
        socket.send_fds(journal, [b""], [memory])
    finally:
        os.close(memory)
