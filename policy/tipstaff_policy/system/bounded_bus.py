"""A connection to a session bus that is given up at a moment, whatever the bus does.

The library itself waits without end if a bus accepts a caller and is silent then, and reads as
long as data come. The user's environment names a bus, so none of it is trusted.

Source: tests/policy/system/test_keyring_silent.py.
"""

import socket
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

BYTE_LIMIT = 64 << 20
"""What a caller takes in one connection; a login is some kilobytes."""


class BoundedSocket(socket.socket):
    """A socket that neither waits nor reads beyond what it may."""

    until: float | None = None
    """A moment of the monotonic clock; None for no end."""
    bytes_left = BYTE_LIMIT

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive as `socket.recv`; a `TimeoutError` ends it at the moment that was set."""
        self._wait_no_longer()
        data = super().recv(size, flags)
        if self.until is not None:
            self.bytes_left -= len(data)
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send as `socket.sendall`, and no longer than until the moment that was set."""
        self._wait_no_longer()
        super().sendall(data, flags)

    def count_seconds_left(self) -> float | None:
        """Return the seconds that are left; None for no end."""
        return None if self.until is None else self.until - time.monotonic()

    def _wait_no_longer(self) -> None:
        left = self.count_seconds_left()
        if self.bytes_left <= 0 or (left is not None and left <= 0):
            raise TimeoutError
        self.settimeout(left)


def open_bus(address: str, limit_s: float) -> "DBusConnection":
    """Connect to a bus at a local socket; its socket ends every wait after the limit.

    Raises:
        ImportError: The D-Bus library is not at hand.
        TimeoutError: The bus did not answer in time.
        OSError: As the system reports it.
        Exception: The bus refused, or said what no bus says; the library names no type for it.
    """
    from jeepney.bus import get_bus  # noqa: PLC0415 - costs start-up
    from jeepney.io.blocking import DBusConnection, prep_socket  # noqa: PLC0415

    until = time.monotonic() + limit_s
    try:
        let_in = prep_socket(get_bus(address), timeout=limit_s)
    except BlockingIOError:  # the library's own end of its time
        raise TimeoutError from None
    bounded = BoundedSocket(fileno=let_in.detach())
    bounded.until = until

    class Bounded(DBusConnection):  # type: ignore[misc]
        def __init__(self) -> None:
            try:
                super().__init__(bounded)
            except BaseException:
                self.close()
                raise

        def receive(self, *, timeout: float | None = None) -> Any:
            left = bounded.count_seconds_left()
            if left is None:
                return super().receive(timeout=timeout)
            if left <= 0:
                raise TimeoutError
            return super().receive(timeout=left if timeout is None else min(timeout, left))

    return Bounded()
