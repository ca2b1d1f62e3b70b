"""A Secret Service that fails ends every call in time, and is never taken for one that was read."""

import os
import shutil
import sys
import time

import pytest

from support.clients.logins import API_KEY
from support.machines.hosts import BIN, VERSION, credential, make_host, run
from support.machines.private_etc import in_private_etc
from support.services.keyrings import KEYRING_TOOLS, HardyKeyring, item
from support.services.odd_services import (
    SILENT,
    drips,
    hangs_up,
    odd_bus,
    odd_service,
    says_nothing,
    talks_nonsense,
)
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials.keyring import login_entry
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.logins.migration import move_login
from tipstaff_policy.model.request import Request
from tipstaff_policy.system import keyring_signals, secret_service
from tipstaff_policy.system.keyring_signals import KeyringSignals
from tipstaff_policy.system.secret_service import ANSWER_LIMIT_S, KeyringError, read_entry
from tipstaff_policy.system.session_bus import session_bus

CODEX = load_client("codex")
ENTRY = login_entry("/home/dev/.codex")
ERROR = "org.freedesktop.DBus.Error."
ON_THE_BUS = (["/org/freedesktop/secrets/collection/login/1"], [])
FOUND = {"SearchItems": ("aoao", ON_THE_BUS)}
AUTO = 'cli_auth_credentials_store = "auto"\n'
FORCED = 'forced_login_method = "chatgpt"\n'
GRACE_S = 5
"""For a loaded machine, beyond what the limit allows."""

BUSES = {
    "accepts and is silent": None,
    "lets in and is silent": says_nothing,
    "drips": drips,
    "talks nonsense": talks_nonsense,
    "hangs up": hangs_up,
}
SERVICES = {
    "silent": SILENT,
    "no such method": f"{ERROR}UnknownMethod",
    "no reply": f"{ERROR}NoReply",
    "failed": f"{ERROR}Failed",
    "cannot be started": f"{ERROR}Spawn.ChildExited",
    "access denied": f"{ERROR}AccessDenied",
}


LIMIT_S = 1.0
"""In place of the limit that ships, which a test of its own holds to a few seconds."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(secret_service, "ANSWER_LIMIT_S", LIMIT_S)
    monkeypatch.setattr(keyring_signals, "TIME_LIMIT_S", LIMIT_S)
    secret_service.forget_silence()


@pytest.fixture(params=[*BUSES, *SERVICES])
def failing(request, tmp_path):
    name = request.param
    odd = odd_bus(tmp_path, BUSES[name]) if name in BUSES else odd_service(tmp_path, SERVICES[name])
    with odd as env:
        yield env


def seconds(act):
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def failure(env):
    with pytest.raises(KeyringError) as caught:
        read_entry(env, ENTRY)
    return caught.value


def test_a_keyring_that_fails_is_not_known_to_hold_anything_nor_nothing(failing):
    assert failure(failing).there is None


def test_a_call_ends_within_its_limit(failing):
    assert seconds(lambda: failure(failing)) < LIMIT_S + GRACE_S


LEFT_OPEN = """
import os, sys
from tipstaff_policy.system import secret_service
from tipstaff_policy.clients.codex.credentials.keyring import login_entry

secret_service.ANSWER_LIMIT_S = 0.5
for _ in range(3):
    secret_service.forget_silence()
    try:
        secret_service.read_entry(os.environ, login_entry("/home/dev/.codex"))
    except secret_service.KeyringError:
        print(len(os.listdir("/proc/self/fd")))
"""


def test_a_call_that_failed_leaves_no_descriptor_open(failing):
    counts = run([sys.executable, "-c", LEFT_OPEN], env={**os.environ, **failing}).stdout.split()

    assert 3 == len(counts)
    assert 1 == len(set(counts))


def test_the_limit_that_ships_is_a_few_seconds():
    assert ANSWER_LIMIT_S <= 5


@pytest.mark.parametrize("name", ["accepts and is silent", "lets in and is silent", "drips"])
def test_a_bus_that_was_silent_is_not_waited_for_twice(name, tmp_path):
    with odd_bus(tmp_path, BUSES[name]) as env:
        failure(env)

        assert seconds(lambda: failure(env)) < LIMIT_S / 2


def test_a_bus_that_was_silent_is_asked_again_later(tmp_path, monkeypatch):
    monkeypatch.setattr(secret_service, "SILENCE_S", 0)
    with odd_bus(tmp_path) as env:
        failure(env)

        assert seconds(lambda: failure(env)) >= LIMIT_S / 2


@pytest.mark.parametrize("name", [service for service in SERVICES if service != "no reply"])
def test_an_entry_that_was_found_is_there_though_it_cannot_be_read(name, tmp_path):
    with odd_service(tmp_path, SERVICES[name], methods=FOUND) as env:
        assert failure(env).there is True


NONE_AT_ALL = {
    "no bus": {"XDG_RUNTIME_DIR": "/nonexistent"},
    "no socket": {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
}


@pytest.mark.parametrize("name", NONE_AT_ALL)
def test_without_a_bus_there_is_no_entry_that_a_client_could_use(name):
    assert failure(NONE_AT_ALL[name]).there is False


def test_without_a_service_there_is_no_entry_that_a_client_could_use(tmp_path):
    with odd_service(tmp_path, f"{ERROR}ServiceUnknown") as env:
        assert failure(env).there is False


def test_listening_to_a_silent_bus_ends_within_its_limit(failing):
    signals = KeyringSignals()

    took = seconds(lambda: signals.connect(failing))

    signals.close()
    assert took < LIMIT_S + GRACE_S


def host(tmp_path, auth=API_KEY):
    return make_host(tmp_path / "host", user=FORCED + AUTO, auth=auth)


def request(root, env):
    return Request({"HOME": str(root / "home/dev"), **env}, "/", 0, "0.169.0")


def steps(result):
    return {step.store: (step.outcome, step.detail) for step in result.steps}


def test_a_login_is_removed_and_the_keyring_said_not_to_be_seen(failing, tmp_path):
    root = host(tmp_path)

    result = log_out(CODEX, request(root, failing))

    assert 11 == result.exit_code
    assert not credential(root).exists()
    assert "failed" == steps(result)["keyring"][0]


@pytest.mark.parametrize("store", ["", AUTO])
@pytest.mark.parametrize("name", ["accepts and is silent", "no such method"])
def test_enforcement_removes_the_file_and_says_that_the_keyring_was_not_seen(name, store, tmp_path):
    root = make_host(tmp_path / "host", user=store)
    etc, words = in_private_etc(tmp_path, BIN / "tipstaff", "enforce", *VERSION)
    (etc / "codex/managed_config.toml").write_text(FORCED)
    odd = odd_bus(tmp_path, BUSES[name]) if name in BUSES else odd_service(tmp_path, SERVICES[name])

    with odd as env:
        done = run(words, env={**os.environ, "HOME": str(root / "home/dev"), **env})

    assert 11 == done.returncode, done
    assert not credential(root).exists(), done
    assert "it was not read" in done.stdout


@pytest.fixture
def lost(tmp_path, monkeypatch):
    """Give a keyring whose bus ends right after it has confirmed a removal."""
    if not all(map(shutil.which, KEYRING_TOOLS)):
        pytest.skip("no keyring is installed")
    made = HardyKeyring(str(tmp_path / "k"))
    made.lay_out({"items": []})
    remove = secret_service.remove_entry

    def remove_and_end(env, entry, **how):
        remove(env, entry, **how)
        made.bus.kill()
        made.bus.wait()

    monkeypatch.setattr(
        "tipstaff_policy.clients.codex.credentials.keyring.remove_entry", remove_and_end
    )
    yield made
    made.stop()


def test_a_removal_that_cannot_be_read_back_is_not_proven(lost, tmp_path):
    root = host(tmp_path, auth=None)
    lost.lay_out({"items": [item(credential(root).parent, API_KEY)]})

    result = log_out(CODEX, request(root, lost.address))

    assert 11 == result.exit_code
    assert "not verified" in steps(result)["keyring"][1]


def test_a_move_whose_source_cannot_be_read_back_is_not_proven(lost, tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    lost.lay_out({"items": [item(credential(root).parent, API_KEY)]})

    result = move_login(CODEX, request(root, lost.address), "file")

    assert 11 == result.exit_code
    assert credential(root).exists()
    assert "not verified" in result.steps[-1].detail


@pytest.mark.parametrize(
    ("folder", "address"),
    [
        ("{}", "unix:path={}/bus"),
        ("", None),
        ("\udcff", None),
        (None, None),
    ],
)
def test_the_bus_is_looked_for_where_the_client_looks(folder, address, tmp_path):
    """Without a folder that is UTF-8 it is the system's own for this user, which has none here."""
    (tmp_path / "bus").touch()
    env = {"DBUS_SESSION_BUS_ADDRESS": "\udcff"}
    if folder is not None:
        env["XDG_RUNTIME_DIR"] = folder.format(tmp_path)

    found = session_bus(env)

    own = f"/run/user/{os.getuid()}/bus"
    if folder in ("\udcff", None) and os.path.exists(own):
        address = f"unix:path={own}"
    assert (address and address.format(tmp_path)) == found
