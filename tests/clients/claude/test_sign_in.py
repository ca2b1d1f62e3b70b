"""A sign-in to Claude Code by Tipstaff: whose the login is, the service says before it stays."""

import json
import sys

import pytest

from support.clients.claude_logins import LOGIN
from support.clients.claude_service import answering
from support.machines.hosts import run
from support.machines.private_etc import in_private_etc

POLICY = """\
schema = 1
id = "p"
version = "1"
contact = "help desk"
on_violation = "log_out"
[clients.claude]
login_methods = ["claudeai"]
organisations = ["org-a"]
"""
PROGRAM = """\
#!/bin/sh
umask 077
printf '%s' '{login}' >"$CLAUDE_CONFIG_DIR/.credentials.json"
"""


@pytest.fixture
def sign_in(tmp_path):
    def run_login(owner, *words, policy=POLICY):
        etc, front = in_private_etc(tmp_path, sys.executable, "-c", answering(owner))
        (etc / "tipstaff").mkdir()
        (etc / "tipstaff/policy.toml").write_text(policy)
        program = tmp_path / "claude"
        program.write_text(PROGRAM.format(login=json.dumps(LOGIN)))
        program.chmod(0o755)
        (tmp_path / "home/.claude").mkdir(parents=True)
        env = {"HOME": str(tmp_path / "home"), "PATH": f"{tmp_path}:/usr/bin:/bin"}
        return run([*front, "login", *words], env=env)

    return run_login


ANSWERED = {
    "ours": ("org-a", 0, True, 'into organisation "org-a"'),
    "theirs": ("org-b", 1, False, 'belongs to organisation "org-b"'),
    "silent": (None, 0, True, "https://api.anthropic.com: cannot be reached. The login stays"),
}


@pytest.mark.parametrize(("owner", "code", "stays", "words"), ANSWERED.values(), ids=ANSWERED)
def test_a_sign_in_is_judged_by_what_the_service_says(owner, code, stays, words, sign_in, tmp_path):
    done = sign_in(owner, "--client", "claude")

    found = (done.returncode, (tmp_path / "home/.claude/.credentials.json").exists())
    assert (code, stays) == found, done
    assert words in done.stdout


def test_what_to_do_without_an_answer_and_whom_to_ask_is_said(sign_in):
    done = sign_in(None, "--client", "claude")

    assert done.stdout.endswith(
        "to do     have this machine reach https://api.anthropic.com, then start the client\n"
        "ask: help desk\n"
    )


def test_a_policy_that_only_warns_keeps_the_login_of_another_organisation(sign_in):
    policy = POLICY.replace('"log_out"', '"report"')

    done = sign_in("org-b", "--client", "claude", policy=policy)

    assert (0, True) == (done.returncode, 'belongs to organisation "org-b"' in done.stdout), done


def test_a_warning_does_not_say_that_nothing_was_requested(sign_in):
    policy = POLICY.replace('"log_out"', '"report"')
    policy = policy.replace('["claudeai"]', '["console"]')

    done = sign_in("org-a", "--client", "claude", policy=policy)

    assert (0, False) == (done.returncode, "no login was requested" in done.stdout), done
