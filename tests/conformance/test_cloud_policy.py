"""The policy of the service: the real client fetches it, and Tipstaff reads what it left."""

import json
import sys

import pytest

from conformance.campaign import ENGINE
from conformance.client import BEHAVIOUR, VERSION, Case
from logins import chatgpt

LOGIN = chatgpt("ws-a", plan="enterprise")
AUTH = "$CODEX_HOME/auth.json"


def host(config=(), requirements=(), *, managed=None, system=None, user=None, login=LOGIN):
    """Return a host and what the service tells it; fragments are given strongest first."""
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


@pytest.mark.parametrize("name", CASES)
def test_the_second_step_is_the_clients(name, namespace, client, see):
    case = CASES[name]
    script = (
        f"cp {AUTH} $HOME/kept; timeout 5 {client} exec --skip-git-repo-check hi 2>&1"
        f" | grep -oE '{'|'.join(ENDS)}' | sort | head -1 >&2; cp $HOME/kept {AUTH}; {' '.join(ENGINE)} {VERSION} exec"
    )

    found = namespace.run(["sh", "-c", script], case)

    decision = json.loads(found["out"])["decision"]
    real = ENDS.get(found["err"].strip(), "refuse")
    see(f"cloud policy: {name}", real)
    assert real == decision["verdict"]


def test_ignored_requirements_of_the_service_are_named(namespace, client, unfit):
    if not BEHAVIOUR.reads_bundle:
        unfit("cloud policy: ignored requirements are named", "it keeps no policy of the service")
    case = CASES["requirements are ignored"]
    show = f"{sys.executable} -m tipstaff_cli.main policy show"
    script = f"timeout 2 {client} exec --skip-git-repo-check hi >/dev/null 2>&1; {show}"

    found = namespace.run(["sh", "-c", script], case)

    assert "the service's requirements cannot set it" in found["out"]


def test_a_policy_that_has_run_out_or_belongs_to_another_account_is_passed_over(namespace):
    payload = {
        "version": 1,
        "expires_at": "2020-01-01T00:00:00.5Z",
        "account_id": "ws-a",
        "bundle": {"config_toml": {"enterprise_managed": [{"contents": forced("api")}]}},
    }
    other = {**payload, "expires_at": "2999-01-01T00:00:00Z", "account_id": "ws-z"}
    for cached in ({"signed_payload": payload}, {"signed_payload": other}, {}, [], "x"):
        text = json.dumps(cached)
        case = Case(home={"auth.json": LOGIN, "cloud-config-bundle-cache.json": text})

        found = namespace.run([*ENGINE, VERSION, "exec"], case)

        assert "allow" == json.loads(found["out"])["decision"]["verdict"]
