"""Signing in by a workload identity: the variables that choose it, and what they end."""

import pytest

from conformance.client import BEHAVIOUR, ENTRY_POINTS, Case
from conformance.test_agreement import audit
from conformance.test_exec import EXEC
from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT
from tipstaff_policy.clients.codex.credentials.stored_credentials import environment_credentials
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES
from tipstaff_policy.model.state import HeldCredential

RULE, FILE, SOURCE, IDENTITY, AUDIENCE, ENDPOINT = WORKLOAD_VARIABLES
TOKEN = "/mnt/host/home/.codex/workload.jwt"
SOCKET = "unix:///nowhere/agent.sock"
COMPLETE = {RULE: "made-up-rule", FILE: TOKEN}
BY_SPIFFE = {RULE: "r", SOURCE: "spiffe"}
HALVES = {
    "rule alone": {RULE: "r"},
    "file alone": {FILE: TOKEN},
    "empty rule": {RULE: ""},
    "blank rule": {RULE: " \u00a0", FILE: TOKEN},
    "empty file": {FILE: ""},
    "rule that is no UTF-8": {RULE: "\udcff", FILE: TOKEN},
    "relative file": {RULE: "r", FILE: "workload.jwt"},
    "no file": {RULE: "r", FILE: ""},
    "source alone": {SOURCE: "file"},
    "empty source": {SOURCE: ""},
    "identity alone": {IDENTITY: "spiffe://a/b"},
    "audience alone": {AUDIENCE: "a"},
    "endpoint alone": {ENDPOINT: SOCKET},
    "unknown source": {**COMPLETE, SOURCE: "FILE"},
    "identity beside a file": {**COMPLETE, IDENTITY: "spiffe://a/b"},
    "audience beside a file": {**COMPLETE, AUDIENCE: "a"},
    "two sources": {**BY_SPIFFE, FILE: TOKEN},
    "no endpoint": BY_SPIFFE,
    "blank endpoint": {**BY_SPIFFE, ENDPOINT: " "},
    "no audience": {**BY_SPIFFE, ENDPOINT: SOCKET},
    "blank audience": {**BY_SPIFFE, ENDPOINT: SOCKET, AUDIENCE: ""},
    "a key beside half of it": {FILE: TOKEN, "CODEX_API_KEY": "made-up"},
    "another variable": {"OPENAI_WORKLOAD_IDENTITY_CONTEXT": "x"},
}

pytestmark = pytest.mark.skipif(
    not BEHAVIOUR.federation, reason="older clients know no workload identity"
)


def host(env, **more):
    return Case(home={"auth.json": API_KEY, "workload.jwt": "a.b.c"}, env=env, **more)


def start(namespace, client, case):
    return namespace.run([client, *EXEC], case, until_banner=True, serves=True)


@pytest.mark.parametrize("name", HALVES)
def test_what_is_chosen_by_halves_stops_the_client(name, namespace, client):
    case = host(HALVES[name])
    found = next(iter(environment_credentials(case.env, None, BEHAVIOUR.federation)), None)
    chosen = found is not None and found.source in WORKLOAD_VARIABLES

    status = namespace.run([client, "login", "status"], case, serves=True)
    report, _ = audit(namespace, case)

    if chosen and not isinstance(found.content, HeldCredential):
        assert 1 == status["code"], status
        assert "refuse" == report["decision"]["verdict"], status
        assert found.content.reason in status["err"]
    else:
        assert 0 == status["code"], status
        assert "allow" == report["decision"]["verdict"], status
    assert "auth.json" in status["left"]


def test_it_beats_every_other_credential(namespace, client):
    case = host({**COMPLETE, "CODEX_API_KEY": "made-up", "CODEX_ACCESS_TOKEN": "at-made-up"})

    started = start(namespace, client, case)
    status = namespace.run([client, "login", "status"], case, serves=True)
    decision = audit(namespace, case)[0]["decision"]

    assert started["started"]
    assert "made-up" not in started["sent"]
    assert "workload identity" in status["out"] + status["err"]
    assert "allow" == decision["verdict"]
    assert RULE == decision["active"]
    assert ["workload_identity"] == decision["depends_on"]


BLOCKED = {
    "a forced method": {"managed_config.toml": 'forced_login_method = "api"\n'},
    "an allowed method": {"requirements.toml": 'allowed_login_methods = ["api"]\n'},
    "no workspace at all": {"requirements.toml": "allowed_chatgpt_workspaces = []\n"},
}


@pytest.mark.parametrize("name", BLOCKED)
def test_a_method_that_is_not_allowed_stops_the_client_and_removes_nothing(name, namespace, client):
    case = host(COMPLETE, etc=BLOCKED[name])

    found = start(namespace, client, case)
    decision = audit(namespace, case)[0]["decision"]

    assert found["started"] is False, found
    assert "auth.json" in found["left"], found
    assert "Logging out" not in found["out"]
    assert "block" == decision["verdict"]
    assert [] == decision["removes"]


@pytest.mark.parametrize("workspace", ["ws-a", "ws-b"])
def test_its_workspace_is_known_to_the_service_alone(workspace, namespace, client):
    rule = {"requirements.toml": 'allowed_chatgpt_workspaces = ["ws-a"]\n'}
    case = host(COMPLETE, etc=rule, service={"whoami": workspace})

    found = start(namespace, client, case)
    decision = audit(namespace, case)[0]["decision"]

    assert (workspace == "ws-a") == found["started"], found
    assert "auth.json" in found["left"]
    assert "unknown" == decision["verdict"]
    assert ["workload_identity"] == decision["depends_on"]


def test_a_stored_key_is_not_looked_at(namespace, client):
    case = host(COMPLETE, etc={"managed_config.toml": FORCED_CHATGPT})

    found = start(namespace, client, case)

    assert found["started"] is True, found
    assert "auth.json" in found["left"], found
    assert "allow" == audit(namespace, case)[0]["decision"]["verdict"]


def test_the_file_of_the_folder_chooses_it_too(namespace, client):
    case = host({})
    case = case._replace(home={**case.home, ".env": f"{RULE}=r\n"})

    status = namespace.run([client, "login", "status"], case)

    assert 1 == status["code"]
    assert FILE in status["err"]
    assert "refuse" == audit(namespace, case)[0]["decision"]["verdict"]


@pytest.mark.parametrize("entry_point", ["status", "app-server", "interactive"])
def test_other_entry_points_stop_too(entry_point, namespace, client):
    case = host({RULE: "r"}, entry_point=entry_point)

    assert ENTRY_POINTS[entry_point](namespace, client, case)["stopped"]
    assert "refuse" == audit(namespace, case)[0]["decision"]["verdict"]


def test_its_own_log_out_still_works(namespace, client):
    done = namespace.run([client, "logout"], host({RULE: "r"}))

    assert 0 == done["code"]
    assert "auth.json" not in done["left"]
