"""What the organisation's keys show of a login: the signature that logs out, and the fingerprint."""

import json
import os
import pickle
import shutil
import sys

import pytest

from support.clients.logins import API_KEY, BEDROCK, chatgpt, claims, document, signed_login, token
from support.machines.hosts import VERSION, audit, credential, enforce, make_host, run, run_guard
from support.services.signing import issuer, jwks
from tipstaff_policy import guard
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.clients.codex.credentials.fingerprints import Keys
from tipstaff_policy.clients.codex.credentials.stored_credentials import environment_credentials
from tipstaff_policy.model.secret import FleetKey

OURS, STRANGER = issuer("ours"), issuer("stranger")
TRUSTED = Keys((OURS.jwk(),), None)
FLEET = FleetKey("made-up-fleet-key-1")
POLICY = 'schema = 1\nid = "p"\nversion = "1"\ntrusted_keys = "/etc/tipstaff/keys.json"\n'


def host(folder, auth, *, policy=POLICY, **more):
    root = make_host(folder / "host", auth=auth, **more)
    place = root / "etc/tipstaff"
    place.mkdir()
    (place / "policy.toml").write_text(policy)
    (place / "keys.json").write_text(jwks(OURS.jwk()))
    return root


def signature(text, keys=TRUSTED):
    return parse_auth_document(text.encode(), (), keys).content.signature


GOOD, FORGED = OURS.sign(claims()), STRANGER.sign(claims(), kid="ours")
LOGINS = {
    "both by ours": (signed_login(OURS.sign), "trusted"),
    "opaque access token": (document(GOOD), "trusted"),
    "encrypted access token": (document(GOOD, f"{token({}).partition('.')[0]}.a.b.c.d"), "trusted"),
    "forged access token": (document(GOOD, FORGED), "untrusted"),
    "forged id token": (document(FORGED, GOOD), "untrusted"),
    "edited by hand": (chatgpt(), "unsigned"),
    "access token without a signature": (document(GOOD, GOOD.rpartition(".")[0] + "."), "unsigned"),
    "access token with a broken header": (document(GOOD, "!." + GOOD.partition(".")[2]), "untrusted"),
    "an API key has no signature": (API_KEY, None),
    "a login without tokens": ('{"auth_mode": "chatgpt"}', None),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LOGINS.values(), ids=LOGINS)
def test_the_worst_token_of_a_login_counts(text, expected):
    assert expected == signature(text)


def test_without_trusted_keys_nobody_asks():
    assert None is signature(chatgpt(), None) is signature(chatgpt(), Keys(None, FLEET))


@pytest.mark.parametrize("program", [enforce, run_guard])
@pytest.mark.parametrize(
    ("auth", "code"), [(signed_login(OURS.sign), 0), (document(FORGED), 10), (chatgpt(), 10)]
)
def test_a_login_that_no_trusted_key_signed_is_logged_out(program, auth, code, tmp_path):
    root = host(tmp_path, auth)

    assert code == program(root).returncode
    assert (code == 0) == credential(root).exists()


@pytest.mark.parametrize("auth", [signed_login(OURS.sign), document(FORGED)])
def test_a_guard_without_the_library_and_the_full_program_removes_nothing(auth, tmp_path):
    root = host(tmp_path, auth)
    copy = tmp_path / "alone"
    shutil.copytree(os.path.dirname(guard.__file__), copy / "tipstaff_policy")
    front = [os.path.realpath(sys.executable), "-I", "-S", copy / "tipstaff_policy/guard.py"]

    done = run([*front, *VERSION, "--system-root", root])

    assert 4 == done.returncode
    assert credential(root).exists()
    assert "signature" in done.stderr


def test_the_audit_shows_the_fingerprint(tmp_path):
    key = 'fleet_key = "made-up-fleet-key-1"\n'
    root = host(tmp_path, chatgpt(), policy=POLICY.replace("trusted", "#") + key)

    done = audit(root, "--format", "json")

    expected = parse_auth_document(chatgpt().encode(), (), Keys(None, FLEET)).content.fingerprint
    assert 64 == len(expected)
    assert [expected] == [load["fingerprint"] for load in json.loads(done.stdout)["credentials"]]
    assert "made-up-fleet" not in done.stdout


def fingerprint(text, key=FLEET):
    return parse_auth_document(text.encode(), (), Keys(None, key)).content.fingerprint


def login(user="user-1", workspace="ws-a", access=None, **extra):
    return document(
        token(claims(workspace, user, **extra)), access or token(claims(workspace, user))
    )


def key(text):
    return json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": text})


SAME = {
    "a refresh": (login(iat=1.0, sid="s"), login(iat=2.0, exp=9.0, sid="s", plan="team")),
    "session told by the access token": (
        login(access=token(claims("ws-a", session_id="s"))),
        login(iat=2.0, access=token(claims("ws-a", session_id="s"))),
    ),
    "a key, written otherwise": (key("made-up-1"), json.dumps({"OPENAI_API_KEY": "made-up-1"})),
    "a record given as a list": (
        BEDROCK,
        json.dumps({"auth_mode": "bedrockApiKey", "bedrock_api_key": ["made-up", "r"]}),
    ),
}
OTHER = {
    "user": (login("user-1"), login("user-2")),
    "workspace": (login(workspace="ws-a"), login(workspace="ws-b")),
    "session": (login(sid="s"), login(sid="t")),
    "key": (key("made-up-1"), key("made-up-2")),
    "kind": (key("made-up"), BEDROCK),
    "where one part ends": (login("ab", "c"), login("a", "bc")),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME)
def test_a_fingerprint_stays(one, two):
    assert None is not fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize(("one", "two"), OTHER.values(), ids=OTHER)
def test_a_fingerprint_tells_apart(one, two):
    assert fingerprint(one) != fingerprint(two)


def test_a_variable_with_the_stored_key_has_its_fingerprint():
    (found,) = environment_credentials({"CODEX_API_KEY": " made-up-1 "}, Keys(None, FLEET))

    assert fingerprint(key("made-up-1")) == found.content.fingerprint


def test_another_fleet_has_other_fingerprints():
    assert fingerprint(login()) != fingerprint(login(), FleetKey("made-up-fleet-key-2"))


@pytest.mark.parametrize(
    "text", [document(token(claims("ws-a", None))), '{"auth_mode": "chatgpt"}', key("")]
)
def test_what_tells_no_two_apart_has_no_fingerprint(text):
    assert None is fingerprint(text)


def test_without_a_fleet_key_there_is_no_fingerprint():
    assert None is fingerprint(login(), None)


def test_a_fleet_key_never_shows_itself():
    assert "made-up" not in f"{FLEET} {FLEET!r} {[FLEET]}"
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(FLEET)
