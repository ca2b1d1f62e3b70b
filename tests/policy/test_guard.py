"""The guard: isolated, standard library only, in front of a command."""

import os
import signal
import subprocess
import sys
import time

import pytest
from example_hosts import copy_host

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import (
    BIN,
    FORCED_CHATGPT,
    VERSION,
    credential,
    make_host,
    run,
    run_guard,
)
from support.machines.private_etc import in_private_etc
from tipstaff_policy import guard

LOADED = """
import os, runpy, sys
os._exit = sys.exit  # so that what was loaded can still be looked at
sys.argv = [{path!r}, *{words!r}]
try:
    runpy.run_path({path!r}, run_name="__main__")
except SystemExit as end:
    code = end.code
foreign = {{each.partition(".")[0] for each in sys.modules}} - set(sys.stdlib_module_names)
print(code, sorted(foreign), sorted(set(sys.modules) & {{"dataclasses", "hashlib", "logging", "pathlib", "subprocess"}}))
"""


@pytest.mark.parametrize(("managed", "code"), [(None, 0), (FORCED_CHATGPT, 10), ("x = [", 3)])
def test_only_the_standard_library_is_imported(managed, code, tmp_path):
    root = make_host(tmp_path / "host", managed=managed)
    words = [*VERSION, "--system-root", str(root)]
    if code == 3:
        words = [*words, "--help"]

    done = run([sys.executable, "-I", "-S", "-c", LOADED.format(path=guard.__file__, words=words)])

    assert (
        f"{0 if code == 3 else code} ['__main__', 'tipstaff_policy'] []"
        == done.stdout.splitlines()[-1]
    )


def test_an_allowed_command_becomes_the_process(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), managed=FORCED_CHATGPT)

    done = run_guard(root, "--", "sh", "-c", "echo out; exit 7")

    assert 7 == done.returncode
    assert "out\n" == done.stdout
    assert "" == done.stderr


@pytest.mark.parametrize(
    ("managed", "code"),
    [(FORCED_CHATGPT, 10), ("x = [\n", 3)],
)
def test_a_command_is_not_started_where_the_host_does_not_comply(managed, code, tmp_path):
    root = make_host(tmp_path / "host", managed=managed)

    done = run_guard(root, "--", "sh", "-c", "echo started")

    assert code == done.returncode
    assert "" == done.stdout


def test_a_missing_command_is_a_usage_error(tmp_path):
    assert 2 == run_guard(make_host(tmp_path / "host"), "--", "no-such-program").returncode


@pytest.mark.parametrize("words", [["--nonsense"], ["-c"], ["stray"]])
def test_an_unknown_option_is_a_usage_error(words, tmp_path):
    assert 2 == run_guard(make_host(tmp_path / "host"), *words).returncode


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("codex", "-c", "forced_login_method=chatgpt", "exec", "hi"), 2),
        (("codex", "--brand-new-option"), 2),
        (("codex", "-p", "work"), 2),
        (("codex", "-C", "/nowhere", "exec"), 2),
    ],
)
def test_what_the_command_line_makes_the_client_do_is_left_to_the_client(command, code, tmp_path):
    """2 is what comes of a host that complies, as there is no client to become."""
    root = make_host(tmp_path / "host")
    (root / "home/dev/.codex/work.config.toml").write_text(FORCED_CHATGPT)

    assert code == run_guard(root, "--", *command).returncode


@pytest.fixture
def stopped_by_a_variable(tmp_path):
    """Return a host with a good login, and what the guard did about a variable with a key."""
    root = make_host(tmp_path / "host", auth=chatgpt())
    etc, front = in_private_etc(tmp_path, sys.executable, "-I", "-S", guard.__file__)
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    env = {"HOME": str(root / "home/dev"), "CODEX_API_KEY": "made-up-canary"}
    return root, run([*front, "--", "echo", "started"], env={**env, "PATH": os.environ["PATH"]})


def test_a_variable_that_violates_starts_nothing(stopped_by_a_variable):
    _, done = stopped_by_a_variable

    assert 11 == done.returncode
    assert "" == done.stdout


def test_a_variable_that_violates_is_named_without_its_value(stopped_by_a_variable):
    _, done = stopped_by_a_variable

    assert "CODEX_API_KEY" in done.stderr
    assert "made-up-canary" not in done.stderr


def test_a_variable_that_violates_leaves_the_good_login(stopped_by_a_variable):
    root, _ = stopped_by_a_variable

    assert chatgpt() == credential(root).read_text()


def test_modules_planted_by_the_environment_are_not_imported(tmp_path):
    planted = tmp_path / "planted"
    planted.mkdir()
    for name in ("json", "tomllib", "fcntl", "tipstaff_policy"):
        (planted / f"{name}.py").write_text(f"raise SystemExit('planted {name}')\n")
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    words = [*VERSION, "--system-root", root]
    env = {**os.environ, "PYTHONPATH": str(planted)}

    shipped = run([sys.executable, "-I", "-S", guard.__file__, *words], env=env)

    assert 10 == shipped.returncode


def test_the_console_script_drops_the_paths_of_the_environment(tmp_path):
    planted = tmp_path / "planted"
    planted.mkdir()
    for name in ("tomllib", "fcntl", "binascii"):
        (planted / f"{name}.py").write_text(f"raise SystemExit('planted {name}')\n")
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    done = run(
        [BIN / "tipstaff-guard", *VERSION, "--system-root", root],
        env={**os.environ, "PYTHONPATH": str(planted)},
    )

    assert 10 == done.returncode


def test_toml_1_1_is_judged_by_the_full_program_beside_it(tmp_path):
    newer = "forced_login_method = {chatgpt = {},\n}\n"
    root = make_host(tmp_path / "host", managed=newer)

    done = run_guard(root)

    assert 10 == done.returncode
    assert "" == done.stdout


def test_toml_1_1_without_the_full_program_is_refused(tmp_path):
    root = make_host(tmp_path / "host", managed="forced_login_method = {chatgpt = {},\n}\n")
    copy = tmp_path / "alone/tipstaff_policy"
    copy.parent.mkdir()
    package = os.path.dirname(guard.__file__)
    subprocess.run(["cp", "-r", package, copy], check=True)
    python = os.path.realpath(sys.executable)

    done = run([python, "-I", "-S", copy / "guard.py", *VERSION, "--system-root", root])

    assert 3 == done.returncode
    assert credential(root).exists()
    assert "managed_config.toml:1" in done.stderr


def test_an_interrupt_is_130(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    lock = credential(root).parent / "auth.lock"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import fcntl,time; f=open({str(lock)!r},'w'); fcntl.flock(f,2); print('held',flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    front = [sys.executable, "-I", "-S", guard.__file__, *VERSION, "--system-root", str(root)]
    waiting = subprocess.Popen(front, stderr=subprocess.PIPE)
    while str(lock) not in {
        os.path.realpath(f"/proc/{waiting.pid}/fd/{descriptor}")
        for descriptor in _descriptors(waiting.pid)
    }:
        time.sleep(0.02)  # a loop without rest takes the processor from the guard

    waiting.send_signal(signal.SIGINT)

    assert 130 == waiting.wait(20)
    assert b"Traceback" not in waiting.stderr.read()
    assert credential(root).read_text() == API_KEY
    for process in (waiting, holder):
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def _descriptors(pid):
    try:
        return os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return []


def test_a_closed_pipe_does_not_hide_that_a_login_was_removed(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-I", "-S", guard.__file__, *VERSION, "--system-root", root],
        stderr=writing,
        check=False,
    )

    os.close(writing)
    assert 10 == done.returncode
    assert not credential(root).exists()


def test_without_the_full_program_the_plain_file_is_emptied_all_the_same(tmp_path):
    root = make_host(tmp_path / "host")
    python = tmp_path / "bin/python3"
    python.parent.mkdir()
    python.symlink_to(os.path.realpath(sys.executable))  # beside which no tipstaff lies
    etc, front = in_private_etc(tmp_path, python, "-I", "-S", guard.__file__, *VERSION)
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    bus = "unix:path=/proc/no-such-socket"
    home = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}

    done = run(front, env={**home, "DBUS_SESSION_BUS_ADDRESS": bus})

    assert 10 == done.returncode
    assert not credential(root).exists()
    assert "to do: sign in as the policy allows: `tipstaff login --client codex`\n" in done.stderr


def test_what_is_wrong_for_every_client_is_said_once(tmp_path):
    root = copy_host("both-clients", tmp_path)
    (root / "etc/tipstaff/policy.toml").write_text("schema = 1\nx\n")

    done = run([sys.executable, "-I", "-S", guard.__file__, "--system-root", root])

    assert (3, 1) == (done.returncode, done.stderr.count("tipstaff: invalid: ")), done
