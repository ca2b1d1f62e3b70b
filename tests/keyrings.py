"""A real keyring for tests that need no namespace, and what lies in it."""

import shutil
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "conformance"))

from private_keyring import Keyring

from conformance.client import KEYRING_TOOLS
from tipstaff_policy.clients.codex.keyring import login_entry
from tipstaff_policy.secret_service import KeyringError


class HardyKeyring(Keyring):
    """A keyring whose daemon is started again with what it has on its disk.

    gnome-keyring 42 does not always survive a client that is killed in the middle of a call.
    """

    def settled(self, ask):
        """Return what is answered once the service has done what a killed client asked of it."""
        until = time.monotonic() + 20
        while True:
            try:
                return ask()
            except KeyringError:
                if time.monotonic() > until:
                    raise
                if self.daemon.poll() is not None:
                    self._start_daemon()
                time.sleep(0.05)


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
