"""A log-out while the real client signs in or refreshes: a whole login or none, and none lost."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from conformance.client import AS_VERSION, ASK
from support.clients.logins import chatgpt, claims, token
from support.machines.private_etc import in_private_etc
from support.services.issuers import IssuerServer, serving
from tipstaff_policy import guard

ROUNDS = 16
STEP_S = 0.006
FORCED = 'forced_login_method = "chatgpt"\n'
FORBIDDEN, ALLOWED = 'forced_login_method = "api"\n', FORCED
EXPIRED = 1_000_000_000
ANSWER_S = 30
FRESH = "made-up-fresh"
NEW = {"id_token": token(claims("ws-a")), "access_token": token(claims("ws-a"))}
GUARD = [
    sys.executable,
    "-I",
    "-S",
    guard.__file__,
    *AS_VERSION,
]


def started(words, home, **how):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home.parent), "CODEX_HOME": str(home)}
    env |= how.pop("more", {})
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(words, env=env, cwd=home.parent, text=True, **{**quiet, **how})


@pytest.fixture
def guard_under(tmp_path):
    """Return a maker of the guard's command line on a machine with a managed file.

    The machine is made once, so that a guard starts at the moment that a test wants.
    """
    machines = []

    def make(managed):
        folder = tmp_path / f"machine-{len(machines)}"
        folder.mkdir()
        etc, words = in_private_etc(folder, "sleep", "600")
        (etc / "codex/managed_config.toml").write_text(managed)
        machine = subprocess.Popen(words)
        machines.append(machine)
        while Path(f"/proc/{machine.pid}/comm").read_text().strip() != "sleep":
            time.sleep(0.01)
        own = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        return ["nsenter", "-t", str(machine.pid), *own, "-m", *GUARD]

    yield make
    for machine in machines:
        machine.kill()
        machine.wait()


@contextlib.contextmanager
def issuer():
    """Serve fresh tokens to who asks for them; `asked` is set then, and `may_answer` lets it."""
    text = json.dumps({**NEW, "refresh_token": FRESH})
    server = IssuerServer()
    server.answer = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
        f"\r\n\r\n{text}"
    ).encode()
    server.asked, server.may_answer = threading.Event(), threading.Event()

    def wait():
        server.asked.set()
        server.may_answer.wait(ANSWER_S)

    server.before_answer = wait
    with serving(server):
        yield server


@contextlib.contextmanager
def refreshing(client, home, server):
    """Start a client whose login has expired, up to where it has asked for a fresh one.

    What is yielded waits until the client has dealt with the answer.
    """
    (home / "auth.json").write_text(chatgpt("ws-a", exp=EXPIRED))
    (home / "auth.json").chmod(0o600)
    url = f"http://127.0.0.1:{server.server_port}/oauth/token"
    more = {"CODEX_REFRESH_TOKEN_URL_OVERRIDE": url}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "more": more}
    with started([client, "app-server"], home, **pipes) as process:
        process.stdin.write("".join(json.dumps(message) + "\n" for message in ASK))
        process.stdin.flush()
        assert server.asked.wait(ANSWER_S)
        yield lambda: next(line for line in process.stdout if '"id":2' in line)
        process.kill()


def test_a_sign_in_during_a_log_out_is_whole_or_gone(client, guard_under, tmp_path):
    home = tmp_path / ".codex"
    home.mkdir()
    stored = home / "auth.json"
    front = guard_under(FORCED)
    codes = []
    for number in range(ROUNDS):
        key = f"made-up-key-{number:03}"
        signing_in = started([client, "login", "--with-api-key"], home, stdin=subprocess.PIPE)
        signing_in.stdin.write(key + "\n")
        signing_in.stdin.close()
        time.sleep(number * STEP_S)
        logging_out = started(front, home)

        codes.append((signing_in.wait(30), logging_out.wait(30)))

        found = json.loads(stored.read_text())["OPENAI_API_KEY"] if stored.exists() else None
        assert found in (key, None), codes
        assert codes[-1][1] != 0 or found == key, codes
        assert [] == list(home.glob(".auth-*"))
    assert {0} == {signed_in for signed_in, _ in codes}
    # A client that is still about to sign in is reported as one that may hold what was removed.
    assert {logged_out for _, logged_out in codes} <= {0, 10, 11}
    assert {10, 11} & {logged_out for _, logged_out in codes}


def test_a_refresh_does_not_bring_back_what_was_removed_meanwhile(client, guard_under, tmp_path):
    home = tmp_path / ".codex"
    home.mkdir()
    front = guard_under(FORBIDDEN)
    with issuer() as server, refreshing(client, home, server) as answered:
        code = started(front, home).wait(ANSWER_S)
        gone = not (home / "auth.json").exists()
        server.may_answer.set()
        message = answered()

    assert (11, True) == (code, gone)  # 11: the client still runs
    assert '"account":null' in message
    assert not (home / "auth.json").exists()


@pytest.mark.rest
@pytest.mark.parametrize("rule", [FORBIDDEN, ALLOWED], ids=["forbidden", "allowed"])
def test_a_refresh_during_a_run_is_whole_or_gone(rule, client, guard_under, tmp_path):
    front = guard_under(rule)
    for number in range(ROUNDS):
        home = tmp_path / f"{number}" / ".codex"
        home.mkdir(parents=True)
        with issuer() as server, refreshing(client, home, server) as answered:
            enforcing = started(front, home)
            time.sleep(number * STEP_S)
            server.may_answer.set()
            answered()
            code = enforcing.wait(ANSWER_S)

        stored = home / "auth.json"
        found = json.loads(stored.read_text())["tokens"]["refresh_token"] if stored.exists() else ""
        assert ((11, "") if rule == FORBIDDEN else (0, FRESH)) == (code, found), number
        assert [] == list(home.glob(".auth-*"))
