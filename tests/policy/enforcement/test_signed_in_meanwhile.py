"""A log-out under way, and a sign-in to another store that no lock keeps away."""

import os
import sys

from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, run
from support.machines.private_etc import in_private_etc
from support.services.keyrings import item, keyring

__all__ = ["keyring"]
SCRIPT = """
import os, subprocess, sys, time
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import Request
from tipstaff_policy.enforcement.enforce import enforce

def sign_in(*_):
    subprocess.run(["secret-tool", "store", "--label=x", *sys.argv[2:]], input=sys.argv[1].encode())

done = enforce(
    load_client("codex"), Request(os.environ, "/", int(time.time())), before_removal=sign_in
)
print(done.exit_code, done.sign_in_after.verdict, *(f"{a.store}={a.outcome}" for a in done.steps))
"""


def test_a_forbidden_login_that_came_meanwhile_is_no_complete_log_out(tmp_path, keyring):
    folder = tmp_path / "home/.codex"
    folder.mkdir(parents=True)
    (folder / "auth.json").write_text(API_KEY)
    keyring.lay_out({"items": []})
    names, secret = item(folder, API_KEY)
    pairs = [word for pair in names.items() for word in pair]
    etc, words = in_private_etc(tmp_path, sys.executable, "-c", SCRIPT, secret, *pairs)
    (etc / "codex/managed_config.toml").write_text(FORCED_CHATGPT)
    env = {**os.environ, "HOME": str(tmp_path / "home"), **keyring.address}

    done = run(words, env=env)

    assert "11 violates file=removed keyring=failed" == done.stdout.strip(), done.stderr
