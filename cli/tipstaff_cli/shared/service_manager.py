"""Report the state of a service to systemd by its datagrams (sd_notify(3))."""

import os
import socket
import sys
from contextlib import suppress


class ServiceManager:
    """The service manager that started this process, if there is one."""

    def __init__(self, address: str, watchdog_us: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.interval_s = int(watchdog_us) / 2_000_000 if watchdog_us.isdecimal() else None
        """How often the manager needs a sign of life; None if it needs none."""

    def notify(self, state: str) -> None:
        """Send a state such as ``READY=1``; it is no error if nothing listens."""
        if not self._address or sys.platform == "win32":
            return
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
        with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sender:
            sender.sendto(state.encode(), self._address)


def service_manager() -> ServiceManager:
    """Return the manager that the environment names, and hide it from child processes."""
    return ServiceManager(os.environ.pop("NOTIFY_SOCKET", ""), os.environ.pop("WATCHDOG_USEC", ""))
