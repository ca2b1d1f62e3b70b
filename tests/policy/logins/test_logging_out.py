"""A log-out that is asked for empties every store, whatever is configured, and never half claims."""

import fcntl
import os
import shutil
import subprocess
import threading

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import credential, make_host
from support.services.keyrings import item, keyring
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials import keyring as entries
from tipstaff_policy.clients.own_files import PREFIX
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.logins.sign_in.commit import EARLIER
from tipstaff_policy.model.request import Request

__all__ = ["keyring"]
CODEX = load_client("codex")
NOBODY = "allowed_login_methods = []\n"


def request(root, **env):
    return Request({"HOME": str(root / "home/dev"), **env}, "/", 0, "0.169.0")


def leave(root, *, env=None, **how):
    return log_out(CODEX, request(root, **(env or {})), lock_timeout_s=0.2, **how)


def outcomes(result):
    return {(step.store, step.outcome) for step in result.steps}


@pytest.fixture
def root(tmp_path):
    return make_host(tmp_path / "host")


BROKEN = {
    "nothing": {},
    "a bad value": {"user": 'forced_login_method = "x"\n'},
    "no TOML": {"user": "= ["},
    "no method": {"requirements": NOBODY},
    "another store": {"user": 'cli_auth_credentials_store = "ephemeral"\n'},
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_configuration_keeps_the_login(name, tmp_path):
    root = make_host(tmp_path / "host", **BROKEN[name])

    result = leave(root)

    assert 0 == result.exit_code
    assert not credential(root).exists()


@pytest.mark.parametrize("content", ["{", "", b"\xff", "[]"])
def test_what_cannot_be_read_is_removed_too(content, tmp_path):
    root = make_host(tmp_path / "host", auth=content)

    assert 0 == leave(root).exit_code
    assert not credential(root).exists()


def test_what_a_killed_client_left_is_removed_too(root):
    (credential(root).parent / ".auth-x1y2z3").write_text(API_KEY)

    result = leave(root)

    assert {("file", "removed"), ("residue", "removed")} <= outcomes(result)
    assert [".auth"] != [name[:5] for name in os.listdir(credential(root).parent)]


def test_a_dry_run_removes_nothing(root):
    result = leave(root, dry_run=True)

    assert 11 == result.exit_code
    assert credential(root).exists()
    assert ("file", "planned") in outcomes(result)


def test_nothing_to_do_is_fine_without_a_folder_too(tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    credential(root).parent.rmdir()

    assert 0 == leave(root).exit_code


def test_a_lock_that_is_held_for_ever_is_told_and_passed(root):
    lock = credential(root).parent / "auth.lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    result = leave(root)

    os.close(descriptor)
    assert 0 == result.exit_code
    assert not credential(root).exists()
    assert f"{lock}: another process holds" in result.note


def test_a_lock_file_that_is_a_pipe_does_not_block(root):
    os.mkfifo(credential(root).parent / "auth.lock")

    assert 0 == leave(root).exit_code
    assert not credential(root).exists()


def test_a_login_that_comes_back_while_it_runs_is_seen(root, monkeypatch):
    unlink = os.unlink

    def unlink_and_lose(name, **how):
        unlink(name, **how)
        credential(root).write_text(API_KEY)

    monkeypatch.setattr(os, "unlink", unlink_and_lose)  # a client at exactly this instant

    result = leave(root)

    assert 11 == result.exit_code
    assert {"failed"} == {outcome[1] for outcome in outcomes(result)} - {"kept"}


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_what_a_link_leads_to_is_left_and_told(make, tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(API_KEY)
    make(elsewhere, credential(root))

    result = leave(root)

    assert 11 == result.exit_code
    assert API_KEY == elsewhere.read_text()
    assert not os.path.lexists(credential(root))


def test_a_further_name_that_a_killed_sign_in_left_goes_too(root):
    folder = credential(root).parent / f"{PREFIX}x"
    folder.mkdir()
    os.link(credential(root), folder / EARLIER)

    assert 0 == leave(root).exit_code
    assert [] == os.listdir(folder)


def test_a_variable_is_named(root):
    result = leave(root, env={"CODEX_API_KEY": "made-up-key-001"})

    assert 11 == result.exit_code
    assert "unset CODEX_API_KEY" in result.steps[-1].detail


def test_a_folder_that_is_none_is_an_error(root):
    with pytest.raises(EvaluationError):
        leave(root, env={"CODEX_HOME": str(root / "nowhere")})


@pytest.mark.parametrize(("auth", "code"), [(API_KEY, 11), (None, 4)])
def test_a_keyring_out_of_reach_is_no_success_where_there_is_one(auth, code, tmp_path):
    root = make_host(tmp_path / "host", auth=auth)
    files = root / "home/dev/.local/share/keyrings"
    files.mkdir(parents=True)
    (files / "login.keyring").touch()

    result = leave(root, env={"DBUS_SESSION_BUS_ADDRESS": f"unix:path={root}/none"})

    assert code == result.exit_code
    assert not credential(root).exists()


def test_an_image_says_that_it_shows_no_keyring(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    (root / "home/dev/.local/share/keyrings").mkdir(parents=True)
    (root / "home/dev/.local/share/keyrings/login.keyring").touch()

    result = log_out(CODEX, Request({}, "/", 0, "0.169.0", str(root)))

    assert 11 == result.exit_code
    assert not credential(root).exists()


@pytest.mark.parametrize("store", ["file", "keyring", "auto", "ephemeral"])
def test_every_store_is_emptied_whichever_is_in_force(store, tmp_path, keyring):
    root = make_host(tmp_path / "host", user=f'cli_auth_credentials_store = "{store}"\n')
    home = credential(root).parent
    secrets = home / "secrets"
    secrets.mkdir()
    (secrets / "codex_auth.age").write_bytes(b"age-encryption.org/v1\nmade up")
    keyring.lay_out({"items": [item(home, API_KEY, target=None), item(home, API_KEY)]})

    result = leave(root, env=keyring.address)

    assert {(slot, "removed") for slot in ("file", "keyring", "encrypted")} == outcomes(result)
    assert 0 == result.exit_code
    assert not credential(root).exists()
    assert [] == keyring.left()
    assert [] == os.listdir(secrets)


def test_a_keyring_that_stays_locked_is_an_incomplete_log_out(root, keyring):
    home = credential(root).parent
    keyring.lay_out({"items": [item(home, API_KEY)], "locked": True})

    result = leave(root, env=keyring.address)

    keyring.stop()
    assert 11 == result.exit_code
    assert not credential(root).exists()
    assert ("keyring", "failed") in outcomes(result)


def test_logins_of_other_folders_stay(root, keyring):
    keyring.lay_out({"items": [item("/somewhere/else", API_KEY)]})

    assert 0 == leave(root, env=keyring.address).exit_code
    assert 1 == len(keyring.left())


def test_two_at_once_both_succeed(root):
    codes = []
    both = [threading.Thread(target=lambda: codes.append(leave(root).exit_code)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert [0, 0] == codes


def test_the_entry_is_read_back(root, keyring, monkeypatch):
    home = credential(root).parent
    keyring.lay_out({"items": [item(home, API_KEY)]})
    monkeypatch.setattr(entries, "empty_keyring", lambda *_, **__: None)  # one that lies

    result = leave(root, env=keyring.address)

    assert 11 == result.exit_code
    assert "still there when read back" in {step.detail for step in result.steps}


def test_a_client_that_runs_with_the_login_is_told_and_left_alone(root, tmp_path):
    program = tmp_path / "codex"
    shutil.copy(shutil.which("sleep"), program)
    home = {"HOME": str(root / "home/dev")}
    with subprocess.Popen([program, "60"], env=home) as process:
        result = leave(root)
        runs = process.poll() is None
        process.kill()

    assert 11 == result.exit_code
    assert runs is True
    assert not credential(root).exists()
    assert any(f"kill {process.pid}" in step.detail for step in result.steps)
