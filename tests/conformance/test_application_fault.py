"""A fault in `application` of the requirements: the app-server then starts without any of them."""

import pytest

from conformance.campaign import compare
from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import VERSION, Case
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy.clients.codex.versions import version_number

pytestmark = pytest.mark.skipif(
    version_number(VERSION) < (0, 160, 0), reason="older clients do not know `application`"
)
RULE = 'allowed_login_methods = ["chatgpt"]\n'
FAULTS = {
    "a number": "application = 5\n",
    "a member of a wrong type": '[application.network]\nenabled = "x"\n',
    "a member that is not known": "[application]\nx = 5\n",
    "a domain with a port": '[application.network.domains]\n"a.b:80" = "allow"\n',
    "a relative folder": '[application.storage]\ndefault_project_parent = "x"\n',
    "none": '[application.network.domains]\n"a.b" = "allow"\n',
}
ENTRY_POINTS = ("app-server", "status", "exec")


def host(requirements, auth=API_KEY, **more):
    etc = {"requirements.toml": requirements, **more.pop("etc", {})}
    return Case(etc=etc, home={"auth.json": auth}, **more)


HOSTS = {
    **{name: host(f"{RULE}{fault}") for name, fault in FAULTS.items()},
    "another fault beside it": host(f"features = 5\n{RULE}application = 5\n"),
    "no method left, and a fault": host("allowed_login_methods = []\napplication = 5\n"),
    "a rule in the managed file": host(
        f"{RULE}application = 5\n", etc={"managed_config.toml": FORCED_CHATGPT}
    ),
    "a broken managed file": host(f"{RULE}application = 5\n", etc={"managed_config.toml": "x =\n"}),
    "an allowed login": host(f"{RULE}application = 5\n", chatgpt()),
    "a required store": host('cli_auth_credentials_store = "ephemeral"\napplication = 5\n'),
}


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
@pytest.mark.parametrize("name", HOSTS)
def test_both_end_alike(name, entry_point, namespace, client):
    real, ours = compare(namespace, client, HOSTS[name]._replace(entry_point=entry_point))

    assert real == ours


def test_the_app_server_starts_with_a_forbidden_login(namespace, client):
    case = host(f"{RULE}application = 5\n", entry_point="app-server")

    real, _ = compare(namespace, client, case)

    assert ("allow", []) == real
