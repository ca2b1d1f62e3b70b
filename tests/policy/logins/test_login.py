"""A login is made aside, and takes the earlier one's place whole or not at all."""

import fcntl
import os
import signal
import sys
import threading

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import credential, make_host, tipstaff
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.logins.sign_in.failures import FAILURES, explain
from tipstaff_policy.clients.interface.sign_in import Ran
from tipstaff_policy.clients.own_files import PREFIX
from tipstaff_policy.errors import AccessDeniedError, UsageError
from tipstaff_policy.logins.sign_in import client_process
from tipstaff_policy.logins.sign_in.client_process import interruptions, run_client
from tipstaff_policy.logins.sign_in.commit import FilePlacing
from tipstaff_policy.logins.sign_in.flow import log_in
from tipstaff_policy.logins.sign_in.staging import make_aside
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client

CODEX = load_client("codex")
EARLIER = chatgpt("ws-a")
STORES = f"umask 077; cat >/dev/null; printf '%s' '{API_KEY}' >$CODEX_HOME/auth.json"


def request(folder, script=STORES, **host):
    """Return a host with an earlier login, and a client on it that does as a script says."""
    root = make_host(folder / "host", auth=host.pop("auth", EARLIER), **host)
    program = folder / "codex"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    client = Client(
        "codex", "0.169.0", "option", str(program), True, "exec", "codex-0.166.0", "run"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(root / "home/dev")}
    return Request(env, "/", 0, system_root=str(root), client=client), credential(root)


def names(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize(
    ("script", "code", "why"),
    [
        ("exit 0", 4, "stored no login"),
        ("exit 7", 4, "exit code 7"),
        ("umask 0; printf '%s' '{}' >$CODEX_HOME/auth.json", 4, "not a regular file"),
        (f"{STORES}; ln $CODEX_HOME/auth.json $CODEX_HOME/again", 4, "not a regular file"),
        ("printf x >$CODEX_HOME/auth.json", 4, "could not be judged"),
    ],
)
def test_what_the_client_leaves_otherwise_than_it_should_changes_nothing(
    script, code, why, tmp_path
):
    asked, auth = request(tmp_path, f"umask 077; {script}")

    result = log_in(CODEX, asked, "api-key")

    assert code == result.exit_code
    assert EARLIER == auth.read_text()
    assert "kept" == result.earlier
    assert why in result.note
    assert not [name for name in names(auth.parent) if name.startswith(PREFIX)]


@pytest.mark.parametrize("auth", [EARLIER, None], ids=["earlier", "none"])
def test_a_login_that_does_not_read_back_gives_way_to_the_earlier_one(auth, tmp_path):
    asked, path = request(tmp_path, auth=auth)

    def forgetful(asked_request):
        state = CODEX.read_state(asked_request)
        placed = asked_request.client_home is None and path.exists() and path.read_text() == API_KEY
        return state._replace(credentials=()) if placed else state

    result = log_in(CODEX._replace(read_state=forgetful), asked, "api-key")

    assert 4 == result.exit_code
    assert auth == (path.read_text() if path.exists() else None)
    assert "did not read back" in result.note


def test_a_rule_that_came_while_the_person_signed_in_counts(tmp_path):
    rule = 'allowed_login_methods = ["chatgpt"]'
    etc = tmp_path / "host/etc/codex/requirements.toml"
    asked, auth = request(tmp_path, f"{STORES}; echo '{rule}' >{etc}")

    result = log_in(CODEX, asked, "api-key")

    assert 1 == result.exit_code
    assert "refused" == result.outcome
    assert EARLIER == auth.read_text()
    assert "/etc/codex/requirements.toml:1" in result.note


def test_a_login_that_came_while_the_person_signed_in_is_replaced_whole(tmp_path):
    home = tmp_path / "host/home/dev/.codex"
    other = chatgpt("ws-b")
    asked, auth = request(tmp_path, f"{STORES}; printf '%s' '{other}' >{home}/auth.json")

    result = log_in(CODEX, asked, "api-key")

    assert 0 == result.exit_code
    assert API_KEY == auth.read_text()
    assert 1 == auth.stat().st_nlink


def test_the_client_sees_the_folder_as_it_is_but_for_the_login(tmp_path):
    seen = tmp_path / "seen"
    script = f"ls -A $CODEX_HOME >{seen}; cat $CODEX_HOME/config.toml >>{seen}; {STORES}"
    asked, auth = request(tmp_path, script, user="model = 'made up'\n")
    for name in ("auth.lock", "own.md"):
        (auth.parent / name).write_text("")

    log_in(CODEX, asked, "api-key")

    assert ["config.toml", "own.md", "model = 'made up'"] == seen.read_text().splitlines()


def test_two_may_sign_in_and_only_what_is_left_behind_is_swept(tmp_path):
    forgotten = []
    (tmp_path / f"{PREFIX}left").mkdir()
    (tmp_path / f"{PREFIX}left/auth.json").write_text(EARLIER)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/kept").write_text("")
    (tmp_path / f"{PREFIX}link").symlink_to("elsewhere")

    with (
        make_aside(str(tmp_path), (), forgotten.append) as first,
        make_aside(str(tmp_path), (), forgotten.append) as second,
    ):
        there = [name for name in names(tmp_path) if name.startswith(PREFIX)]
        mode = os.stat(first.path).st_mode & 0o777

    assert {os.path.basename(claim.path) for claim in (first, second)} | {f"{PREFIX}link"} == set(
        there
    )
    assert 0o700 == mode
    left = str(tmp_path / f"{PREFIX}left")
    assert [left, second.path, first.path] == forgotten
    assert ["kept"] == names(tmp_path / "elsewhere")
    assert ["elsewhere", f"{PREFIX}link"] == sorted(
        names(tmp_path), key=lambda name: name[0] == "."
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user's guest")
def test_nobody_signs_in_for_somebody_else(tmp_path):
    asked, auth = request(tmp_path)
    os.chown(auth.parent, 12345, 12345)

    with pytest.raises(UsageError, match="belongs to another user"):
        log_in(CODEX, asked, "api-key")

    assert EARLIER == auth.read_text()


def test_a_place_that_cannot_take_the_login_keeps_what_it_holds(tmp_path):
    (tmp_path / "auth.json").mkdir()

    with make_aside(str(tmp_path), ("auth.json",), print) as aside:
        (tmp_path / os.path.basename(aside.path) / "auth.json").write_text(API_KEY)
        with pytest.raises(AccessDeniedError, match="cannot be put in place"):
            FilePlacing(CODEX, aside, "file").put()

    assert (tmp_path / "auth.json").is_dir()


STEPS = ("os.", "fcntl.", "subprocess.", "shutil.")


def killed_at(step, asked):
    """Sign in in a process that dies at one of its steps; return whether it lived to its end."""
    child = os.fork()
    if child == 0:
        left = iter(range(step))

        def die(event, _):
            if event.startswith(STEPS) and next(left, None) is None:
                os._exit(9)

        sys.addaudithook(die)
        log_in(CODEX, asked, "api-key")
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def test_killed_at_any_step_one_whole_login_is_there_and_the_next_run_cleans_up(tmp_path):
    ends = set()
    for step in range(1, 400):
        folder = tmp_path / str(step)
        folder.mkdir()
        asked, auth = request(folder)
        lived = killed_at(step, asked)
        ends.add(auth.read_text())
        result = log_in(CODEX, asked, "api-key")
        assert 0 == result.exit_code, step
        assert 1 == auth.stat().st_nlink, step
        assert not [name for name in names(auth.parent) if name.startswith(PREFIX)], step
        if lived:
            break

    assert {EARLIER, API_KEY} == ends
    assert lived is True


def said(capfd):
    return capfd.readouterr()


def test_what_the_client_says_goes_to_standard_error_alone(capfd):
    with interruptions() as nobody:
        ran = run_client(("sh", "-c", "echo one; echo two >&2; exit 3"), os.environ, "/", nobody)

    assert (3, "one\ntwo\n", False) == ran
    assert ("", "one\ntwo\n") == said(capfd)


def test_a_browser_that_keeps_the_output_open_is_not_waited_for():
    with interruptions() as nobody:
        words = ("sh", "-c", "sleep 30 & echo $!")
        ran = run_client(words, os.environ, "/", nobody)

    os.kill(int(ran.said), signal.SIGKILL)  # it was still there
    assert 0 == ran.code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_client_and_not_our_own_step(number, monkeypatch):
    monkeypatch.setattr(client_process, "PATIENCE_S", 0.2)
    deaf = "import signal, os; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]"
    deaf += "; os.write(1, b'deaf'); signal.pause()"

    def interrupt(part):
        if part == b"deaf":
            os.kill(os.getpid(), number)

    monkeypatch.setattr(client_process, "_say", interrupt)
    with interruptions() as taken:
        ran = run_client((sys.executable, "-c", deaf), os.environ, "/", taken)

    assert -signal.SIGKILL == ran.code
    assert ran.broken_off is True


def test_the_handlers_of_signals_are_given_back():
    before = [signal.getsignal(number) for number in client_process.SIGNALS]

    with interruptions():
        assert before != [signal.getsignal(number) for number in client_process.SIGNALS]

    assert before == [signal.getsignal(number) for number in client_process.SIGNALS]


def test_a_lock_that_comes_free_in_time_is_waited_for(tmp_path):
    asked, auth = request(tmp_path)
    descriptor = os.open(auth.parent / "auth.lock", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    release = threading.Timer(0.3, os.close, [descriptor])
    release.start()

    result = log_in(CODEX, asked, "api-key", lock_timeout_s=20)

    release.join()
    assert 0 == result.exit_code
    assert API_KEY == auth.read_text()


IN_WORDS = {
    'oauth callback returned error error_code="access_denied" has_error_description=false':
        "the error access_denied",
    "Error logging in: Sign-in failed: a secret of somebody": "exit code 1",
    "received login callback has_error=false state_valid=false": "from a different sign-in",
    "Error logging in: Login cancelled": "another sign-in replaced this one",
    "Error logging in: Port 127.0.0.1:1457 is already in use": "port 1457",
    "oauth token exchange transport failure is_timeout=true is_connect=false": "no answer in time",
    "Error logging in: failed to decode agent identity JWT: x": "is not an access token",
    "Error logging in: device auth timed out after 15 minutes": "not entered in time",
}  # fmt: skip


@pytest.mark.parametrize("text", IN_WORDS)
def test_a_failure_is_told_in_our_own_words(text, tmp_path):
    asked, _ = request(tmp_path)
    state = CODEX.read_state(asked)

    trouble = explain(asked, state, Ran(1, text), 0)

    assert IN_WORDS[text] in trouble.what
    assert "secret" not in trouble.what + trouble.remedy


def test_only_what_the_log_says_of_this_login_counts(tmp_path):
    asked, auth = request(tmp_path)
    log = auth.parent / "log/codex-login.log"
    log.parent.mkdir()
    log.write_text("WARN oauth token exchange returned non-success status status=503 x\n")
    begun = log.stat().st_size
    with log.open("a") as file:
        file.write("WARN oauth token exchange returned non-success status status=418 x\n")

    trouble = explain(asked, CODEX.read_state(asked), Ran(1, ""), begun)

    assert "status 418" in trouble.what


def test_every_reason_says_what_to_do():
    assert all(remedy and what for _, what, remedy, _ in FAILURES)


@pytest.mark.parametrize(
    "words",
    [
        ("--with-api-key", "--device-auth"),
        ("--system-root", "/"),
        ("--client", "codex", "--client-version", "0.169.0"),
    ],
    ids=lambda value: value[0],
)
def test_what_cannot_sign_in_is_a_usage_error(words):
    assert 2 == tipstaff("login", *words).returncode


def test_without_a_client_nothing_is_begun(tmp_path):
    env = {"HOME": str(tmp_path), "PATH": "/nowhere"}

    done = tipstaff("login", "--with-api-key", env=env, input="")

    assert 2 == done.returncode, done
    assert "no program of codex was found" in done.stderr
    assert [] == names(tmp_path)
