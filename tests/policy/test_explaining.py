"""What a stopped person reads is true for the cause; docs/stopped.md shows the whole output."""

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT
from support.machines.stopped_people import ONLY_WS, POLICY, Person

SCRUBS = f'{POLICY}scrub_environment = true\nenvironment_credentials = "forbid"\n'


def test_a_further_name_of_a_file_is_no_variable_to_take_away(tmp_path):
    person = Person(tmp_path, policy=SCRUBS)
    (person.home / "kept.json").hardlink_to(person.auth)

    seen = person.guard()

    assert seen.endswith("exit 11")
    assert "taken out" not in seen


@pytest.mark.parametrize(
    ("requirements", "auth", "command"),
    [
        ('allowed_login_methods = ["api"]\n', chatgpt(), "login --with-api-key --client codex`"),
        ('allowed_login_methods = ["chatgpt"]\n', API_KEY, "`tipstaff login --client codex`"),
    ],
)
def test_the_command_to_sign_in_is_one_that_the_rules_allow(requirements, auth, command, tmp_path):
    seen = Person(tmp_path, auth=auth, requirements=requirements).guard()

    assert command in seen


def test_a_rule_of_the_clients_own_file_is_shown_with_the_organisations_names(tmp_path):
    named = (
        f'{ROOT}workspaces = [{{ id = "ws-b", name = "Beta" }}, {{ id = "ws-a", name = "A" }}]\n'
    )
    own = 'forced_chatgpt_workspace_id = "ws-b"\n'

    seen = Person(tmp_path, auth=chatgpt("ws-a"), managed=own, policy=named).guard()

    assert 'of workspace "ws-a" (A), but ' in seen
    assert 'allows only workspace "ws-b" (Beta).' in seen
    assert "to workspace ws-b (Beta): `tipstaff login" in seen


def test_where_no_login_is_allowed_no_command_is_named(tmp_path):
    seen = Person(tmp_path, policy=f"{ROOT}login_methods = []\n").guard()

    assert "to do: ask which login is allowed\n" in seen


def test_why_does_not_send_a_variable_to_the_log_out(tmp_path):
    person = Person(tmp_path, auth=None, managed=ONLY_WS)

    seen = person.tipstaff("why", env={"CODEX_ACCESS_TOKEN": "at-made-up"})

    assert "; or unset CODEX_ACCESS_TOKEN, then sign in" in seen
    assert "tipstaff logout" not in seen


@pytest.mark.parametrize("stopped", ["x = [", FORCED_CHATGPT])
def test_the_contact_of_the_policy_is_named_after_a_log_out_and_beside_a_broken_file(
    stopped, tmp_path
):
    seen = Person(tmp_path, managed=stopped, policy=POLICY).guard()

    assert "  ask: help desk, phone 17\n" in seen


def test_a_broken_file_is_no_reason_for_words_that_speak_of_a_log_out(tmp_path):
    seen = Person(tmp_path, managed="x = [", policy=POLICY).guard()

    assert "Use the login of Example Corp." not in seen


def test_a_rule_that_a_variable_breaks_has_its_line(tmp_path):
    seen = Person(tmp_path, auth=None, policy=POLICY).guard(env={"CODEX_API_KEY": "made-up"})

    assert "/etc/tipstaff/policy.toml:4 allows" in seen
