"""A log-out while the real client signs in: a whole login or none, and none that is lost."""

import json
import subprocess
import sys
import time

from conformance.client import VERSION
from tipstaff_policy import guard

ROUNDS = 16
STEP_S = 0.006
FORCED = ("-c", "forced_login_method=chatgpt")


def started(words, home, **pipes):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(home.parent), "CODEX_HOME": str(home)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(words, env=env, cwd=home.parent, text=True, **quiet, **pipes)


def test_a_sign_in_during_a_log_out_is_whole_or_gone(client, tmp_path):
    home = tmp_path / ".codex"
    home.mkdir()
    stored = home / "auth.json"
    front = [sys.executable, "-I", "-S", guard.__file__, "--client-version", VERSION, *FORCED]
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
    # A client that is still about to sign in is told as one that may hold what was removed.
    assert {logged_out for _, logged_out in codes} <= {0, 10, 11}
    assert {10, 11} & {logged_out for _, logged_out in codes}
