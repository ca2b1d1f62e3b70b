"""Hearing from the Secret Service that something in a keyring has changed.

Source: the Secret Service API, draft 0.2, of freedesktop.org (the signals of Collection, about
items, and of Service, about collections).
"""

import select
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from tipstaff_policy.system.secret_service import BUS_NAME
from tipstaff_policy.system.session_bus import session_bus

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

INTERFACES = tuple(f"org.freedesktop.Secret.{name}" for name in ("Collection", "Service"))
TIME_LIMIT_S = 5.0
"""For the bus to let us in and to answer, together."""
MOST_AT_ONCE = 1000
"""Signals that are read in one go, so that a service without a pause blocks nothing."""


class KeyringSignals:
    """One connection to the session bus; without one nothing is ever heard."""

    def __init__(self) -> None:
        self._connection: DBusConnection | None = None

    def connect(self, env: Mapping[str, str]) -> bool:
        """Begin to listen, unless that is so already; return whether it is."""
        address = session_bus(env)
        if self._connection is None and address is not None:
            with suppress(Exception):  # a bus can say anything, and the clock still makes us look
                self._connection = _subscribe(address)
        return self._connection is not None

    def is_ready(self) -> bool:
        """Return whether there is something to hear; waits for nothing."""
        if self._connection is None:
            return False
        return bool(select.select([self._connection.sock], [], [], 0)[0])

    def take_signals(self) -> bool:
        """Take everything that there is to hear; return whether there was anything."""
        found = False
        try:
            for _ in range(MOST_AT_ONCE if self._connection is not None else 0):
                self._connection.receive(timeout=0)  # type: ignore[union-attr]
                found = True
        except TimeoutError:
            pass  # that was all
        except Exception:  # noqa: BLE001 - a bus can say anything
            self.close()  # the session has ended, or its bus: the next look tries again
            return True
        return found

    def close(self) -> None:
        """Listen no more."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _subscribe(address: str) -> "DBusConnection":
    from jeepney import MatchRule, message_bus  # noqa: PLC0415 - only where a keyring counts

    from tipstaff_policy.system.bounded_bus import open_bus  # noqa: PLC0415

    connection = open_bus(address, TIME_LIMIT_S)
    try:
        for interface in INTERFACES:
            rule = MatchRule(type="signal", sender=BUS_NAME, interface=interface)
            connection.send_and_get_reply(message_bus.AddMatch(rule))
        connection.sock.until = None  # from here on nothing is waited for
    except BaseException:
        connection.close()
        raise
    return connection
