"""`tipstaff why` about a login of Claude Code whose owner only the service knows."""

import sys

import pytest
from example_hosts import copy_host

from support.clients.claude_logins import LOGIN, write
from support.clients.claude_service import CLI, GUARD, answering
from support.machines.hosts import run, tipstaff
from support.machines.private_etc import in_private_etc

POLICY = """\
schema = 1
id = "p"
version = "1"
[clients.claude]
login_methods = ["claudeai"]
organisations = ["org-a"]
"""


@pytest.fixture
def say(tmp_path):
    def say_on_a_host(module, owner, *words):
        code = answering(owner, module)
        etc, front = in_private_etc(tmp_path, sys.executable, "-c", code, *words)
        (etc / "tipstaff").mkdir()
        (etc / "tipstaff/policy.toml").write_text(POLICY)
        write(tmp_path / "home/.claude/.credentials.json", LOGIN)
        env = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
        return run(front, env=env)

    return say_on_a_host


def test_a_login_of_an_allowed_organisation_is_said_to_start(say):
    done = say(CLI, "org-a", "why", "--client", "claude")

    assert (0, True) == (done.returncode, "to do: nothing; start the client" in done.stdout), done


def test_a_login_of_another_organisation_is_said_to_be_removed(say):
    done = say(CLI, "org-b", "why", "--client", "claude")

    assert 'belongs to organisation "org-b"' in done.stdout, done


WITHOUT_ANSWER = {
    "why": (CLI, ("why", "--client", "claude")),
    "guard": (GUARD, ("--client", "claude")),
}


@pytest.mark.parametrize(("module", "words"), WITHOUT_ANSWER.values(), ids=WITHOUT_ANSWER)
def test_without_an_answer_the_network_is_the_first_thing_to_mend(module, words, say):
    done = say(module, None, *words)

    said = done.stdout + done.stderr
    assert "to do: have this machine reach https://api.anthropic.com and start" in said
    assert "the administrators of this machine" in said


def test_nobody_is_told_to_discard_a_login_that_an_image_cannot_judge(tmp_path):
    root = copy_host("claude-organisation-asked", tmp_path)

    done = tipstaff("why", "--client", "claude", "--system-root", root)

    assert "to do: run `tipstaff why` on the host itself, as its user: it asks" in done.stdout, done
    assert "\nask:   the administrators of this machine" in done.stdout
