"""What the client does with the requirement `config_server`."""

import pytest

from conformance.client import VERSION, Case
from support.clients.logins import API_KEY
from tipstaff_policy.clients.codex.versions import version_number

KNOWS = (0, 168, 0)
"""The oldest version on which it was seen."""
SERVER = {"requirements.toml": 'config_server = { base_url = "https://auth.openai.com/x" }\n'}
FORCED = {"managed_config.toml": 'forced_login_method = "chatgpt"\n'}
EXEC = ("exec", "--skip-git-repo-check", "hi")
LOGIN = {"auth.json": API_KEY}


@pytest.fixture(autouse=True)
def the_version_knows_it(unfit, request):
    if version_number(VERSION) < KNOWS:
        unfit(f"config server: {request.node.name}", "not tried on this version")


@pytest.mark.parametrize("home", [LOGIN, {}], ids=["a login", "nobody"])
def test_the_server_is_asked_with_any_login_and_with_none(home, namespace, client):
    found = namespace.run([client, *EXEC], Case(etc=SERVER, home=home), until_banner=True)

    assert not found["started"]
    assert "cloud config bundle" in found["out"]


def test_it_is_asked_before_a_forced_log_out(namespace, client):
    case = Case(etc={**SERVER, **FORCED}, home=LOGIN)

    found = namespace.run([client, *EXEC], case, until_banner=True)

    assert "Logging out." not in found["out"]
    assert "auth.json" in found["left"]


def test_login_status_does_not_ask_it(namespace, client):
    found = namespace.run([client, "login", "status"], Case(etc=SERVER, home=LOGIN))

    assert 0 == found["code"]


@pytest.mark.parametrize(
    "url",
    ["http://a", "", "https://a?b=c", "https://u@a", "https://a#b", "HTTPS://a", "https://a/b"],
)
def test_an_address_is_taken_as_it_is_judged(url, namespace, client):
    from tipstaff_policy.clients.codex.config.accepted import load_shown_texts
    from tipstaff_policy.clients.codex.config.value_shapes import ADDRESS, shapes_of

    etc = {"requirements.toml": f'config_server = {{ base_url = "{url}" }}\n'}
    (_, shape) = shapes_of({"config_server": {"base_url": url}}, load_shown_texts())

    found = namespace.run([client, "login", "status"], Case(etc=etc, home=LOGIN))

    assert (shape.text == ADDRESS) == (found["code"] == 0), found
