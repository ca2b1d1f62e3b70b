"""Checks of what an image cannot show, on real sockets, processes, locks, flags and files."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from support.clients.logins import chatgpt
from support.machines.hosts import FORCED_CHATGPT, VERSION, make_host, tipstaff
from tipstaff_policy.clients.codex.facts.diagnostics import SEARCH_LIMIT
from tipstaff_policy.clients.codex.facts.ports import callback_ports

pytestmark = pytest.mark.xdist_group("machine")
"""What they find on this machine, none of them may change for another."""


def findings(root, check, *words, version=VERSION, **env):
    """Audit this machine with a home of its own; return each finding's status and observation."""
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **env}
    done = tipstaff(
        "audit",
        *version,
        "--format",
        "json",
        "--select",
        check,
        *words,
        env=env,
        cwd=root,
    )
    return [(load["status"], load["observed"]) for load in json.loads(done.stdout)["findings"]]


def status(root, check, *words, **env):
    (only,) = findings(root, check, *words, **env)
    return only[0]


@pytest.fixture
def host(tmp_path):
    return make_host(tmp_path / "host", auth=chatgpt("ws-a"))


@pytest.fixture
def home(host):
    return host / "home/dev/.codex"


def listen(address="127.0.0.1", family=socket.AF_INET):
    made = socket.socket(family)
    made.bind((address, 0))
    made.listen()
    return made


@pytest.mark.parametrize(
    ("address", "family", "taken"),
    [
        ("127.0.0.1", socket.AF_INET, True),
        ("0.0.0.0", socket.AF_INET, True),
        ("127.0.0.2", socket.AF_INET, False),
        ("::", socket.AF_INET6, True),
        ("::1", socket.AF_INET6, False),
        ("::ffff:127.0.0.1", socket.AF_INET6, True),
    ],
)
def test_a_listener_counts_where_the_client_would_listen(address, family, taken):
    try:
        made = listen(address, family)
    except OSError as error:
        pytest.skip(f"this machine has no {address}: {error.strerror}")
    with made:
        port = made.getsockname()[1]
        ports = callback_ports((port,))

    by = f"process {os.getpid()} "
    assert [(port, True)] * taken == [(e.port, e.by.startswith(by)) for e in ports.taken]


def test_the_client_s_own_ports_are_the_ones_looked_at(host):
    made = []
    try:
        made += (socket.create_server(("127.0.0.1", port)) for port in (1455, 1457))
    except OSError as error:
        pytest.skip(f"a port of the client is in use here: {error.strerror}")
    finally:
        seen = findings(host, "TIP404") if len(made) == 2 else []
        for listener in made:
            listener.close()

    assert ["fail"] == [outcome for outcome, _ in seen]
    assert str(os.getpid()) in seen[0][1]
    assert "pass" == status(host, "TIP404")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets the flag")
def test_an_immutable_credential_is_found(host, home):
    if subprocess.run(["chattr", "+i", home / "auth.json"], check=False).returncode:
        pytest.skip("this file system knows no immutable files")
    try:
        ((found, observed),) = findings(host, "TIP405")
        with pytest.raises(PermissionError):
            (home / "auth.json").unlink()
    finally:
        subprocess.run(["chattr", "-i", home / "auth.json"], check=True)

    assert "fail" == found
    assert observed.endswith("is immutable")
    assert "pass" == status(host, "TIP405")


@pytest.mark.parametrize("name", ["auth.lock", "auth.json.lock"])
def test_a_held_lock_is_found(name, host, home):
    with open(home / name, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert [("fail", f"another process holds the client's lock {name}")] == findings(
            host, "TIP405"
        )

    assert "pass" == status(host, "TIP405")


def test_a_keyring_out_of_reach_a_further_name_and_a_closed_folder_are_found(host, home):
    keyring = ("-c", 'cli_auth_credentials_store="auto"')
    assert ["fail"] == [outcome for outcome, _ in findings(host, "TIP405", *keyring)]

    os.link(home / "auth.json", host / "second")
    assert "fail" == status(host, "TIP405")
    (host / "second").unlink()
    assert "pass" == status(host, "TIP405")

    if os.geteuid() == 0:
        shutil.chown(home, 4711)
    home.chmod(0o500)
    try:
        assert "fail" == status(host, "TIP405")
    finally:
        home.chmod(0o700)


def test_the_log_of_log_ins_is_searched_where_the_client_writes_it(host, home):
    assert "not_applicable" == status(host, "TIP403")

    (home / "config.toml").write_text('log_dir = "logs"\n')
    log = home / "logs/codex-login.log"
    log.parent.mkdir()
    log.write_text("starting api key login flow\n")
    log.chmod(0o600)
    assert "pass" == status(host, "TIP403")

    log.write_text("refresh_token=made-up-refresh\n")
    ((found, observed),) = findings(host, "TIP403")
    assert "fail" == found
    assert "holds what looks like a refresh token" == observed


def test_a_huge_log_and_a_pipe_are_no_pass_and_do_not_block(host, home):
    log = home / "log/codex-login.log"
    log.parent.mkdir()
    with open(log, "wb") as file:
        file.truncate(SEARCH_LIMIT * 100)
    log.chmod(0o600)
    assert "error" == status(host, "TIP403")

    log.unlink()
    os.mkfifo(log, 0o600)
    assert "error" == status(host, "TIP403")


@pytest.fixture
def client(host, tmp_path):
    """Start a program of the client's name, as its user would."""
    program = tmp_path / "codex"
    shutil.copy("/bin/sleep", program)
    started = []

    def start(**env):
        env = {"HOME": str(host / "home/dev"), **env}
        started.append(subprocess.Popen([program, "60"], env=env))
        return started[-1].pid

    yield start
    for process in started:
        process.kill()
        process.wait()


def after(seconds=1.1):
    """Let the clock of file systems and processes go on, which both count in seconds here."""
    time.sleep(seconds)


def test_a_running_client_holds_what_was_removed(host, home, client):
    (home / "config.toml").write_text('forced_chatgpt_workspace_id = "ws-a"\n')
    after(2.2)
    pid = client()
    mine = [finding for finding in findings(host, "TIP407") if finding[0] != "error"]
    assert [("pass", "started after the last change")] == mine

    (home / "auth.json").unlink()
    assert ("fail", "runs while no credential is stored") in findings(host, "TIP407")
    assert pid > 0


def test_a_client_with_another_folder_holds_nothing_of_this_one(host, home, client, tmp_path):
    (home / "config.toml").write_text(FORCED_CHATGPT)
    (home / "auth.json").unlink()
    client(CODEX_HOME=str(tmp_path))

    assert "fail" not in [outcome for outcome, _ in findings(host, "TIP407")]


def test_a_version_that_nobody_compared_is_unproven(host):
    assert "fail" == status(
        host, "TIP408", version=("--client", "codex", "--client-version", "99.0.0")
    )
    assert "pass" == status(host, "TIP408")


def test_a_bundle_is_judged_by_the_variable_that_wins(host):
    assert "not_applicable" == status(host, "TIP402")
    assert "not_applicable" == status(host, "TIP402", CODEX_CA_CERTIFICATE="")

    (host / "empty.pem").touch()
    broken = {"CODEX_CA_CERTIFICATE": "empty.pem", "SSL_CERT_FILE": "/missing"}
    assert [("fail", "holds no certificate")] == findings(host, "TIP402", **broken)
