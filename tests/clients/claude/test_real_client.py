"""The real Claude Code, where it is installed: what it takes for a login, leaves, and waits for."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from support.clients.claude_logins import (
    ADAPTER,
    DOCUMENT,
    DOCUMENTS,
    GLOBAL,
    GLOBALS,
    KEY,
    LOGIN,
    PROFILE,
    TOKENS,
    filled,
    request_of,
    with_secret,
    write,
)
from tipstaff_policy.clients.claude.credentials.reading import active_of, read_credentials
from tipstaff_policy.clients.claude.locks import hold
from tipstaff_policy.logins.logout import log_out

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = next(
    iter(ROOT.glob(".client-claude/2.1.332/node_modules/@anthropic-ai/claude-code-linux-*/claude")),
    None,
)
NOWHERE = "http://127.0.0.1:1"
"""A proxy that is not there: nothing that a test made up leaves this machine."""
DIFFERENT = {
    "scopes as a text": "`auth status` alone does not take it for a login",
    "nested too deeply": "Tipstaff cannot read it, and does not call it empty",
}
"""Documents about which Tipstaff is stricter than `auth status`, and why."""

pytestmark = [
    pytest.mark.rest,
    pytest.mark.skipif(PROGRAM is None, reason="client not run: no Claude Code 2.1.332 here"),
]


def environment(home, **more):
    quiet = {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    way = dict.fromkeys(("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"), NOWHERE)
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "USER": "dev", **quiet, **way, **more}


def client(home, *words, **env):
    return subprocess.run(
        [PROGRAM, *words],
        env=environment(home, **env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def is_logged_in(home, **env):
    said = client(home, "auth", "status", **env)
    return '"loggedIn": true' in said.stdout


def would_use_one(home, **env):
    request = request_of(home, **env)
    return active_of(read_credentials(request, {}), env) is not None


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name not in DIFFERENT])
def test_the_client_takes_the_same_documents_for_a_login(name, tmp_path):
    write(tmp_path / ".claude/.credentials.json", DOCUMENTS[name][0])

    assert would_use_one(tmp_path) == is_logged_in(tmp_path)


NOT_SENT = ("a blank key", "a number", "a list with a key")
"""What `auth status` calls a login, and no start signs in by (see the records of starts)."""


@pytest.mark.parametrize("name", [name for name in GLOBALS if name not in ("broken", *NOT_SENT)])
def test_the_client_takes_the_same_global_files_for_a_login(name, tmp_path):
    write(tmp_path / ".claude.json", GLOBALS[name][0])

    assert would_use_one(tmp_path) == is_logged_in(tmp_path)


@pytest.mark.parametrize("name", NOT_SENT)
def test_the_client_names_a_login_that_no_start_signs_in_by(name, tmp_path):
    write(tmp_path / ".claude.json", GLOBALS[name][0])

    assert is_logged_in(tmp_path)
    assert not would_use_one(tmp_path)


def test_the_client_does_not_start_with_a_broken_global_file(tmp_path):
    write(tmp_path / ".claude.json", GLOBALS["broken"][0])

    assert client(tmp_path, "auth", "status").returncode != 0


ALONE = {
    "the document": {".claude/.credentials.json": LOGIN},
    "the global file": {".claude.json": KEY},
    "the earlier global file": {".claude/.config.json": KEY},
    "a profile": {
        ".config/anthropic/configs/default.json": PROFILE,
        ".config/anthropic/credentials/default.json": TOKENS,
    },
}


@pytest.mark.parametrize("files", ALONE.values(), ids=ALONE)
def test_a_login_is_gone_for_the_client_after_a_log_out(files, tmp_path):
    (tmp_path / ".claude").mkdir()
    for name, content in files.items():
        write(tmp_path / name, content)
    before = is_logged_in(tmp_path)

    log_out(ADAPTER, request_of(tmp_path))

    assert (True, False) == (before, is_logged_in(tmp_path))


def test_a_login_in_a_folder_of_its_own_is_gone_too(tmp_path):
    env = {"CLAUDE_SECURESTORAGE_CONFIG_DIR": str(tmp_path / "secure")}
    write(tmp_path / "secure/.credentials.json", LOGIN)
    before = is_logged_in(tmp_path, **env)

    log_out(ADAPTER, request_of(tmp_path, **env))

    assert (True, False) == (before, is_logged_in(tmp_path, **env))


def test_the_clients_own_log_out_leaves_what_ours_does_not(tmp_path):
    filled(tmp_path)
    done = client(tmp_path, "auth", "logout")
    left = with_secret(tmp_path)

    ours = log_out(ADAPTER, request_of(tmp_path))

    assert (0, True, []) == (done.returncode, len(left) > 1, with_secret(tmp_path)), done.stderr
    assert any("backups/" in name for name in left)
    assert ours.exit_code == 0


def test_the_client_keeps_the_device_and_so_do_we(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    kept = []
    for home in (ours, theirs):
        write(home / ".claude/.credentials.json", DOCUMENT)
        write(home / ".claude.json", GLOBAL)
    log_out(ADAPTER, request_of(ours))
    client(theirs, "auth", "logout")

    for home in (ours, theirs):
        document = json.loads((home / ".claude/.credentials.json").read_text())
        kept.append(document["coworkRemoteDevice"])
    assert kept == [DOCUMENT["coworkRemoteDevice"]] * 2


def test_the_client_waits_for_a_lock_that_is_held_here(tmp_path):
    home = filled(tmp_path)
    document = home / ".claude/.credentials.json"
    folder = os.open(home / ".claude", os.O_RDONLY | os.O_DIRECTORY)
    words = [PROGRAM, "auth", "logout"]

    with hold(folder, str(home / ".claude"), 0):
        child = subprocess.Popen(
            words,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(3)  # within which it has come to the lock: it takes less than one alone
        during = json.loads(document.read_text())
    code = child.wait(60)
    os.close(folder)

    assert (DOCUMENT, 0, False) == (
        during,
        code,
        document.exists() and "claudeAiOauth" in document.read_text(),
    )


def test_both_log_out_at_the_same_time(tmp_path):
    home = filled(tmp_path)
    words = [PROGRAM, "auth", "logout"]
    child = subprocess.Popen(
        words,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    first = log_out(ADAPTER, request_of(home))
    code = child.wait(60)

    log_out(ADAPTER, request_of(home))

    assert (0, 0, []) == (first.exit_code, code, with_secret(home))


def test_the_client_starts_as_ever_after_a_log_out(tmp_path):
    filled(tmp_path)
    log_out(ADAPTER, request_of(tmp_path))

    said = client(tmp_path, "auth", "status")

    assert json.loads(said.stdout)["authMethod"] == "none"
