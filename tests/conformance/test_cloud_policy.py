"""The policy of the service: the real client fetches it, and Tipstaff reads what it left."""

import json
import sys

import pytest

from conformance.campaign import ENGINE
from conformance.client import BEHAVIOUR, VERSION, Case
from support.clients.logins import AUTH, chatgpt, claims, document, token

pytestmark = pytest.mark.rest

LOGIN = chatgpt("ws-a", plan="enterprise")
STORED = "$CODEX_HOME/auth.json"
CACHE = "cloud-config-bundle-cache.json"


def host(config=(), requirements=(), *, managed=None, system=None, user=None, login=LOGIN):
    """Return a host and what the service answers; fragments are given strongest first."""
    fragments = {
        kind: {
            "enterprise_managed": [
                {"id": str(number), "name": "made up", "contents": text}
                for number, text in enumerate(texts)
            ]
        }
        for kind, texts in (("config_toml", config), ("requirements_toml", requirements))
    }
    etc = {"managed_config.toml": managed, "config.toml": system}
    home = {"auth.json": login, "config.toml": user}
    return Case(
        etc={name: text for name, text in etc.items() if text},
        home={name: text for name, text in home.items() if text},
        bundle=fragments,
    )


def forced(method):
    return f'forced_login_method = "{method}"\n'


OTHER_WORKSPACE = 'forced_chatgpt_workspace_id = "ws-z"\n'
ENDS = {"Logging out": "log_out", "OpenAI Codex v": "allow"}
"""What the client's words mean; the first in the alphabet counts, where both were said."""
CASES = {
    "nothing": host(),
    "forced api": host([forced("api")]),
    "forced chatgpt": host([forced("chatgpt")]),
    "forced workspace": host([OTHER_WORKSPACE]),
    "the first fragment is the strongest": host([forced("chatgpt"), forced("api")]),
    "beats the system's file": host([forced("api")], system=forced("chatgpt")),
    "is beaten by the user's file": host([forced("api")], user=forced("chatgpt")),
    "is beaten by the managed file": host([forced("api")], managed=forced("chatgpt")),
    "requirements are ignored": host([], ['allowed_login_methods = ["api"]\n']),
    "another plan": host([forced("api")], login=chatgpt("ws-a", plan="plus")),
}


def watched(client):
    """Return what runs the client until it is clear how it ends: it tries its first turn last."""
    return (
        f"mkfifo $HOME/said; timeout 5 {client} exec --skip-git-repo-check hi >$HOME/said 2>&1 &"
        " sed -E '/Logging out|Reconnecting/q' $HOME/said; kill $! 2>/dev/null; wait; rm $HOME/said"
    )


def ends_on(namespace, client, case):
    """Return how the client ends on a host, and how Tipstaff ends after it has left the policy."""
    script = (
        f"cp {STORED} $HOME/kept; ({watched(client)}) | grep -oE '{'|'.join(ENDS)}' | sort | head -1"
        f" >&2; cp $HOME/kept {STORED}; {' '.join(ENGINE)} {VERSION} exec"
    )
    found = namespace.run(["sh", "-c", script], case)
    return ENDS.get(found["err"].strip(), "refuse"), json.loads(found["out"])["decision"]["verdict"]


@pytest.mark.parametrize("name", CASES)
def test_the_second_step_is_the_clients(name, namespace, client, see):
    real, ours = ends_on(namespace, client, CASES[name])

    see(f"cloud policy: {name}", real)
    assert real == ours


def test_ignored_requirements_of_the_service_are_named(namespace, client, unfit):
    if not BEHAVIOUR.reads_bundle:
        unfit("cloud policy: ignored requirements are named", "it keeps no policy of the service")
    case = CASES["requirements are ignored"]
    show = f"{sys.executable} -m tipstaff_cli.main policy show"
    script = f"({watched(client)}) >/dev/null; {show}"

    found = namespace.run(["sh", "-c", script], case)

    assert "the service's requirements cannot set it" in found["out"]


def login_of(user, access_user=None, *, workspace="ws-a", account="ws-a"):
    """Return a login whose tokens name their users as they are given, field by field."""

    def made(named):
        return token({**claims(), AUTH: {**claims(workspace, None, "enterprise")[AUTH], **named}})

    extra = {} if account is None else {"account_id": account}
    return document(made(user), made(user if access_user is None else access_user), **extra)


ONE, TWO = ({"chatgpt_user_id": f"user-{number}"} for number in (1, 2))
LOGIN_OF_ONE = login_of(ONE)
OWNERS = {
    "the same login": (LOGIN_OF_ONE, LOGIN_OF_ONE, "log_out"),
    "another user": (LOGIN_OF_ONE, login_of(TWO), "allow"),
    "another user in the id token": (LOGIN_OF_ONE, login_of(TWO, ONE), "allow"),
    "another user in the access token": (LOGIN_OF_ONE, login_of(ONE, TWO), "log_out"),
    "the other name of the claim": (LOGIN_OF_ONE, login_of({"user_id": "user-1"}), "log_out"),
    "both names": (LOGIN_OF_ONE, login_of({**ONE, "user_id": "user-2"}), "log_out"),
    "no user": (LOGIN_OF_ONE, login_of({}), "allow"),
    "no user in both": (login_of({}), login_of({}), "allow"),
    "another account": (LOGIN_OF_ONE, login_of(ONE, account="ws-b"), "allow"),
    "another claim of an account": (LOGIN_OF_ONE, login_of(ONE, workspace="ws-b"), "log_out"),
    "no account id": (LOGIN_OF_ONE, login_of(ONE, account=None), "allow"),
    "no account id in both": (*[login_of(ONE, account=None)] * 2, "allow"),
}
"""Whose policy is there, whose login finds it, and whether it counts."""


@pytest.mark.parametrize(("first", "second", "verdict"), OWNERS.values(), ids=OWNERS)
def test_a_policy_that_lies_there_counts_only_for_its_own_login(
    first, second, verdict, namespace, client
):
    fetch = f"({watched(client)}) >/dev/null; cat $CODEX_HOME/{CACHE}"
    left = namespace.run(["sh", "-c", fetch], host([forced("api")], login=first))["out"]
    asked_again = host([], login=second)  # the service has nothing more to say
    case = asked_again._replace(home={**asked_again.home, CACHE: left})
    script = f"{' '.join(ENGINE)} {VERSION} exec; ({watched(client)}) | grep -c 'Logging out' >&2"

    found = namespace.run(["sh", "-c", script], case)

    decision = json.loads(found["out"])["decision"]
    assert ("log_out" if found["err"].strip() == "1" else "allow") == decision["verdict"]
    assert verdict == decision["verdict"]
    assert "user-" not in found["out"]


def test_a_policy_that_has_run_out_or_belongs_to_another_account_is_passed_over(namespace):
    payload = {
        "version": 1,
        "expires_at": "2020-01-01T00:00:00.5Z",
        "account_id": "ws-a",
        "chatgpt_user_id": "user-1",
        "bundle": {"config_toml": {"enterprise_managed": [{"contents": forced("api")}]}},
    }
    other = {**payload, "expires_at": "2999-01-01T00:00:00Z", "account_id": "ws-z"}
    for cached in ({"signed_payload": payload}, {"signed_payload": other}, {}, [], "x"):
        text = json.dumps(cached)
        case = Case(home={"auth.json": LOGIN, CACHE: text})

        found = namespace.run([*ENGINE, VERSION, "exec"], case)

        assert "allow" == json.loads(found["out"])["decision"]["verdict"]
