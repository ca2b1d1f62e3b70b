"""What explains a start names the model provider, and says where no login goes."""

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, VERSION, make_host, tipstaff

AZURE = """model_provider = "azure"

[model_providers.azure]
name = "made up"
base_url = "https://made-up.example"
"""
BY_LOGIN = AZURE + "requires_openai_auth = true\n"


def message(command, tmp_path, **host):
    root = make_host(tmp_path / "host", **host)
    return tipstaff(*command.split(), *VERSION, "--system-root", root).stdout


COMMANDS = ("why", "policy show")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_provider_of_the_users_is_named_with_its_line(command, tmp_path):
    out = message(command, tmp_path, managed=FORCED_CHATGPT, auth=chatgpt("ws-a"), user=AZURE)

    assert "azure, chosen in /home/dev/.codex/config.toml:1; it needs no login by" in out
    assert "no sign-in rule is asked (TIP109)" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_where_no_login_is_sent_that_is_said_without_a_rule_too(command, tmp_path):
    out = message(command, tmp_path, auth=API_KEY, user=AZURE)

    assert "the client sends it none" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_an_administrators_provider_without_login_is_no_fault(command, tmp_path):
    out = message(command, tmp_path, auth=API_KEY, managed=AZURE)

    assert "it needs no login, and the client sends it none" in out
    assert "TIP109" not in out


@pytest.mark.parametrize("command", COMMANDS)
def test_an_address_that_takes_the_login_elsewhere_is_named(command, tmp_path):
    out = message(command, tmp_path, auth=chatgpt("ws-a"), user=BY_LOGIN)

    assert "the login goes to another address by /home/dev/.codex/config.toml:5 (TIP109)" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_clients_own_provider_is_not_spoken_of(command, tmp_path):
    assert "model provider" not in message(command, tmp_path, managed=FORCED_CHATGPT)
