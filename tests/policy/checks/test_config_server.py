"""TIP411: a policy server that the requirements name is reported, and the decision depends on it."""

import json

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.check_hosts import around, statuses
from support.machines.hosts import FORCED_CHATGPT, make_host, tipstaff
from tipstaff_policy.model.state import Origin

ORIGIN = Origin("requirements", "/etc/codex/requirements.toml", 1)
URL = "https://config.example.com/codex"
SERVER = f'config_server = {{ base_url = "{URL}" }}\n'
OAUTH = (
    f'[config_server]\nbase_url = "{URL}"\n[config_server.oauth]\nauthorization_url = "{URL}"\n'
    f'token_url = "{URL}"\nclient_id = "made-up"\nscopes = ["a"]\nredirect_port = 1455\n'
)
WRONG = {
    "no number": "config_server = { base_url = 5 }\n",
    "an unknown member": SERVER.replace(" }", ", zz = 1 }"),
    "no server": "config_server = {}\n",
    "not encrypted": SERVER.replace("https", "http"),
    "a question": SERVER.replace("/codex", "/codex?a=b"),
    "a user": SERVER.replace("config.", "made-up@config."),
}
CASES = {"pass": around(), "fail": around(config_server=ORIGIN)}


def audit(root, version="0.171.0", *words):
    front = (
        "audit",
        "--client",
        "codex",
        "--client-version",
        version,
        "--system-root",
        root,
        "--format",
        "json",
    )
    return json.loads(tipstaff(*front, *words).stdout)


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name] == statuses("TIP411", host)


@pytest.mark.parametrize("version", ["0.169.0", "0.171.0"])
@pytest.mark.parametrize("requirements", [SERVER, OAUTH], ids=["plain", "with a sign-in"])
def test_the_key_is_valid_and_the_decision_depends_on_the_server(version, requirements, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), requirements=requirements)

    report = audit(root, version)

    decision = report["decision"]
    assert "allow" == decision["verdict"]
    assert ["config_server"] == decision["depends_on"]
    assert "/etc/codex/requirements.toml:1 may add rules" in decision["reason"]


def test_the_server_is_shown_with_file_and_line_and_not_by_its_address(tmp_path):
    root = make_host(tmp_path / "host", requirements="\n" + SERVER)

    report = audit(root)

    (finding,) = [entry for entry in report["findings"] if entry["check"] == "TIP411"]
    assert "fail" == finding["status"]
    (place,) = finding["evidence"]
    assert "/etc/codex/requirements.toml" == place["path"]
    assert 2 == place["line"]
    assert "config.example.com" not in json.dumps(report)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_value_that_the_client_refuses_stops_it(text, tmp_path):
    assert "refuse" == audit(make_host(tmp_path / "h", requirements=text))["decision"]["verdict"]


def test_a_version_that_does_not_know_the_key_depends_on_no_server(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), requirements=SERVER)

    assert [] == audit(root, "0.160.0")["decision"]["depends_on"]


def test_login_status_asks_no_server(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt(), requirements=SERVER)

    assert [] == audit(root, "0.171.0", "--entry-point", "status")["decision"]["depends_on"]


def test_what_a_server_left_in_the_users_folder_removes_nothing(tmp_path):
    root = make_host(tmp_path / "host", auth=API_KEY, requirements=SERVER)
    home = root / "home/dev/.codex"
    (home / f"managed-config-{'0' * 64}.json").write_text(json.dumps({"toml": FORCED_CHATGPT}))

    done = tipstaff(
        "enforce", "--client", "codex", "--client-version", "0.171.0", "--system-root", root
    )

    assert 0 == done.returncode, done.stderr
    assert (home / "auth.json").exists(), done.stderr
