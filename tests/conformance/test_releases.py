"""What Tipstaff says and does on two releases of the client, as docs/clients/codex-releases.md has it.

A release must stop no good host and let no forbidden login stay: so the table is run, with both.
"""

import json
import re
import sys
from pathlib import Path

import pytest

from conformance.account import REASON
from conformance.cases_stores import keyring
from conformance.client import ROOT, Case, find_client
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy import guard

PAGE = Path(ROOT) / "docs/clients/codex-releases.md"
RELEASES = ("0.169.0", "0.171.0")
MANAGED, REQUIRED = "managed_config.toml", "requirements.toml"
CHATGPT, METHODS = 'forced_login_method = "chatgpt"\n', 'allowed_login_methods = ["chatgpt"]\n'
KEYRING = 'cli_auth_credentials_store = "keyring"\n'
GOOD, OTHER, KEY = chatgpt("ws-a"), chatgpt("ws-z"), API_KEY
POLICIES = {
    "forced method": {MANAGED: CHATGPT},
    "forced workspace": {MANAGED: 'forced_chatgpt_workspace_id = "ws-a"\n'},
    "forced workspaces, a list": {MANAGED: 'forced_chatgpt_workspace_id = ["ws-a", "ws-b"]\n'},
    "allowed methods": {REQUIRED: METHODS},
    "allowed workspaces": {REQUIRED: 'allowed_chatgpt_workspaces = ["ws-a"]\n'},
    "required store file": {REQUIRED: 'cli_auth_credentials_store = "file"\n'},
    "required store keyring": {REQUIRED: KEYRING},
    "allowed methods, required store keyring": {REQUIRED: METHODS + KEYRING},
    "forced method, managed store keyring": {MANAGED: CHATGPT + KEYRING},
    "configuration server and allowed methods": {
        REQUIRED: METHODS + 'config_server = { base_url = "https://config.example.com" }\n'
    },
}
LOGINS = {"complies": GOOD, "API key": KEY, "other workspace": OTHER}
ORGANISATION = (
    'schema = 1\nid = "x"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
    'workspaces = [{ id = "ws-a", name = "A" }]\n'
)


def case_of(policy, login):
    if policy == "the organisation's policy":
        return Case(policy={"policy.toml": ORGANISATION}, home={"auth.json": LOGINS[login]})
    etc = POLICIES[policy]
    if KEYRING in "".join(etc.values()):
        return Case(etc=etc, keyring=keyring(LOGINS[login]))
    return Case(etc=etc, home={"auth.json": LOGINS[login]})


def rows():
    """Return the table of the page: policy, login, and what is stated of each release."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [tuple(part.strip() for part in line.strip("|").split("|")) for line in lines]
    return {cell[:2]: cell[2:] for cell in cells if cell[1] in LOGINS}


ROWS = rows()


@pytest.fixture(scope="module")
def clients(request):
    found = {version: find_client(version) for version in RELEASES}
    missing = [version for version, path in found.items() if path is None]
    if missing:
        request.config.stash[REASON] = f"client {missing[0]} is not installed"
        pytest.skip(request.config.stash[REASON])
    return found


def seen(namespace, case, client, version):
    as_version = ("--client", "codex", "--client-version", version)
    audit = namespace.run(["audit", "--format", "json", *as_version], case, audit=True)
    dry = namespace.run(["enforce", "--dry-run", *as_version], case, audit=True)
    front = [sys.executable, "-I", "-S", guard.__file__, *as_version, "--", client, "--version"]
    fronted = namespace.run(front, case)
    verdict = json.loads(audit["out"])["decision"]["verdict"]
    started = "started" if re.search(rf"codex-cli {version}", fronted["out"]) else "stopped"
    left = "auth.json" in fronted["left"] or fronted.get("keyring")
    return f"{verdict} · {dry['code']} · {fronted['code']} {started}{'' if left else ', removed'}"


def test_the_table_has_a_login_that_complies_and_one_that_does_not_for_every_policy():
    policies = {*POLICIES, "the organisation's policy"}
    free = {"required store file", "required store keyring"}

    assert policies == {policy for policy, _ in ROWS}
    assert policies == {policy for policy, login in ROWS if login == "complies"}
    assert policies - free == {policy for policy, login in ROWS if login != "complies"}


@pytest.mark.parametrize(("policy", "login"), ROWS, ids=map(", ".join, ROWS))
def test_both_releases_end_as_the_page_says(policy, login, namespace, clients):
    case = case_of(policy, login)

    found = tuple(seen(namespace, case, clients[release], release) for release in RELEASES)

    assert ROWS[policy, login] == found


def test_what_complies_starts_and_what_does_not_goes_on_every_release():
    ends = [
        (login == "complies", ending) for (_, login), message in ROWS.items() for ending in message
    ]

    assert [] == [
        (complies, ending)
        for complies, ending in ends
        if ending.endswith("0 started" if complies else "10 stopped, removed") is False
    ]
