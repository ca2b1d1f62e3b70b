"""Telling systemd how a service is doing, by its plain datagrams (sd_notify(3))."""

import os
import socket
from contextlib import suppress


class ServiceManager:
    """Whoever has started this process and wants to hear of it; often nobody."""

    def __init__(self, address: str, watchdog_us: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.interval_s = int(watchdog_us) / 2_000_000 if watchdog_us.isdecimal() else None
        """How often it wants a sign of life; None where it waits for none."""

    def tell(self, state: str) -> None:
        """Send a state such as ``READY=1``; that nobody listens is no error."""
        if not self._address:
            return
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
        with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sender:
            sender.sendto(state.encode(), self._address)


def service_manager() -> ServiceManager:
    """Return the manager that the environment names, and keep it from the programs started here."""
    return ServiceManager(os.environ.pop("NOTIFY_SOCKET", ""), os.environ.pop("WATCHDOG_USEC", ""))
