"""`tipstaff exec`: the guard's work by the full program, in front of anything and of the client."""

import os
import signal
import subprocess
import sys

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import (
    BIN,
    FORCED_CHATGPT,
    VERSION,
    credential,
    make_host,
    run,
    tipstaff,
)
from support.machines.private_etc import in_private_etc

NEWER = "forced_login_method = {chatgpt = {},\n}\n"
SPEAKS_OF_SIGNALS = """
import signal, sys, time
def end(number, frame):
    sys.exit(number + 40)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(60)
"""


def front(root, env=None):
    """Return the words and the environment in front of a command, with a home of its own."""
    home = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"], **(env or {})}
    return [str(BIN / "tipstaff"), "exec", *VERSION], home


def run_exec(root, *words, env=None, **options):
    (_, *before), home = front(root, env)
    return tipstaff(*before, *words, env=home, **options)


def test_a_command_that_may_run_has_its_own_output_and_exit_code(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), user=FORCED_CHATGPT)

    done = run_exec(root, "--", "sh", "-c", 'echo "$@"; exit 7', "sh", "-p", "--", "x")

    assert 7 == done.returncode
    assert "-p -- x\n" == done.stdout
    assert "" == done.stderr


def test_options_behind_the_command_are_its_own_without_dashes_too(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), user=FORCED_CHATGPT)

    done = run_exec(root, "sh", "-c", "exit 9")

    assert 9 == done.returncode


def run_managed(tmp_path, root, managed, *words):
    """Run `tipstaff exec` on a machine whose administrators have written a managed file."""
    before, home = front(root, None)
    etc, front_of_etc = in_private_etc(tmp_path, *before)
    (etc / "codex/managed_config.toml").write_text(managed)
    return run([*front_of_etc, *words], env=home)


@pytest.mark.parametrize(
    ("managed", "auth", "code"),
    [(FORCED_CHATGPT, API_KEY, 10), ("x = [\n", API_KEY, 3), (FORCED_CHATGPT, "{}x", 4)],
)
def test_nothing_is_started_where_the_host_does_not_comply(managed, auth, code, tmp_path):
    root = make_host(tmp_path / "host", auth=auth)

    done = run_managed(tmp_path, root, managed, "--", "sh", "-c", "echo started")

    assert code == done.returncode
    assert "" == done.stdout
    assert (code != 10) == credential(root).exists()


@pytest.mark.parametrize("user", [FORCED_CHATGPT, "x = [\n", "model = 5\n"])
def test_what_the_client_itself_refuses_the_client_itself_says(user, tmp_path):
    root = make_host(tmp_path / "host", user=user)

    done = run_exec(root, "--", "sh", "-c", "echo started")

    assert 0 == done.returncode
    assert "started\n" == done.stdout


def test_nothing_is_started_where_the_log_out_is_incomplete(tmp_path):
    root = make_host(tmp_path / "host")
    credential(root).rename(tmp_path / "elsewhere")
    credential(root).symlink_to(tmp_path / "elsewhere")

    done = run_managed(tmp_path, root, FORCED_CHATGPT, "--", "sh", "-c", "echo started")

    assert 11 == done.returncode
    assert "" == done.stdout
    assert "still contains the credential" in done.stderr


@pytest.mark.parametrize(
    "words", [["--brand-new-option"], ["exec", "-c", "forced_login_method=chatgpt", "hi"]]
)
def test_no_option_of_the_client_is_a_reason_to_stop(words, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    program = tmp_path / "bin/codex"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho started\n")
    program.chmod(0o755)

    assert "started\n" == run_exec(root, "--", program, *words).stdout


@pytest.mark.parametrize(("managed", "code"), [("[tools]\nx = {a = 1,\n}\n", 5), (NEWER, 10)])
def test_toml_1_1_is_read(managed, code, tmp_path):
    root = make_host(tmp_path / "host")

    assert code == run_managed(tmp_path, root, managed, "--", "sh", "-c", "exit 5").returncode


def test_an_image_has_no_process_to_become(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())

    assert 2 == run_exec(root, "--system-root", root, "--", "true").returncode


def test_a_missing_program_is_a_usage_error(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())

    assert 2 == run_exec(root, "--", "no-such-program").returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_reach_the_command(number, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())
    before, env = front(root)
    words = [*before, "--", sys.executable, "-c", SPEAKS_OF_SIGNALS]

    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.send_signal(number)

        assert number + 40 == process.wait(30)


def test_the_command_is_ended_by_a_closed_pipe_as_ever(tmp_path):
    """Python ignores the signal; a command that inherited that would never end."""
    root = make_host(tmp_path / "host", auth=chatgpt())

    done = run_exec(root, "--", "sh", "-c", "(while echo x; do :; done) | head -1")

    assert "x\n" == done.stdout
    assert "" == done.stderr
