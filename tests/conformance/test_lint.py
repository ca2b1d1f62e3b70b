"""What lint says that the client does: the real client, started on the files that lint speaks of."""

import pytest

from conformance.client import VERSION, Case, judge
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy.clients.codex.versions import version_number
from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_rollout.lint import lint
from tipstaff_rollout.lint.reading import read_files

REQ, MANAGED, SYSTEM = "requirements.toml", "managed_config.toml", "config.toml"
KINDS = {REQ: "requirements", MANAGED: "managed_config", SYSTEM: "config"}
METHODS = 'allowed_login_methods = ["chatgpt"]\n'
HEEDS = (0, 147, 0)
Z = chatgpt("ws-z")
CLAIMS = {
    "no method": ("nobody-may-sign-in", {REQ: "allowed_login_methods = []\n"}, API_KEY, "refuse"),
    "chatgpt in no workspace": (
        "nobody-may-sign-in",
        {REQ: METHODS + "allowed_chatgpt_workspaces = []\n"},
        chatgpt("ws-a"),
        "refuse",
    ),
    "forced and not allowed": (
        "contradiction",
        {REQ: METHODS, MANAGED: 'forced_login_method = "api"\n'},
        API_KEY,
        "refuse",
    ),
    "forced chatgpt, no workspace": (
        "contradiction",
        {REQ: "allowed_chatgpt_workspaces = []\n", SYSTEM: 'forced_login_method = "chatgpt"\n'},
        API_KEY,
        "refuse",
    ),
    "two workspaces, and a login of the allowed one": (
        "contradiction",
        {REQ: 'allowed_chatgpt_workspaces = ["a"]\n', MANAGED: 'forced_chatgpt_workspace_id = "b"\n'},
        chatgpt("a"),
        "log_out",
    ),
    "two workspaces, and a login of the forced one": (
        "contradiction",
        {REQ: 'allowed_chatgpt_workspaces = ["a"]\n', MANAGED: 'forced_chatgpt_workspace_id = "b"\n'},
        chatgpt("b"),
        "ignore_credential",
    ),
    "a key passes a required workspace": (
        "keys-not-bound",
        {REQ: 'allowed_chatgpt_workspaces = ["ws-a"]\n'},
        API_KEY,
        "allow",
    ),
    "a key passes a forced workspace": (
        "keys-not-bound",
        {MANAGED: 'forced_chatgpt_workspace_id = "ws-a"\n'},
        API_KEY,
        "allow",
    ),
    "a forced blank": ("blank-list", {MANAGED: 'forced_chatgpt_workspace_id = ""\n'}, Z, "allow"),
    "an allowed blank": (
        "blank-list",
        {REQ: 'allowed_chatgpt_workspaces = [" "]\n'},
        Z,
        "ignore_credential",
    ),
    "misspelt": ("key-without-effect", {REQ: METHODS.replace("s =", " =")}, API_KEY, "allow"),
    "in the wrong file": ("key-without-effect", {MANAGED: METHODS}, API_KEY, "allow"),
    "unknown": ("unknown-key", {REQ: "allowed_sandbox_mode = []\n"}, API_KEY, "allow"),
    "a comma": (
        "workspace-odd",
        {REQ: 'allowed_chatgpt_workspaces = ["ws-a,ws-z"]\n'},
        Z,
        "ignore_credential",
    ),
}  # fmt: skip


def rules_that_speak(files):
    given = tuple(Given(name, text.encode(), KINDS[name]) for name, text in files.items())
    return {entry.rule for entry in lint(read_files(given).files, Aim(VERSION, now=0))}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_client_does_what_lint_says(name, namespace, client, unfit):
    rule, files, auth, verdict = CLAIMS[name]
    if REQ in files and version_number(VERSION) < HEEDS:
        unfit(f"lint: {name}", "it ignores requirements, which is another finding")

    found = judge(namespace, client, Case(etc=files, home={"auth.json": auth}))

    assert verdict == found.verdict, found
    assert rule in rules_that_speak(files)


def test_what_this_version_passes_over_is_found_and_nothing_else(namespace, client):
    found = judge(namespace, client, Case(etc={REQ: METHODS}, home={"auth.json": API_KEY}))

    assert ("allow" == found.verdict) == ("passed-over" in rules_that_speak({REQ: METHODS}))


def test_what_this_version_refuses_is_found_and_nothing_else(namespace, client):
    files = {MANAGED: 'forced_chatgpt_workspace_id = ["ws-a"]\n'}

    found = judge(namespace, client, Case(etc=files, home={"auth.json": chatgpt("ws-a")}))

    assert ("refuse" == found.verdict) == ("refused-by-version" in rules_that_speak(files))


def test_the_user_beats_the_systems_file(namespace, client):
    files = {SYSTEM: 'forced_login_method = "chatgpt"\n'}
    home = {"auth.json": API_KEY, "config.toml": 'forced_login_method = "api"\n'}

    assert "allow" == judge(namespace, client, Case(etc=files, home=home)).verdict
    assert "beatable" in rules_that_speak(files)
