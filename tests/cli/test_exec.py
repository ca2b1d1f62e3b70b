"""`tipstaff exec`: the guard's work by the full program, in front of anything and of the client."""

import os
import signal
import subprocess
import sys

import pytest

from hosts import BIN, FORCED_CHATGPT, VERSION, credential, make_host, run
from logins import chatgpt

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
    before, home = front(root, env)
    return run([*before, *words], env=home, **options)


def test_a_command_that_may_run_has_its_own_output_and_exit_code(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), user=FORCED_CHATGPT)

    done = run_exec(root, "--", "sh", "-c", 'echo "$@"; exit 7', "sh", "-p", "--", "x")

    assert (7, "-p -- x\n", "") == (done.returncode, done.stdout, done.stderr)


def test_options_behind_the_command_are_its_own_without_dashes_too(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), user=FORCED_CHATGPT)

    done = run_exec(root, "sh", "-c", "exit 9")

    assert 9 == done.returncode


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"user": FORCED_CHATGPT}, 10),
        ({"user": "x = [\n"}, 3),
        ({"user": 'cli_auth_credentials_store = "keyring"\n'}, 4),
    ],
)
def test_nothing_is_started_where_the_host_does_not_comply(files, code, tmp_path):
    root = make_host(tmp_path / "host", **files)

    done = run_exec(root, "--", "sh", "-c", "echo started")

    assert (code, "") == (done.returncode, done.stdout)
    assert (code != 10) == credential(root).exists()


def test_nothing_is_started_where_the_log_out_is_incomplete(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    credential(root).rename(tmp_path / "elsewhere")
    credential(root).symlink_to(tmp_path / "elsewhere")

    done = run_exec(root, "--", "sh", "-c", "echo started")

    assert (11, "") == (done.returncode, done.stdout)
    assert "still holds the credential" in done.stderr


def test_an_unknown_option_of_the_client_starts_nothing(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())

    assert 4 == run_exec(root, "--", "codex", "--brand-new-option").returncode


def test_the_clients_own_options_are_part_of_the_state(tmp_path):
    root = make_host(tmp_path / "host")

    done = run_exec(root, "codex", "exec", "-c", "forced_login_method=chatgpt", "hi")

    assert (10, False) == (done.returncode, credential(root).exists())


def test_toml_1_1_is_read(tmp_path):
    obeyed = make_host(tmp_path / "obeyed", user="[tools]\nx = {a = 1,\n}\n")
    refused = make_host(tmp_path / "refused", user=NEWER)

    assert 5 == run_exec(obeyed, "--", "sh", "-c", "exit 5").returncode
    assert 10 == run_exec(refused, "--", "sh", "-c", "exit 5").returncode
    assert not credential(refused).exists()


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
    """Python ignores the signal; a command that inherited that would go on for ever."""
    root = make_host(tmp_path / "host", auth=chatgpt())

    done = run_exec(root, "--", "sh", "-c", "(while echo x; do :; done) | head -1")

    assert ("x\n", "") == (done.stdout, done.stderr)
