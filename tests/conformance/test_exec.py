"""The real client behind `tipstaff exec` and the guard: the same process, with less environment."""

import json
import os
import signal
import subprocess
import sys

import pytest

from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import AS_VERSION, ASK, Case
from conformance.test_agreement import AUDIT
from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN
from tipstaff_policy import guard

FRONTS = {
    "exec": (*AUDIT[:3], "exec", *AS_VERSION, "--"),
    "guard": (
        sys.executable,
        "-I",
        "-S",
        guard.__file__,
        *AS_VERSION,
        "--",
    ),
}
KEY = "made-up-variable"
POLICY = "../tipstaff/policy.toml"
FORBIDDEN = ROOT + 'environment_credentials = "forbid"\n'
SCRUBBED = FORBIDDEN + "scrub_environment = true\n"
EXEC = ("exec", "--skip-git-repo-check", "hi")


def host(*, policy=None, auth=API_KEY, env=None, **etc):
    files = {f"{name}.toml": text for name, text in etc.items()}
    own = {} if policy is None else {POLICY: policy}
    return Case(etc={**files, **own}, home={"auth.json": auth}, env=env or {})


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(
    ("case", "code"), [(host(), 0), (host(requirements='allowed_login_methods = ["api"]\n'), 0)]
)
def test_the_clients_answer_and_exit_code_are_its_own(front, case, code, namespace, client):
    words = [client, "login", "status"]

    alone = namespace.run(words, case)
    behind = namespace.run([*FRONTS[front], *words], case)

    assert code == alone["code"]
    assert alone == behind


@pytest.mark.parametrize("front", FRONTS)
def test_a_failure_of_the_client_passes(front, namespace, client):
    case = host()._replace(home={})

    done = namespace.run([*FRONTS[front], client, "login", "status"], case)

    assert 1 == done["code"]
    assert "Not logged in" in done["err"]


@pytest.mark.parametrize("front", FRONTS)
def test_the_policy_decides_whether_a_variable_is_taken_away(front, namespace, client):
    login = chatgpt(access="ws-a")
    sent = json.loads(login)["tokens"]["access_token"]
    words = [*FRONTS[front], client, *EXEC]

    found = {
        name: namespace.run(
            words, host(policy=policy, auth=login, env={"CODEX_API_KEY": KEY}), until_banner=True
        )
        for name, policy in {"free": None, "forbidden": FORBIDDEN, "scrubbed": SCRUBBED}.items()
    }

    assert [True, False, True] == [outcome["started"] for outcome in found.values()]
    assert [KEY] == [header for header in found["free"]["sent"] if header]
    assert [sent] == [header for header in found["scrubbed"]["sent"] if header]
    assert 11 == found["forbidden"]["code"]
    assert "CODEX_API_KEY" in found["scrubbed"]["out"]
    assert not any(KEY in outcome["out"] for outcome in found.values())


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize(
    ("case", "code"),
    [
        (host(managed_config=FORCED_CHATGPT), 10),
        (host(managed_config="x = [\n"), 3),
        (host(managed_config='forced_login_method = "x"\n'), 3),
        (host(managed_config=FORCED_CHATGPT, auth="{}x"), 4),
    ],
)
def test_the_client_is_not_started_where_something_is_wrong(front, case, code, namespace, client):
    done = namespace.run([*FRONTS[front], client, *EXEC], case, until_banner=True)

    assert code == done["code"]
    assert done["started"] is False
    assert (code != 10) == ("auth.json" in done["left"])


def test_toml_1_1_starts_the_client(namespace, client):
    case = host(managed_config="[tools]\nx = {a = 1,\n}\n")

    assert namespace.run([*FRONTS["exec"], client, *EXEC], case, until_banner=True)["started"]


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_client_as_it_would_without_us(front, number, client, tmp_path):
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    alone, behind = (
        ended_by([*before, client, "app-server"], number, env) for before in ((), FRONTS[front])
    )

    assert alone == behind


def ended_by(words, number, env):
    """Return how a server of the client ends that has answered once."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(words, env=env, text=True, **pipes) as process:
        process.stdin.write("".join(json.dumps(message) + "\n" for message in ASK[:2]))
        process.stdin.flush()
        assert '"id":1' in process.stdout.readline()
        process.send_signal(number)
        return process.wait(30)


def test_the_command_that_was_started_is_the_client_itself(client, tmp_path):
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    words = [BIN / "tipstaff", "exec", "--", client, "app-server"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}

    with subprocess.Popen(words, env=env, text=True, **pipes) as process:
        process.stdin.write(json.dumps(ASK[0]) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        program = os.readlink(f"/proc/{process.pid}/exe")
        process.kill()

    assert os.path.realpath(client) == program
