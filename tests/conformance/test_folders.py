"""Which folder the real client takes its login from, and that Tipstaff judges the same one."""

import pytest

from conformance.client import VERSION, Case
from conformance.test_agreement import GUARD, audit
from conformance.test_exec import EXEC
from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT
from tipstaff_policy.clients.codex.versions import version_number

PLAIN = {"CODEX_HOME": None}
HOME = "/mnt/host/home"
OTHER = "../other/.codex/auth.json"
CASES = {
    "a home in the file": Case(home={".env": f"HOME={HOME}/other\n", OTHER: API_KEY}, env=PLAIN),
    "a home from the environment": Case(
        home={".env": "HOME=$HOME/other\n", OTHER: API_KEY}, env=PLAIN
    ),
    "a relative home": Case(home={".env": "HOME=../home/other\n", OTHER: API_KEY}, env=PLAIN),
    "an empty folder named": Case(
        home={".env": f"HOME={HOME}/other\n", OTHER: API_KEY}, env={"CODEX_HOME": ""}
    ),
    "a folder that is no UTF-8": Case(
        home={"auth.json": API_KEY}, env={"CODEX_HOME": f"{HOME}/\udcff"}
    ),
    "a home that is no UTF-8": Case(
        home={"../\udcff/.codex/auth.json": API_KEY}, env={**PLAIN, "HOME": f"{HOME}/\udcff"}
    ),
    "a relative folder": Case(cwd={"h/auth.json": API_KEY}, env={"CODEX_HOME": "h"}),
    "a folder that is a link": Case(
        home={"../real/auth.json": API_KEY, "../linked": {"link": "real"}},
        env={"CODEX_HOME": f"{HOME}/linked"},
    ),
}
ELSEWHERE = {
    "a named folder stays": Case(home={".env": f"HOME={HOME}/other\n", OTHER: API_KEY}),
    "a reserved name": Case(
        home={".env": f"CODEX_HOME={HOME}/other/.codex\n", OTHER: API_KEY}, env=PLAIN
    ),
    "a line that is passed over": Case(
        home={".env": f"HOME={HOME}/other x\n", OTHER: API_KEY}, env=PLAIN
    ),
    "a file in the folder after": Case(
        home={
            ".env": f"HOME={HOME}/other\n",
            "../other/.codex/.env": f"HOME={HOME}/third\n",
            "../third/.codex/auth.json": API_KEY,
        },
        env=PLAIN,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_login_that_the_client_uses_is_judged(name, namespace, client):
    case = CASES[name]

    assert 0 == namespace.run([client, "login", "status"], case)["code"]
    assert "allow" == audit(namespace, case)[0]["decision"]["verdict"]


@pytest.mark.parametrize("name", CASES)
def test_the_client_is_not_started_on_it_where_it_is_forbidden(name, namespace, client):
    case = CASES[name]._replace(etc={"managed_config.toml": FORCED_CHATGPT})

    done = namespace.run([*GUARD, "--", client, *EXEC], case, until_banner=True)

    assert 10 == done["code"]
    assert done["started"] is False
    assert "logged out" in done["out"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_login_that_the_client_does_not_use_is_not_taken_for_its(name, namespace, client):
    case = ELSEWHERE[name]

    assert 1 == namespace.run([client, "login", "status"], case)["code"]
    assert "not_logged_in" == audit(namespace, case)[0]["decision"]["verdict"]


def test_the_folder_of_the_process_names_the_clients_not_that_of_the_work(namespace, client):
    case = Case(
        etc={"managed_config.toml": FORCED_CHATGPT},
        cwd={"h/auth.json": API_KEY, "work/h/kept": ""},
        env={"CODEX_HOME": "h"},
    )
    words = [client, "exec", "--skip-git-repo-check", "-C", "work", "hi"]

    behind = namespace.run([*GUARD, "--", *words], case, until_banner=True)
    alone = namespace.run(words, case, until_banner=True)

    assert 10 == behind["code"]
    assert behind["started"] is False
    assert "Logging out." in alone["out"]


@pytest.mark.parametrize("variable", ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"])
def test_a_credential_that_is_no_utf8_is_none(variable, namespace, client):
    case = Case(env={variable: "made-up\udcff"})

    assert 1 == namespace.run([client, "login", "status"], case)["code"]
    assert "not_logged_in" == audit(namespace, case)[0]["decision"]["verdict"]


@pytest.mark.skipif(version_number(VERSION) < (0, 168, 0), reason="older clients never end")
@pytest.mark.parametrize("kind", [{"directory": 1}, {"fifo": 1}, {"link": "/dev/zero"}])
def test_what_is_no_ordinary_file_is_passed_over(kind, namespace, client):
    case = Case(home={".env": kind, "auth.json": API_KEY})

    assert 0 == namespace.run([client, "login", "status"], case)["code"]
    assert "allow" == audit(namespace, case)[0]["decision"]["verdict"]


def test_neither_client_nor_guard_starts_in_a_folder_that_is_gone(namespace, client):
    gone = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"]
    words = [client, "exec", "--skip-git-repo-check", "hi"]

    alone = namespace.run([*gone, *words], Case())
    behind = namespace.run([*gone, *GUARD, "--", *words], Case())

    assert 1 == alone["code"], (alone, behind)
    assert 4 == behind["code"], (alone, behind)
