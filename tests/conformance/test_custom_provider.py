"""Whom the real client asks, and with which credential; and what TIP109 says of the same host.

In the namespace every name of the service leads to a listener; one of them stands for an address
of the user's own. Sign-in is restricted everywhere: to ChatGPT, unless said otherwise.
"""

import json

import pytest

from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import VERSION, Case
from conformance.test_agreement import WORDS
from support.clients.logins import API_KEY, chatgpt
from tipstaff_policy.clients.codex.versions import behaviour_of

pytestmark = pytest.mark.rest

ELSEWHERE, SERVICE, PORTAL = "github.com", "api.openai.com", "chatgpt.com"
OWN_KEY = "made-up-own"
ENV = {"OWN": OWN_KEY, "OTHER": "made-up-other"}
TRUSTED = '[projects."/mnt/host/cwd"]\ntrust_level = "trusted"\n'
DEFINED = f'[model_providers.mine]\nname = "x"\nbase_url = "https://{ELSEWHERE}/v1"\n'
MINE = f'model_provider = "mine"\n{DEFINED}'
BY_KEY = f'{MINE}env_key = "OWN"\n'
BY_LOGIN = f"{MINE}requires_openai_auth = true\n"
AT_SERVICE = BY_LOGIN.replace(ELSEWHERE, SERVICE)
NO_ADDRESS = BY_LOGIN.replace(f'base_url = "https://{ELSEWHERE}/v1"\n', "")
ADDRESS = f'openai_base_url = "https://{ELSEWHERE}/v1"\n'
PIN = 'model_provider = "openai"\n'
BEDROCK = f'model_provider = "amazon-bedrock"\n[model_providers.amazon-bedrock]\nbase_url = "https://{ELSEWHERE}/v1"\n'
BEDROCK_ENV = {"AWS_BEARER_TOKEN_BEDROCK": OWN_KEY, "AWS_REGION": "r"}
FLAGS = (
    "-c", 'model_provider="mine"',
    "-c", f'model_providers.mine={{name="x",base_url="https://{ELSEWHERE}/v1",env_key="OWN"}}',
)  # fmt: skip
LOGIN = chatgpt("ws-a")
LOGIN_SENT = json.loads(LOGIN)["tokens"]["access_token"]
FORCED_API = 'forced_login_method = "api"\n'
KEY_SENT = json.loads(API_KEY)["OPENAI_API_KEY"]


def host(user="", auth=None, managed=FORCED_CHATGPT, env=ENV, **more):
    etc = {"managed_config.toml": managed, **more.pop("etc", {})}
    home = {"config.toml": user, "auth.json": auth, **more.pop("home", {})}
    return Case(etc=etc, home={n: text for n, text in home.items() if text}, env=env, **more)


ASKED = {
    "a variable": (host(BY_KEY), ELSEWHERE, OWN_KEY, "fail"),
    "a variable beside a login": (host(BY_KEY, LOGIN), ELSEWHERE, OWN_KEY, "fail"),
    "a token in the file": (
        host(f'{MINE}experimental_bearer_token = "{OWN_KEY}"\n'), ELSEWHERE, OWN_KEY, "fail"),
    "a command": (
        host(f'{MINE}auth = {{command = "/bin/echo", args = ["{OWN_KEY}"]}}\n'),
        ELSEWHERE, OWN_KEY, "fail"),
    "a header": (
        host(f'{MINE}http_headers = {{Authorization = "{OWN_KEY}"}}\n'), ELSEWHERE, OWN_KEY, "fail"),
    "a header of a variable": (
        host(f'{MINE}env_http_headers = {{Authorization = "OWN"}}\n'), ELSEWHERE, OWN_KEY, "fail"),
    "nothing": (host(MINE), ELSEWHERE, "", "fail"),
    "the login": (host(BY_LOGIN, LOGIN), ELSEWHERE, LOGIN_SENT, "fail"),
    "the login, a key": (
        host(BY_LOGIN, API_KEY, FORCED_API), ELSEWHERE, KEY_SENT, "fail"),
    "the login, but a variable first": (
        host(f'{BY_LOGIN}env_key = "OWN"\n', LOGIN), ELSEWHERE, OWN_KEY, "fail"),
    "the login, but a header where there is none": (
        host(f'{NO_ADDRESS}http_headers = {{Authorization = "{OWN_KEY}"}}\n'),
        SERVICE, OWN_KEY, "fail"),
    "the login, at the service": (
        host(AT_SERVICE, API_KEY, FORCED_API), SERVICE, KEY_SENT, "pass"),
    "the login, and no address": (host(NO_ADDRESS, LOGIN), PORTAL, LOGIN_SENT, "pass"),
    "none of one's own": (host("", LOGIN), PORTAL, LOGIN_SENT, "pass"),
    "defined and not chosen": (host(f'{DEFINED}env_key = "OWN"\n'), SERVICE, "", "pass"),
    "by flags": (host(flags=FLAGS), ELSEWHERE, OWN_KEY, "fail"),
    "a project's": (
        host(TRUSTED, cwd={".codex/config.toml": BY_KEY}), SERVICE, "", "pass"),
    "the system's": (host(etc={"config.toml": BY_KEY}), ELSEWHERE, OWN_KEY, "pass"),
    "the managed file's": (host(managed=FORCED_CHATGPT + BY_KEY), ELSEWHERE, OWN_KEY, "pass"),
    "the system's, with another key": (
        host('[model_providers.mine]\nname = "x"\nenv_key = "OTHER"\n',
             etc={"config.toml": BY_KEY}),
        ELSEWHERE, "made-up-other", "fail"),
    "the managed file's, with a token of one's own": (
        host(f'[model_providers.mine]\nname = "x"\nexperimental_bearer_token = "{OWN_KEY}"\n',
             managed=FORCED_CHATGPT + MINE),
        ELSEWHERE, OWN_KEY, "fail"),
    "pinned by the managed file": (
        host(BY_KEY, managed=FORCED_CHATGPT + PIN), SERVICE, "", "pass"),
    "pinned by the managed file against flags": (
        host(managed=FORCED_CHATGPT + PIN, flags=FLAGS), SERVICE, "", "pass"),
    "another address": (host(ADDRESS, LOGIN), ELSEWHERE, LOGIN_SENT, "fail"),
    "another address for keys": (
        host(ADDRESS, API_KEY, FORCED_API), ELSEWHERE, KEY_SENT, "fail"),
    "another address in spite of a pin": (
        host(ADDRESS, LOGIN, FORCED_CHATGPT + PIN), ELSEWHERE, LOGIN_SENT, "fail"),
    "another address of the managed file": (
        host("", LOGIN, FORCED_CHATGPT + ADDRESS), ELSEWHERE, LOGIN_SENT, "pass"),
    "another address by a variable": (
        host("", LOGIN, env={"OPENAI_BASE_URL": f"https://{ELSEWHERE}/v1"}),
        PORTAL, LOGIN_SENT, "pass"),
    "another address for ChatGPT": (
        host(f'chatgpt_base_url = "https://{ELSEWHERE}/x"\n', LOGIN),
        ELSEWHERE, LOGIN_SENT, "fail"),
}  # fmt: skip
SINCE_PROFILE_FILES = {
    "by a profile": (
        host(home={"p.config.toml": BY_KEY}, flags=("--profile", "p")), ELSEWHERE, OWN_KEY, "fail"),
}  # fmt: skip
MEASURED = {
    "Bedrock": (host(BEDROCK, env=BEDROCK_ENV), ELSEWHERE, OWN_KEY, "fail"),
    "pinned": (host(BY_KEY, etc={"requirements.toml": PIN}), SERVICE, "", "pass"),
    "pinned against flags": (
        host(flags=FLAGS, etc={"requirements.toml": PIN}), SERVICE, "", "pass"),
    "required, and redefined by the user": (
        host(BY_KEY.replace("OWN", "OTHER"), etc={"requirements.toml": BY_KEY}),
        ELSEWHERE, OWN_KEY, "pass"),
    "required, and told a token by the user": (
        host(f'[model_providers.mine]\nname = "x"\nexperimental_bearer_token = "{OWN_KEY}"\n',
             etc={"requirements.toml": MINE}),
        ELSEWHERE, "", "pass"),
    "pinned, and defined by the user": (
        host(BY_KEY.partition("\n")[2], etc={"requirements.toml": 'model_provider = "mine"\n'}),
        ELSEWHERE, OWN_KEY, "fail"),
}  # fmt: skip
PASSED_OVER = {"pinned in vain": (MEASURED["pinned"][0], ELSEWHERE, OWN_KEY, "fail")}
REFUSED = {
    "the client's own, redefined": host("[model_providers.openai]\nname = 'x'\n"),
    "the client's own, redefined by a requirement": host(
        etc={"requirements.toml": "[model_providers.ollama]\nname = 'x'\n"}
    ),
    "Amazon's for another": host(
        etc={"requirements.toml": "[model_providers.y]\nname = 'x'\naws = {region = 'r'}\n"}
    ),
}


def behaves(field):
    found = behaviour_of(VERSION)
    return found is not None and getattr(found, field)


CASES = {
    **ASKED,
    **(SINCE_PROFILE_FILES if behaves("profile_files") else {}),
    **(MEASURED if behaves("reads_required_provider") else PASSED_OVER),
}


def finding_of(namespace, case):
    words = [*WORDS, "--select", "TIP109"]
    report = json.loads(namespace.run([*words, *case.flags], case, audit=True)["out"])
    return report["decision"]["verdict"], {finding["status"] for finding in report["findings"]}


def start(namespace, client, case, name):
    words = [client, "exec", "--skip-git-repo-check", *case.flags, "hi"]
    return namespace.run(words, case, until_banner=True, patient=True, until_asked=name)


@pytest.mark.parametrize("name", CASES)
def test_whom_the_client_asks_and_what_the_check_says(name, namespace, client):
    case, asked, sent, status = CASES[name]

    found = start(namespace, client, case, asked)
    verdict, statuses = finding_of(namespace, case)

    assert found["started"], found
    assert [asked, sent] in found["asked"], found
    assert {status} == statuses
    assert verdict in ("allow", "not_logged_in")


@pytest.mark.skipif(not behaves("reads_required_provider"), reason="nobody measured what stops it")
@pytest.mark.parametrize("name", REFUSED)
def test_what_stops_the_client_is_not_judged(name, namespace, client):
    case = REFUSED[name]

    found = start(namespace, client, case, SERVICE)

    assert not found["started"], found
    assert ("refuse", {"error"}) == finding_of(namespace, case)
