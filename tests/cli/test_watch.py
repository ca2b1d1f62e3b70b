"""`tipstaff watch` as a process: it sees every change, enforces seldom, and ends on request."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from conformance.client import KEYRING_TOOLS
from conformance.private_keyring import Keyring
from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, credential, make_host
from support.machines.private_etc import in_private_etc
from tipstaff_policy.clients.codex.credentials.keyring import login_entry

PLAIN = {"PATH": "/usr/bin:/bin"}
ANSWER_S = 30
"""Far above the pause between two looks; it is waited for a condition, never for the time."""


class Watching:
    """A watching process; what it has said so far is in a file."""

    def __init__(self, words, env, said):
        self.said = said
        with said.open("w") as file:
            self.process = subprocess.Popen(
                [str(word) for word in words], env=env, stdin=subprocess.DEVNULL, stderr=file
            )
        self.message = []

    def hear(self, ready):
        """Take what it has sent to the service manager."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.message.append(ready.recv(4096).decode())
        return self.message

    @property
    def looks(self):
        return sum(message.startswith("STATUS=") for message in self.hear(self.manager))

    @property
    def lines(self):
        return self.said.read_text().splitlines()

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(ANSWER_S)


@contextlib.contextmanager
def watching(tmp_path, *options, env=PLAIN, before=(), words=None):
    """Watch until the block ends, from when the process says that it is ready."""
    words = [*before, BIN / "tipstaff", "watch", *VERSION, *options] if words is None else words
    address = str(tmp_path / "ready")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(address)
        ready.settimeout(ANSWER_S)
        found = Watching(words, {**env, "NOTIFY_SOCKET": address}, tmp_path / "said")
        try:
            found.manager = ready
            while "READY=1" not in (message := ready.recv(4096).decode()):
                found.message.append(message)
            ready.setblocking(False)
            yield found
        finally:
            found.process.kill()
            found.process.wait()


def until(condition):
    """Wait until something is so; fail where it never is."""
    limit = time.monotonic() + ANSWER_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def gone(root):
    return lambda: not credential(root).exists()


def sign_in(root, login=API_KEY):
    """Store a login as the client does: next to the file, then over it."""
    nearby = credential(root).with_name(".auth-new")
    nearby.write_text(login)
    nearby.chmod(0o600)
    nearby.replace(credential(root))


def test_it_enforces_at_start_and_ends_when_told(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    with watching(tmp_path, "--system-root", root) as found:
        assert not credential(root).exists()
        assert 1 == len(found.lines)
        assert 0 == found.end()

    assert found.lines[0].startswith("tipstaff: logged out: ")


def test_an_interrupt_is_130(tmp_path):
    root = make_host(tmp_path / "host")

    with watching(tmp_path, "--system-root", root) as found:
        assert 130 == found.end(signal.SIGINT)
        assert [] == found.lines


def test_a_login_and_then_a_rule_and_then_a_login_are_seen(tmp_path):
    root = make_host(tmp_path / "host", auth=None)

    with watching(tmp_path, "--system-root", root) as found:
        sign_in(root)
        (root / "etc/codex/requirements.toml").write_text('allowed_login_methods = ["chatgpt"]\n')
        until(lambda: len(found.lines) == 1)
        first = time.monotonic()
        sign_in(root)
        until(lambda: len(found.lines) == 2)
        assert time.monotonic() - first >= 4  # a person who signs in again is not fought
        sign_in(root, chatgpt())
        found.end()

    assert ["logged out"] * 2 == [line.split(": ")[1] for line in found.lines]
    assert credential(root).exists()


@pytest.mark.rest
def test_the_removal_itself_is_no_reason_to_look_for_ever(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    with watching(tmp_path, "--system-root", root) as found:
        until(lambda: found.looks == 2)
        time.sleep(6)
        assert 2 == found.looks
        assert 1 == len(found.lines)


@pytest.mark.rest
def test_what_is_refused_is_said_once_and_ends_nothing(tmp_path):
    root = make_host(tmp_path / "host", user="x = [\n", managed="x = [\n")

    with watching(tmp_path, "--system-root", root) as found:
        found.process.send_signal(signal.SIGHUP)
        until(lambda: found.looks == 2)
        (root / "etc/codex/managed_config.toml").write_text(FORCED_CHATGPT)
        until(gone(root))
        found.end()

    refused, logged_out = found.lines
    assert "tipstaff: invalid, nothing removed: " in refused
    assert "tipstaff: logged out: " in logged_out


def test_personal_rules_and_variables_remove_nothing(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    env = {**PLAIN, "HOME": str(root / "home/dev"), "CODEX_API_KEY": "made-up"}

    with watching(tmp_path, env=env) as found:
        assert 0 == found.end()

    assert API_KEY == credential(root).read_text()
    assert [] == found.lines


def test_a_rule_that_begins_is_enforced_without_any_change(tmp_path):
    begins = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    root = make_host(tmp_path / "host")
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(
        ROOT + f'enforce_from = {begins}\nlogin_methods = ["chatgpt"]\n'
    )

    with watching(tmp_path, "--system-root", root, "--recheck", 5) as found:
        until(gone(root))
        found.end()

    assert ["violates, not enforced yet", "logged out"] == [
        line.split(": ")[1] for line in found.lines
    ]


@pytest.fixture
def keyring(tmp_path):
    """A real keyring on a bus of its own."""
    if not all(map(shutil.which, KEYRING_TOOLS)):
        pytest.skip("no keyring is installed")
    made = Keyring(str(tmp_path / "keyring"))
    made.lay_out({"items": []})
    yield made
    made.daemon.kill()
    made.daemon.wait()
    made.bus.kill()
    made.bus.wait()


def kept_in_keyring(tmp_path):
    """Lay out a host whose logins belong into the keyring, and by ChatGPT alone."""
    etc, before = in_private_etc(tmp_path)
    rules = FORCED_CHATGPT + 'cli_auth_credentials_store = "keyring"\n'
    (etc / "codex/managed_config.toml").write_text(rules)
    home = tmp_path / "home"
    (home / ".codex").mkdir(parents=True)
    entry = login_entry(str(home / ".codex"))
    item = {"service": entry.service, "username": entry.account, "target": "default"}
    return before, home, item


def test_a_login_in_the_keyring_is_heard_of_and_removed(keyring, tmp_path):
    before, home, item = kept_in_keyring(tmp_path)
    env = {**PLAIN, **keyring.address, "HOME": str(home)}

    with watching(tmp_path, "--recheck", 600, before=before, env=env) as found:
        keyring.lay_out({"items": [[item, API_KEY]]})
        assert keyring.left()
        until(lambda: not keyring.left())
        until(lambda: found.looks == 3)  # at start, for the login, for its removal
        assert 0 == found.end()

    assert 1 == len(found.lines)
    assert f"removed keyring entry {item['username']}" in found.lines[0]


def test_a_locked_keyring_asks_nobody(keyring, tmp_path):
    before, home, item = kept_in_keyring(tmp_path)
    keyring.lay_out({"items": [[item, API_KEY]], "locked": True})
    env = {**PLAIN, **keyring.address, "HOME": str(home)}

    with watching(tmp_path, "--recheck", 600, before=before, env=env) as found:
        assert 0 == found.end()

    (line,) = found.lines
    assert "is locked" in line
    assert "dismissed" not in line
