"""The client's own login loses the earlier one where it fails; under Tipstaff it stays.

The service is a stand-in (tests/support/services/sign_in_service.py), the client is the real one.
"""

import json
import sys

import pytest

from conformance.account import IS_NEWEST_OR_LATER
from conformance.cases_stores import ENTRY, keyring
from conformance.client import Case
from support.clients.logins import chatgpt
from support.services.sign_in_service import REFRESH_TOKEN
from support.services.signing import issuer, jwks
from tipstaff_policy.clients.own_files import PREFIX
from tipstaff_schemas.export import faults

pytestmark = [
    pytest.mark.rest,
    pytest.mark.skipif(not IS_NEWEST_OR_LATER, reason="the stand-in speaks with the newest client"),
]
EARLIER = chatgpt("ws-a")
KEY = "canary00secretsecret"
HELD = {"auth.json": EARLIER}
DEVICE, BY_KEY, BY_TOKEN = ("--device-auth",), ("--with-api-key",), ("--with-access-token",)
ONLY_B = 'allowed_chatgpt_workspaces = ["ws-b"]\n'
ONLY_CHATGPT = 'allowed_login_methods = ["chatgpt"]\n'
POLICY = 'schema = 1\nid = "p"\nversion = "1"\ncontact = "helpdesk"\n'
NO_FILE = {"CODEX_CA_CERTIFICATE": "/nowhere.pem"}
NO_CA = {"CODEX_CA_CERTIFICATE": None}


def failing(**paths):
    return {"failing": {name.replace("_", "/"): status for name, status in paths.items()}}


def ours(policy):
    return {"policy.toml": POLICY + policy}


@pytest.fixture
def sign_in(namespace, client):
    """Return what signs in by Tipstaff on a host, with what a person does meanwhile."""
    front = [sys.executable, "-m", "tipstaff_cli.main", "login", "--program", client]

    def run(words, case, *, trusted=False, **play):
        front_words = [*front, *words, "--format", "json"]
        found = namespace.run(front_words, case, play=play, trusted=trusted)
        assert not any(
            KEY in found[stream] or REFRESH_TOKEN in found[stream] for stream in ("out", "err")
        )
        assert [] == [name for name in found["left"] if name.startswith(PREFIX)]
        report = json.loads(found["out"]) if found["out"] else None
        assert report is None or (faults("login", report), report["exit_code"]) == (
            [],
            found["code"],
        )
        return {**found, "report": report}

    return run


SUCCESSES = {
    "browser": ((), {}, "chatgpt"),
    "device": (DEVICE, {}, "chatgpt"),
    "key": (BY_KEY, {"stdin": KEY}, "apikey"),
    "access token": (BY_TOKEN, {"stdin": f"at-{KEY}"}, None),
}


@pytest.mark.parametrize(("words", "play", "mode"), SUCCESSES.values(), ids=SUCCESSES)
@pytest.mark.parametrize("home", [HELD, {}], ids=["earlier", "none"])
def test_a_new_login_takes_its_place(words, play, mode, home, sign_in):
    found = sign_in(words, Case(home=home), **play)

    assert 0 == found["code"], found
    assert mode == json.loads(found["auth"]).get("auth_mode")
    assert ("replaced" if home else "none") == found["report"]["earlier"]
    revoked = ["POST /oauth/revoke made-up"] if home and mode == "chatgpt" else []
    assert revoked == [request for request in found["asked"] if "revoke" in request]
    assert revoked == found["asked"][len(found["asked"]) - len(revoked) :]  # the last that is done


LOSSES = {
    "interrupted": ((), Case(), {"does": "interrupt"}, 130, "no sign of a browser that came back"),
    "code never entered": (
        DEVICE, Case(service={"patience": True}), {"does": "interrupt"}, 130, "interrupted",
    ),
    "denied": ((), Case(), {"does": "deny"}, 4, "error access_denied"),
    "code refused": ((), Case(), {"does": "another code"}, 4, "status 400"),
    "service broken": ((), Case(service=failing(oauth_token=500)), {}, 4, "status 500"),
    "device code disabled": (DEVICE, Case(service=failing(usercode=404)), {}, 4, "not enabled"),
    "device code broken": (DEVICE, Case(service=failing(usercode=500)), {}, 4, "status 500"),
    "ports taken": ((), Case(), {"taken": [1455, 1457]}, 4, "port 1457 is taken by process"),
    "wrong workspace": (
        (), Case(etc={"requirements.toml": ONLY_B}), {}, 1, "workspace that is not allowed",
    ),
    "wrong workspace by device": (
        DEVICE, Case(etc={"requirements.toml": ONLY_B}), {}, 1, "workspace that is not allowed",
    ),
    "no workspace": (
        (), Case(etc={"requirements.toml": ONLY_B}, service={"workspace": None}), {}, 1,
        "without any workspace",
    ),
    "no bundle": ((), Case(env=NO_FILE), {}, 4, "CODEX_CA_CERTIFICATE, /nowhere.pem, cannot be"),
    "another authority": ((), Case(env=NO_CA), {}, 4, "none that the client trusts"),
    "another authority by device": (DEVICE, Case(env=NO_CA), {}, 4, "none that the client trusts"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_client_loses_the_earlier_login_and_tipstaff_keeps_it(name, namespace, client, sign_in):
    words, case, play, code, why = LOSSES[name]
    case = case._replace(home=HELD)

    alone = namespace.run([client, "login", *words], case, play=play)
    found = sign_in(words, case, **play)

    assert alone["auth"] is None
    assert EARLIER == found["auth"]
    assert code == found["code"], found
    assert "kept" == found["report"]["earlier"], found
    assert why in found["report"]["note"]
    assert found["report"]["remedy"]
    assert not any("revoke" in request for request in found["asked"])


def test_an_access_token_that_nobody_knows_changes_nothing(sign_in):
    case = Case(home=HELD, service=failing(whoami=401))

    found = sign_in(BY_TOKEN, case, stdin=f"at-{KEY}")

    assert 4 == found["code"]
    assert EARLIER == found["auth"]
    assert "does not accept the access token (status 401)" in found["report"]["note"]


def test_no_key_at_all_is_told_apart(sign_in):
    found = sign_in(BY_KEY, Case(home=HELD))

    assert 2 == found["code"]
    assert EARLIER == found["auth"]
    assert "no API key on standard input" in found["report"]["note"]


FORBIDDEN = {
    "a requirement": (
        BY_KEY, Case(etc={"requirements.toml": ONLY_CHATGPT}), 1, "/etc/codex/requirements.toml:1",
    ),
    "a forced method": (
        BY_KEY, Case(etc={"managed_config.toml": '\nforced_login_method = "chatgpt"\n'}), 1,
        "/etc/codex/managed_config.toml:2",
    ),
    "a forced method, by browser": (
        (), Case(etc={"managed_config.toml": 'forced_login_method = "api"\n'}), 1,
        "/etc/codex/managed_config.toml:1",
    ),
    "the user's own setting": (
        BY_TOKEN, Case(home={"config.toml": 'forced_login_method = "api"\n'}), 1, "config.toml:1",
    ),
    "the organisation's methods": (
        DEVICE, Case(policy=ours('login_methods = ["api"]\n')), 1, "/etc/tipstaff/policy.toml:5",
    ),
    "the organisation's stores": (
        (), Case(policy=ours('stores = ["keyring"]\n')), 1, "/etc/tipstaff/policy.toml:5",
    ),
    "workspaces that contradict": (
        (),
        Case(
            etc={"requirements.toml": ONLY_B}, policy=ours('workspaces = [{ id = "ws-a" }]\n')
        ),
        1, "/etc/tipstaff/policy.toml:5",
    ),
    "a variable that the policy forbids": (
        (),
        Case(env={"CODEX_API_KEY": KEY}, policy=ours('environment_credentials = "forbid"\n')),
        1, "/etc/tipstaff/policy.toml:5",
    ),
    "a variable that breaks a forced method": (
        (),
        Case(
            env={"CODEX_API_KEY": KEY},
            etc={"managed_config.toml": 'forced_login_method = "chatgpt"\n'},
        ),
        1, "/etc/codex/managed_config.toml:1",
    ),
    "no method at all": (
        (), Case(etc={"requirements.toml": "allowed_login_methods = []\n"}), 3,
        "/etc/codex/requirements.toml:1",
    ),
    "a broken configuration": (
        BY_KEY, Case(home={"config.toml": 'forced_login_method = "x"\n'}), 3, "config.toml",
    ),
    "a broken policy": (BY_KEY, Case(policy={"policy.toml": "schema = 1\nx = 1\n"}), 3,
                        "/etc/tipstaff/policy.toml"),
    "a store in memory": (
        BY_KEY, Case(home={"config.toml": 'cli_auth_credentials_store = "ephemeral"\n'}), 2,
        "memory of one process",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_forbidden_is_refused_before_anything_is_asked(name, sign_in):
    words, case, code, where = FORBIDDEN[name]
    case = case._replace(home={**case.home, **HELD})

    found = sign_in(words, case, stdin=KEY)

    assert code == found["code"], found
    assert EARLIER == found["auth"], found
    assert where in found["report"]["note"]
    assert ("", []) == (found["err"], found["asked"])  # the client was not even started


VIOLATING = {
    "another workspace": (ours('workspaces = [{ id = "ws-b" }]\n'), 1, 'belongs to workspace "ws-a"'),
    "a token without signature": (
        {
            **ours('trusted_keys = "/etc/tipstaff/keys.json"\n'),
            "keys.json": jwks(issuer("made up").jwk()),
        },
        1, "holds a token that is unsigned",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VIOLATING)
@pytest.mark.parametrize("words", [(), DEVICE], ids=["browser", "device"])
def test_what_came_back_and_violates_is_never_put_in_place(name, words, sign_in):
    policy, code, why = VIOLATING[name]

    found = sign_in(words, Case(home=HELD, policy=policy))

    assert code == found["code"]
    assert "refused" == found["report"]["outcome"]
    assert EARLIER == found["auth"]
    assert why in found["report"]["note"]
    assert [f"POST /oauth/revoke {REFRESH_TOKEN}"] == [
        request for request in found["asked"] if "revoke" in request
    ]
    assert "ask: helpdesk" in found["report"]["advice"]


def test_a_policy_that_only_warns_lets_the_login_in_and_says_so(sign_in):
    policy = ours('workspaces = [{ id = "ws-b" }]\non_violation = "report"\n')

    found = sign_in((), Case(home=HELD, policy=policy))

    assert 0 == found["code"]
    assert "replaced" == found["report"]["earlier"]
    assert any("/etc/tipstaff/policy.toml:5" in warning for warning in found["report"]["warnings"])
    assert not any("no login was requested" in warning for warning in found["report"]["warnings"])


def test_a_policy_that_only_warns_asks_for_a_login_by_another_method(sign_in):
    policy = ours('login_methods = ["chatgpt"]\non_violation = "report"\n')

    found = sign_in(BY_KEY, Case(home=HELD, policy=policy), stdin=KEY)

    assert 0 == found["code"]
    assert any(warning.endswith("not enforced yet") for warning in found["report"]["warnings"])
    assert not any("no login was requested" in warning for warning in found["report"]["warnings"])


def test_an_access_token_is_taken_where_the_client_asks_for_a_workspace_of_the_policy(sign_in):
    policy = ours('workspaces = [{ id = "ws-a" }, { id = "ws-b" }]\n')
    case = Case(home=HELD, policy=policy, etc={"requirements.toml": ONLY_B})

    taken = sign_in(BY_TOKEN, case._replace(service={"whoami": "ws-b"}), stdin=f"at-{KEY}")
    refused = sign_in(BY_TOKEN, case._replace(service={"whoami": "ws-a"}), stdin=f"at-{KEY}")

    assert 0 == taken["code"]
    assert 1 == refused["code"]
    assert EARLIER == refused["auth"]


ASKED = {
    "ours": ("ws-b", True, 0, 'into workspace "ws-b"'),
    "theirs": ("ws-a", True, 1, 'belongs to workspace "ws-a"'),
    "an answer that is not trusted": ("ws-a", False, 0, "The login stays"),
}


@pytest.mark.parametrize("name", ASKED)
def test_an_access_token_is_asked_about_where_the_client_goes_by_no_rule(name, sign_in):
    owner, trusted, code, words = ASKED[name]
    case = Case(home=HELD, policy=ours('workspaces = [{ id = "ws-b" }]\n'))

    found = sign_in(
        BY_TOKEN, case._replace(service={"whoami": owner}), stdin=f"at-{KEY}", trusted=trusted
    )

    assert (code, code == 1) == (found["code"], EARLIER == found["auth"]), found
    said = [found["report"]["note"], *found["report"]["warnings"]]
    assert any(words in text for text in said), said


def test_the_configuration_in_force_holds_for_the_login_aside(sign_in):
    """A file that counts from the client's folder, and a log that is elsewhere."""
    text = 'model_instructions_file = "own.md"\nlog_dir = "elsewhere"\n'
    home = {**HELD, "config.toml": text, "own.md": "made up"}

    found = sign_in(BY_KEY, Case(home=home), stdin=KEY)

    assert 0 == found["code"], found
    assert {"elsewhere", "own.md", "config.toml"} <= set(found["left"])
    assert "log" not in found["left"]


def test_options_of_the_client_are_passed_on(sign_in):
    words = ("-c", 'forced_chatgpt_workspace_id="ws-b"')

    found = sign_in(words, Case(home=HELD))

    assert 1 == found["code"]
    assert EARLIER == found["auth"]
    assert "allowed_workspace_id=ws-b" in found["err"]


def test_what_a_killed_run_has_left_is_swept_up(sign_in):
    left = f"{PREFIX}0123456789abcdef"
    home = {**HELD, f"{left}/auth.json": chatgpt("ws-b"), f"{left}/config.toml": {"link": "../x"}}

    found = sign_in(BY_KEY, Case(home=home), stdin=KEY)  # its fixture looks for such a folder

    assert 0 == found["code"]


def test_a_login_over_a_link_leaves_what_it_led_to(sign_in):
    home = {"elsewhere.json": EARLIER, "auth.json": {"link": "elsewhere.json"}}

    found = sign_in(BY_KEY, Case(home=home), stdin=KEY)

    assert 0 == found["code"]
    assert "apikey" == json.loads(found["auth"])["auth_mode"]
    assert "elsewhere.json" in found["left"]


IN_KEYRING = 'cli_auth_credentials_store = "keyring"\n'
THEN_STATUS = """
"$2" -m tipstaff_cli.main login --program "$1" $3; code=$?
"$1" login status; exit $code
"""


def in_keyring(*items, config=IN_KEYRING, **more):
    etc = {"requirements.toml": config, **more.pop("etc", {})}
    return Case(etc=etc, keyring=keyring(*items), **more)


KEYRINGS = {
    "browser over an earlier one": ("", in_keyring(EARLIER), {}, "Logged in using ChatGPT"),
    "key over an earlier one": (
        "--with-api-key", in_keyring(EARLIER), {"stdin": KEY}, "API key configured",
    ),
    "key over nothing": ("--with-api-key", in_keyring(), {"stdin": KEY}, "API key configured"),
    "key beside a plain file": (
        "--with-api-key", in_keyring(home=HELD), {"stdin": KEY}, "API key configured",
    ),
    "chosen by itself": (
        "--with-api-key",
        in_keyring(config='cli_auth_credentials_store = "auto"\n'),
        {"stdin": KEY},
        "API key configured",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYRINGS)
def test_a_keyring_ends_with_the_one_entry_that_the_client_reads(name, namespace, client):
    option, case, play, status = KEYRINGS[name]
    words = ["sh", "-c", THEN_STATUS, "sh", client, sys.executable, option]

    found = namespace.run(words, case, play=play)

    assert 0 == found["code"], found
    assert status in found["out"] + found["err"]
    assert [ENTRY["username"]] == found["keyring"]
    assert "auth.json" not in found["left"]


KEPT_KEYRINGS = {
    "violates": (
        in_keyring(EARLIER, policy=ours('workspaces = [{ id = "ws-b" }]\n')), {}, 1, [ENTRY["username"]],
    ),
    "interrupted": (in_keyring(EARLIER), {"does": "interrupt"}, 130, [ENTRY["username"]]),
    "violates, with none before": (
        in_keyring(policy=ours('workspaces = [{ id = "ws-b" }]\n')), {}, 1, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT_KEYRINGS)
def test_a_keyring_keeps_the_earlier_login_and_nothing_else(name, sign_in):
    case, play, code, left = KEPT_KEYRINGS[name]

    found = sign_in((), case, **play)

    assert code == found["code"], found
    assert left == found["keyring"], found
    assert ("kept" if left else "none") == found["report"]["earlier"]


UNFIT_KEYRINGS = {
    "no keyring": (Case(etc={"requirements.toml": IN_KEYRING}), "no session bus"),
    "garbage in it": (in_keyring("made up"), "`tipstaff enforce`"),
    "an encrypted file": (
        in_keyring(home={"config.toml": "[features]\nsecret_auth_storage = true\n"}),
        "encrypted file",
    ),
}


@pytest.mark.parametrize("name", UNFIT_KEYRINGS)
def test_a_store_that_cannot_take_a_login_is_told_before_anything_is_asked(name, sign_in):
    case, why = UNFIT_KEYRINGS[name]

    found = sign_in(BY_KEY, case, stdin=KEY)

    assert 4 == found["code"], found
    assert "" == found["err"], found
    assert why in found["report"]["note"] + found["report"]["remedy"]


WAITS = """
"$1" login >$HOME/first 2>&1 & first=$!
until grep -q ':05AF 00000000:0000 0A' /proc/net/tcp; do kill -0 $first || exit 9; done
"""
SECOND = {
    "the client breaks it off": """
"$1" login >/dev/null 2>&1 & second=$!
wait $first; code=$?; kill $second; tail -n 1 $HOME/first; exit $code
""",
    "Tipstaff does not": """
"$2" -m tipstaff_cli.main login --program "$1"; code=$?
kill -0 $first && echo still waiting; kill $first; exit $code
""",
}
ENDS = {
    "the client breaks it off": (1, ("Login cancelled",)),
    "Tipstaff does not": (4, ("another sign-in waits on port 1455: process", "still waiting")),
}


@pytest.mark.parametrize("name", SECOND)
def test_a_sign_in_that_already_waits(name, namespace, client):
    words = ["sh", "-c", WAITS + SECOND[name], "sh", client, sys.executable]
    code, said = ENDS[name]

    found = namespace.run(words, Case(), play={"does": "nothing"})

    assert code == found["code"], found
    assert all(sentence in found["out"] for sentence in said)


LOCKED = """
exec 9>"$CODEX_HOME/auth.lock"; flock 9
echo made-up | "$2" -m tipstaff_cli.main login --program "$1" --with-api-key --lock-timeout 0.2 9>&-
"""


def test_a_lock_that_is_held_keeps_the_earlier_login(namespace, client):
    case = Case(home=HELD)

    found = namespace.run(["sh", "-c", LOCKED, "sh", client, sys.executable], case, play={})

    assert 4 == found["code"], found
    assert EARLIER == found["auth"], found
    assert "auth.lock: another process holds the client's lock" in found["out"]


def test_over_ssh_the_port_to_forward_is_named(sign_in):
    case = Case(env={"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"})

    found = sign_in((), case, taken=[1455])

    assert 0 == found["code"]
    assert "ssh -L 1457:localhost:1457" in found["err"]
    assert "port 1455 is taken by process" in found["err"]
