"""A real keyring for tests that need no namespace, and what is in it."""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from jeepney import MessageType, message_bus
from jeepney.io.blocking import open_dbus_connection

sys.path.insert(0, str(Path(__file__).parents[2] / "conformance"))

from private_keyring import Keyring

from conformance.client import KEYRING_TOOLS
from tipstaff_policy.clients.codex.credentials.keyring import login_entry
from tipstaff_policy.system.secret_service import BUS_NAME, KeyringError


class HardyKeyring(Keyring):
    """A keyring whose daemon can be put in the place of another, with what is on the disk.

    gnome-keyring 42 does not always survive a client that is killed in the middle of a call, and
    dies later than that: whoever calls then makes the bus start a daemon that nobody unlocked.
    Once in some 10,000 calls it ends itself, or answers UnknownMethod, though no process was killed.
    """

    def undisturbed(self, ask):
        """Return what is answered, by a new daemon where this one failed meanwhile."""
        for _ in range(2):
            try:
                return ask()
            except KeyringError:
                self.renew()
        return ask()

    def renew(self):
        """Put a new daemon in the place of one that a client was killed on."""
        self.stop()
        self._start_daemon()
        until = time.monotonic() + 20
        while (owner := self._owner()) != self.daemon.pid:
            assert time.monotonic() < until, "no keyring of our own takes the name"
            if owner is not None:
                with suppress(ProcessLookupError):
                    os.kill(owner, signal.SIGKILL)
            if owner is not None or self.daemon.poll() is not None:
                self.stop()
                self._start_daemon()
            time.sleep(0.01)

    def _owner(self):
        """Return the process that answers for the keyring; this question starts none."""
        with open_dbus_connection(self.address["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            message = message_bus.GetConnectionUnixProcessID(BUS_NAME)
            reply = connection.send_and_get_reply(message, timeout=10)
        return None if reply.header.message_type is MessageType.error else reply.body[0]


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    if not all(map(shutil.which, KEYRING_TOOLS)):
        pytest.skip("no keyring is installed")
    made = HardyKeyring(str(tmp_path_factory.mktemp("bus") / "k"))
    made.lay_out({"items": []})
    yield made
    made.stop()
    made.bus.kill()
    made.bus.wait()


def item(home, secret, *, target="default"):
    """Return an item for `lay_out`, as the client makes one for a folder of its own."""
    entry = login_entry(str(home))
    names = {"service": entry.service, "username": entry.account, "target": target}
    return [{name: value for name, value in names.items() if value}, secret]
