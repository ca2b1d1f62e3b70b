"""The commands that start although a sign-in cannot be judged: the client signs in by nothing."""

import json

import pytest

from conformance.client import VERSION, Case
from support.clients.logins import chatgpt, claims, document, token
from tipstaff_policy.clients.codex.command_line import UNSIGNED, uses_no_credential
from tipstaff_policy.clients.codex.versions import version_number

SECRET = "at-made-up"
EXPIRED = document(token(claims("ws-a")), token({**claims("ws-a"), "exp": 1}), account_id="ws-a")
HELD = {
    "a document that nobody reads": {"home": {"auth.json": "{}x"}},
    "a stored token": {"home": {"auth.json": json.dumps({"personal_access_token": SECRET})}},
    "a variable": {"env": {"CODEX_ACCESS_TOKEN": SECRET}},
    "a login to be refreshed": {"home": {"auth.json": EXPIRED}},
    "a managed plan": {"home": {"auth.json": chatgpt(plan="enterprise")}},
}
RULE = {"managed_config.toml": 'forced_chatgpt_workspace_id = "ws-a"\n'}
WORDS = {
    "completion": ("completion", "bash"),
    "login": ("login", "--with-api-key"),
    "logout": ("logout",),
    "features enable": ("features", "enable", "web_search"),
    "features disable": ("features", "disable", "web_search"),
    "mcp remove": ("mcp", "remove", "x"),
    "execpolicy check": ("execpolicy", "check", "--rules", "/dev/null", "ls"),
    "app-server generate-ts": ("app-server", "generate-ts", "--out", "/mnt/out"),
    "app-server generate-json-schema": ("app-server", "generate-json-schema", "--out", "/mnt/out"),
}
"""One command line for each row of the table."""
FURTHER = (
    ("--version",),
    ("-m", "x", "-V"),
    ("--help",),
    ("exec", "hi", "--help"),
    ("exec", "hi", "-h"),
    ("help", "exec"),
    ("exec", "help"),
    ("login", "--device-auth"),
    ("login", "--with-access-token"),
    ("login", "status", "--help"),
    ("hi", "login", "--with-api-key"),
)
ASKS = (
    ("features", "list"),
    ("mcp", "list"),
    ("mcp", "add", "x", "--", "true", "--help"),
    ("sandbox", "true", "--help"),
    ("exec", "--", "--help"),
    ("login", "status"),
)
BUNDLE = "cloud-config-bundle-cache.json"
"""What a question with a login of a managed plan leaves."""
OF_A_LOG_OUT = ("/oauth/revoke",)


def sent(found):
    """Return what was sent that proves who asks, or asks for a proof; a log-out may revoke."""
    bearers = [request for _, request in found["asked"] if request]
    posted = [url for url, *_ in found["posted"] if not url.endswith(OF_A_LOG_OUT)]
    return bearers, [url for url in posted if not url.endswith("/usercode")]


def test_every_row_of_the_table_is_tried():
    assert {*WORDS} == {*UNSIGNED}


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("words", [*WORDS.values(), *FURTHER], ids=" ".join)
def test_the_client_sends_nothing_of_a_credential(words, held, namespace, client):
    done = namespace.run([client, *words], Case(etc=RULE, **HELD[held]))

    assert uses_no_credential(("codex", *words))
    assert ([], []) == sent(done), done
    assert BUNDLE not in done["left"]


@pytest.mark.skipif(
    version_number(VERSION) < (0, 169, 0), reason="older clients load less for these commands"
)
@pytest.mark.parametrize("words", ASKS, ids=" ".join)
def test_what_is_not_in_the_table_does(words, namespace, client):
    done = namespace.run([client, *words], Case(etc=RULE, **HELD["a variable"]))

    assert not uses_no_credential(("codex", *words))
    assert [SECRET] == sorted({*sent(done)[0]}), done
