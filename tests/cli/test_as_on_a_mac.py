"""Every path of a day on a Python that lacks what Python lacks on a Mac (`as_on_a_mac.py`)."""

import json
import os
import sys
from pathlib import Path

import pytest

from support.machines.hosts import run
from support.machines.private_etc import in_private_etc

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")
PROGRAM = Path(__file__).parents[1] / "as_on_a_mac.py"
RULE = 'forced_login_method = "chatgpt"\n'
LOGIN = '{"OPENAI_API_KEY": "sk-made-up"}'


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home/.codex"
    folder.mkdir(parents=True)
    (folder / "auth.json").write_text(LOGIN)
    (folder / "auth.json").chmod(0o600)
    return tmp_path / "home"


@pytest.fixture
def mac(home, tmp_path):
    """Return what runs a program on a host whose file allows ChatGPT alone."""
    etc, words = in_private_etc(tmp_path, sys.executable, "-I", PROGRAM)
    (etc / "codex/managed_config.toml").write_text(RULE)
    env = {**os.environ, "HOME": str(home), "USER": "dev"}
    return lambda *more: run([*words, *more], env=env, timeout=120)


def test_a_login_that_is_forbidden_is_removed_from_the_file(mac, home):
    done = mac("cli", "enforce", "--format", "json")

    assert not (home / ".codex/auth.json").exists(), done.stderr


def test_a_keychain_that_cannot_be_asked_is_never_said_to_be_empty(mac):
    """There is no `/usr/bin/security` here, as on a Mac that is broken."""
    done = mac("cli", "enforce", "--format", "json")

    assert 11 == done.returncode
    assert "`security` is missing" in done.stdout


def test_the_guard_removes_it_and_starts_nothing(mac, home):
    done = mac("guard", "--", "/bin/echo", "started")

    assert not (home / ".codex/auth.json").exists()
    assert "started" not in done.stdout


def test_the_guard_starts_the_client_where_nobody_restricts(home):
    env = {**os.environ, "HOME": str(home)}
    done = run([sys.executable, "-I", PROGRAM, "guard", "--", "/bin/echo", "started"], env=env)

    assert (0, "started\n") == (done.returncode, done.stdout)


def test_an_audit_says_that_it_ran_on_a_mac(home):
    env = {**os.environ, "HOME": str(home)}
    done = run([sys.executable, "-I", PROGRAM, "cli", "audit", "--format", "json"], env=env)

    assert "macos" == json.loads(done.stdout)["run"]["host"]["os"]


@pytest.mark.parametrize("words", [("credentials", "list"), ("why",), ("status",), ("doctor",)])
def test_a_command_that_shows_something_ends_as_it_may(words, home):
    env = {**os.environ, "HOME": str(home)}
    done = run([sys.executable, "-I", PROGRAM, "cli", *words], env=env, timeout=120)

    assert done.returncode in (0, 1, 4), done.stderr
    assert "" != done.stdout


@AS_ROOT
def test_a_root_run_judges_the_users():
    done = run(
        [sys.executable, "-I", PROGRAM, "cli", "audit", "--user", "root", "--format", "json"],
        timeout=120,
    )

    assert {"done"} == {user["outcome"] for user in json.loads(done.stdout)["users"]}
