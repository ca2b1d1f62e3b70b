"""Whose an access token is: asked of the service as the client asks, and by no other word."""

import json

import pytest

from conformance.client import AS_VERSION, BEHAVIOUR, Case
from conformance.test_exec import FRONTS
from support.artefacts.policies import ROOT
from tipstaff_policy.clients.codex.credentials.workload import FILE, RULE

TOKEN = "at-made-up"
WORKLOAD = "/mnt/host/home/.codex/workload.jwt"
HELD = {
    "a stored token": {"home": {"auth.json": json.dumps({"personal_access_token": TOKEN})}},
    "a variable": {"env": {"CODEX_ACCESS_TOKEN": f" {TOKEN}\n"}},
    "a workload": {"home": {"workload.jwt": "a.b.c\n"}, "env": {RULE: "r", FILE: WORKLOAD}},
}
RULES = {
    "forced": {"managed_config.toml": 'forced_chatgpt_workspace_id = "ws-a"\n'},
    "allowed": {"requirements.toml": 'allowed_chatgpt_workspaces = ["ws-a"]\n'},
    "the organisation's": {"../tipstaff/policy.toml": f'{ROOT}workspaces = [{{ id = "ws-a" }}]\n'},
}
MOVED = {
    "another address": {"CODEX_AUTHAPI_BASE_URL": "https://ab.chatgpt.com/api/accounts"},
    "authorities": {"SSL_CERT_FILE": "/mnt/ca.pem"},
    "a folder of authorities": {"SSL_CERT_DIR": "/mnt"},
}

pytestmark = pytest.mark.skipif(
    BEHAVIOUR.federation != "spiffe", reason="the question is the newest client's"
)


def host(held, rule, workspace="ws-a", **more):
    found = HELD[held]
    env = {**found.get("env", {}), **more.pop("env", {})}
    return Case(
        etc=RULES[rule],
        home=found.get("home", {}),
        env={"CODEX_CA_CERTIFICATE": None, **env},
        service={"whoami": workspace, **more},
    )


def in_front(namespace, case, *words, front="guard", trusted=True):
    return namespace.run([*FRONTS[front], *words], case, serves=True, trusted=trusted)


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("held", HELD)
def test_who_belongs_to_an_allowed_workspace_is_started(held, rule, front, namespace, client):
    done = in_front(namespace, host(held, rule), "echo", "started", front=front)

    assert 0 == done["code"]
    assert "started\n" == done["out"]
    assert "" == done["err"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("held", HELD)
def test_who_belongs_to_another_one_is_not(held, rule, namespace, client):
    done = in_front(namespace, host(held, rule, "ws-b"), "echo", "started")

    stored = "auth.json" in HELD[held].get("home", {})
    assert (10 if stored else 11) == done["code"]
    assert "" == done["out"]
    assert "auth.json" not in done["left"]
    assert "ws-b" in done["err"]
    assert TOKEN not in done["err"]


@pytest.mark.parametrize("moved", MOVED)
def test_what_a_user_points_to_answers_for_nobody(moved, namespace, client):
    case = host("a variable", "forced", env=MOVED[moved])

    done = in_front(namespace, case, "echo", "started", trusted=moved == "another address")

    if moved == "another address":
        assert 0 == done["code"]
        assert [] == done["asked"]
    else:
        assert 4 == done["code"]
        assert "" == done["out"]
        assert "certificate is not trusted" in done["err"]


def test_the_client_itself_believes_the_address_that_a_user_names(namespace, client):
    case = host("a variable", "forced", env={"CODEX_AUTHAPI_BASE_URL": "https://ab.chatgpt.com/x"})

    done = namespace.run([client, "login", "status"], case, trusted=True)

    assert [["ab.chatgpt.com", TOKEN]] == done["asked"]


@pytest.mark.parametrize("rule", ["forced", "allowed"])
@pytest.mark.parametrize("status", [401, 500])
def test_where_the_service_does_not_say_neither_the_client_nor_tipstaff_uses_it(
    status, rule, namespace, client
):
    case = host("a variable", rule, failing={"whoami": status})

    start = [client, "exec", "--skip-git-repo-check", "hi"]
    alone = namespace.run(start, case, until_banner=True, serves=True, trusted=True)
    done = in_front(namespace, case, "echo", "started")

    assert TOKEN not in alone["sent"]
    assert (rule == "allowed") == alone["started"]
    assert 4 == done["code"]
    assert "" == done["out"]
    assert str(status) in done["err"]


def test_a_report_records_what_the_service_said_and_nothing_of_the_token(namespace, client):
    words = [
        *FRONTS["exec"][:3],
        "audit",
        *AS_VERSION,
        "--format",
        "json",
    ]

    done = namespace.run(words, host("a stored token", "forced"), serves=True, trusted=True)

    report = json.loads(done["out"])
    assert "complies" == report["sign_in"]["verdict"]
    assert [("file", "ws-a", "")] == [
        (identity["source"], identity["workspace"], identity["fault"])
        for identity in report["state"]["identities"]
    ]
    assert TOKEN not in done["out"]


def test_nothing_is_asked_for_a_command_that_signs_in_by_nothing(namespace, client):
    case = host("a variable", "forced")

    done = namespace.run([*FRONTS["guard"], client, "--version"], case, trusted=True)

    assert 0 == done["code"]
    assert [] == done["asked"]


def test_nothing_is_asked_where_no_rule_names_a_workspace(namespace, client):
    case = host("a variable", "forced")._replace(
        etc={"managed_config.toml": 'forced_login_method = "chatgpt"\n'}
    )

    done = namespace.run([*FRONTS["guard"], "echo", "started"], case, trusted=True)

    assert 0 == done["code"]
    assert [] == done["asked"]


AGENT = {
    "agent_runtime_id": "r",
    "agent_private_key": "made-up",
    "account_id": "ws-a",
    "chatgpt_user_id": "u",
    "email": "e@example.com",
    "plan_type": "pro",
    "chatgpt_account_is_fedramp": False,
}


@pytest.mark.parametrize("rule", ["forced", "allowed"])
@pytest.mark.parametrize("workspace", ["ws-a", "ws-b"])
def test_the_record_of_an_agent_states_its_workspace_to_both(workspace, rule, namespace, client):
    identity = {**AGENT, "account_id": workspace}
    auth = json.dumps({"auth_mode": "agentIdentity", "agent_identity": identity})
    case = Case(etc=RULES[rule], home={"auth.json": auth})

    status = namespace.run([client, "login", "status"], case)
    done = in_front(namespace, case, "echo", "started")

    assert ("restricted to workspace" in status["err"]) == (workspace == "ws-b")
    assert (0 if workspace == "ws-a" else 10) == done["code"], done
