"""What moving, revoking and signing in leave in the action log."""

import json

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, VERSION, credential, make_host, tipstaff
from support.services.keyrings import keyring
from tipstaff_schemas.export import faults

__all__ = ["keyring"]
STORES = f"umask 077; cat >/dev/null; printf '%s' '{API_KEY}' >$CODEX_HOME/auth.json"
PROXY = {"HTTPS_PROXY": "http://127.0.0.1:1"}
"""It refuses every connection to an issuer at once."""


@pytest.fixture
def root(tmp_path):
    return make_host(tmp_path / "host", auth=chatgpt("ws-a"))


def run_on(root, *words, **env):
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **env}
    return tipstaff(*words, env=env, cwd=root, input="made-up")


def log_in(root, script=STORES, flow="--with-api-key", **env):
    program = root / "codex"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return run_on(root, "login", flow, "--program", program, **env)


def migrate(root, bus, *words):
    return run_on(root, "credentials", "migrate", *VERSION, "--to", "keyring", *words, **bus)


def log_of(root):
    return root / "home/dev/.local/state/tipstaff/actions.jsonl"


def records(root):
    found = [json.loads(line) for line in log_of(root).read_text().splitlines()]
    assert [] == [fault for record in found for fault in faults("action", record)]
    return found


def actions(record):
    return [(step["store"], step["action"], step["outcome"]) for step in record["steps"]]


def use_keyring(root, keyring):
    keyring.lay_out({"items": []})
    (credential(root).parent / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')


def test_a_move_is_recorded_once(root, keyring):
    use_keyring(root, keyring)

    codes = [
        migrate(root, keyring.address, *options).returncode for options in (["--dry-run"], [], [])
    ]

    (written,) = records(root)
    assert [0, 0, 0] == codes
    assert "credentials migrate" == written["action"]
    assert [("keyring", "store", "stored"), ("file", "remove", "removed")] == actions(written)
    assert 0 == written["exit_code"]
    assert "to the keyring" == written["reason"]


def test_what_a_move_leaves_behind_is_recorded_and_is_no_log_out(root, keyring):
    use_keyring(root, keyring)
    (credential(root).parent / ".auth-x1y2z3").write_text(API_KEY)

    codes = [migrate(root, keyring.address).returncode for _ in range(3)]

    first, second = records(root)
    assert [11] * 3 == codes
    assert ("residue", "keep", "failed") == actions(first)[-1]
    assert [("keyring", "keep", "kept"), ("residue", "keep", "failed")] == actions(second)
    assert "last:" not in run_on(root, "why", *VERSION).stdout


def test_a_move_that_is_refused_is_no_record(root, keyring):
    keyring.lay_out({"items": []})

    done = migrate(root, keyring.address)

    assert 3 == done.returncode
    assert not log_of(root).exists()


def test_asking_an_issuer_is_recorded(root):
    codes = [
        run_on(root, "credentials", "revoke", *options, **PROXY).returncode
        for options in (["--dry-run"], [], [])
    ]

    (written,) = records(root)
    assert [11] * 3 == codes
    assert "credentials revoke" == written["action"]
    assert [("file", "revoke", "failed")] == actions(written)
    assert "https://auth.openai.com/oauth/revoke" in written["steps"][0]["detail"]
    assert "through HTTPS_PROXY" in written["steps"][0]["detail"]
    assert "last:" not in run_on(root, "why", *VERSION).stdout


def test_what_no_issuer_was_asked_about_is_no_record(root):
    credential(root).write_text(API_KEY)

    done = run_on(root, "credentials", "revoke", **PROXY)

    assert 11 == done.returncode
    assert not log_of(root).exists()


@pytest.mark.parametrize(
    ("auth", "detail"), [(chatgpt("ws-a"), "in the place of the earlier login"), (None, "")]
)
def test_a_login_that_was_stored_is_recorded(auth, detail, tmp_path):
    root = make_host(tmp_path / "host", auth=auth)

    done = log_in(root)

    (written,) = records(root)
    assert 0 == done.returncode
    assert "" == done.stderr
    assert "login" == written["action"]
    assert [("file", "store", "stored")] == actions(written)
    assert str(credential(root)) == written["steps"][0]["path"]
    assert detail == written["steps"][0]["detail"]
    assert written["reason"].startswith(
        "login --with-api-key: signed in with an API key; stored in /"
    )


def test_a_login_that_the_policy_refuses_is_recorded_once_a_day(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"), user=FORCED_CHATGPT)

    codes = [log_in(root).returncode for _ in range(2)]

    (written,) = records(root)
    assert [1, 1] == codes
    assert 1 == written["exit_code"]
    assert [] == written["steps"]
    assert "config.toml:1" in written["reason"]


@pytest.mark.parametrize(("umask", "code"), [("077", 1), ("022", 4)])
def test_a_login_whose_discarded_tokens_may_live_on_is_recorded(umask, code, root):
    (credential(root).parent / "config.toml").write_text('forced_chatgpt_workspace_id = "ws-a"\n')
    stores = f"umask {umask}; printf '%s' '{chatgpt(None)}' >$CODEX_HOME/auth.json"

    done = log_in(root, stores, "--device-auth", **PROXY)

    (written,) = records(root)
    assert code == done.returncode == written["exit_code"]
    assert [("file", "revoke", "failed")] == actions(written)
    assert "the new login, which was discarded" == written["steps"][0]["path"]


def test_a_login_that_fails_is_no_record(root):
    done = log_in(root, "exit 7")

    assert 4 == done.returncode
    assert not log_of(root).exists()


def test_a_record_that_cannot_be_written_is_said_and_changes_nothing(root, keyring):
    (root / "home/dev/.local").write_text("in the way")
    said = "tipstaff: the action log could not be written: Not a directory\n"

    asked = run_on(root, "credentials", "revoke", **PROXY)
    stored = log_in(root)
    use_keyring(root, keyring)
    moved = migrate(root, keyring.address)

    assert [11, 0, 0] == [run.returncode for run in (asked, stored, moved)]
    assert [said] * 3 == [run.stderr for run in (asked, stored, moved)]
    assert not credential(root).exists()


def test_doctor_finds_the_log_whole(root):
    log_in(root)
    run_on(root, "logout")

    done = run_on(root, "doctor", *VERSION, "--format", "json")

    found = {load["name"]: load for load in json.loads(done.stdout)["symptoms"]}["action log"]
    assert "good" == found["mark"]
    assert "whole, records 1 to 2" == found["observed"]


def test_for_an_image_nothing_is_written(root):
    run_on(root, "credentials", "revoke", "--system-root", root, **PROXY)

    assert [] == [*root.rglob("actions*")]
