"""The identity of an agent as a token: verified by the vendor's published keys, as the client does."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from conformance.client import AS_VERSION, BEHAVIOUR, Case
from conformance.test_exec import EXEC, FRONTS
from conformance.test_identities import RULES
from support.artefacts.policies import ROOT
from support.services.signing import issuer, jwks
from tipstaff_policy.clients.codex.credentials.agent_token import AUDIENCE, ISSUER

PKCS8 = base64.b64encode(
    Ed25519PrivateKey.generate().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
).decode()
KEYS = jwks(issuer("agents").jwk())
OTHER = issuer("others")
PLACES = ("file", "variable")
MOVED = "https://ab.chatgpt.com/backend-api"

pytestmark = pytest.mark.skipif(
    "agent_identity" in BEHAVIOUR.unknown_fields, reason="older clients know no agent's token"
)


def claims(workspace="ws-a", **changed):
    now = int(time.time())
    made = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 3600,
        "agent_runtime_id": "r",
        "agent_private_key": PKCS8,
        "account_id": workspace,
        "chatgpt_user_id": "u",
        "email": "e@example.com",
        "plan_type": "pro",
        "chatgpt_account_is_fedramp": False,
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not None}


def token(workspace="ws-a", **changed):
    return issuer("agents").sign(claims(workspace, **changed))


def host(signed, rule="forced", place="file", keys=KEYS, **more):
    auth = json.dumps({"auth_mode": "agentIdentity", "agent_identity": signed})
    env = {"CODEX_ACCESS_TOKEN": f" {signed}\n"} if place == "variable" else {}
    home = {"auth.json": auth} if place == "file" else {}
    return Case(
        etc=RULES[rule],
        home={**home, **more.pop("home", {})},
        env={"CODEX_CA_CERTIFICATE": None, **env, **more.pop("env", {})},
        service={"jwks": json.loads(keys), **more},
    )


def in_front(namespace, case, *words, front="guard"):
    return namespace.run([*FRONTS[front], *words], case, serves=True, trusted=True)


def status(namespace, client, case):
    return namespace.run([client, "login", "status"], case, serves=True, trusted=True)


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("place", PLACES)
def test_an_agent_of_an_allowed_workspace_is_started(place, rule, front, namespace, client):
    case = host(token(), rule, place)

    alone = status(namespace, client, case)
    done = in_front(namespace, case, "echo", "started", front=front)

    assert 0 == alone["code"]
    assert 0 == done["code"]
    assert "started\n" == done["out"]
    assert "" == done["err"]


@pytest.mark.parametrize("rule", ["forced", "allowed"])
@pytest.mark.parametrize("place", PLACES)
def test_an_agent_of_another_workspace_is_not(place, rule, namespace, client):
    case = host(token("ws-b"), rule, place)

    alone = status(namespace, client, case)
    done = in_front(namespace, case, "echo", "started")

    assert "restricted to workspace" in alone["err"]
    assert (10 if place == "file" else 11) == done["code"]
    assert "" == done["out"]
    assert "ws-b" in done["err"]
    assert "auth.json" not in done["left"]


def test_the_client_logs_out_an_agent_of_another_workspace_too(namespace, client):
    done = namespace.run(
        [client, *EXEC], host(token("ws-b")), until_banner=True, serves=True, trusted=True
    )

    assert "Logging out" in done["out"]
    assert "auth.json" not in done["left"]


def of_another_key():
    return OTHER.sign(claims(), kid="agents")


UNUSABLE = {
    "signed by another key": of_another_key,
    "an unknown key": lambda: OTHER.sign(claims()),
    "no name of a key": lambda: issuer("agents").sign(claims(), kid=None),
    "another algorithm": lambda: issuer("agents", "RS384").sign(claims()),
    "expired": lambda: token(exp=int(time.time()) - 120),
    "of another issuer": lambda: token(iss="https://example.com"),
    "for another audience": lambda: token(aud="made-up"),
    "no token at all": lambda: "made-up",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_the_client_cannot_verify_is_not_judged_and_not_removed(name, namespace, client):
    case = host(UNUSABLE[name]())

    alone = status(namespace, client, case)
    done = in_front(namespace, case, "echo", "started")

    assert 1 == alone["code"]
    assert "auth.json" in alone["left"]
    assert 4 == done["code"]
    assert "" == done["out"]
    assert "auth.json" in done["left"]
    assert "`tipstaff logout --client codex`, then sign in" in done["err"]


@pytest.mark.parametrize("rule", ["forced", "allowed"])
def test_under_no_rule_does_the_client_sign_in_by_what_it_cannot_verify(rule, namespace, client):
    done = namespace.run(
        [client, *EXEC], host(of_another_key(), rule), until_banner=True, serves=True
    )

    assert (rule == "allowed") == done["started"]
    assert not any(done["sent"])
    assert "auth.json" in done["left"]


def test_where_the_keys_cannot_be_had_nothing_is_started(namespace, client):
    done = in_front(namespace, host(token(), failing={"jwks": 500}), "echo", "started")

    assert 4 == done["code"]
    assert "" == done["out"]
    assert "auth.json" in done["left"]
    assert "have this machine reach https://chatgpt.com and start the client again" in done["err"]


def test_a_token_just_past_its_end_still_counts_for_both(namespace, client):
    case = host(token(exp=int(time.time()) - 20))

    assert 0 == status(namespace, client, case)["code"]
    assert 0 == in_front(namespace, case, "echo", "started")["code"]


@pytest.mark.parametrize("how", ["variable", "key"])
def test_the_keys_come_from_the_vendor_whatever_the_user_names(how, namespace, client):
    """The client believes both; the service of these tests knows no keys at the other address."""
    case = host(
        of_another_key(),
        env={"CODEX_AGENT_IDENTITY_JWKS_BASE_URL": MOVED} if how == "variable" else {},
        home={"config.toml": f'chatgpt_base_url = "{MOVED}"\n'} if how == "key" else {},
        moved_jwks=json.loads(jwks(OTHER.jwk(kid="agents"))),
    )

    assert 0 == status(namespace, client, case)["code"]
    assert 4 == in_front(namespace, case, "echo", "started")["code"]


@pytest.mark.parametrize("words", [("--version",), ("login", "--help"), ("logout",)])
def test_nothing_is_asked_for_a_command_that_signs_in_by_nothing(words, namespace, client):
    case = host(of_another_key(), place="variable")

    done = in_front(namespace, case, client, *words)

    assert 0 == done["code"]
    assert [] == done["asked"]


def test_nothing_of_the_token_is_in_a_report(namespace, client):
    signed = token()
    words = [
        *FRONTS["exec"][:3],
        "audit",
        *AS_VERSION,
        "--format",
        "json",
    ]

    done = namespace.run(words, host(signed), serves=True, trusted=True)

    report = json.loads(done["out"])
    assert ["ws-a"] == [identity["workspace"] for identity in report["state"]["identities"]]
    assert not any(part in done["out"] for part in (*signed.split("."), PKCS8))


def test_the_policy_of_the_organisation_is_enough(namespace, client):
    policy = f'{ROOT}workspaces = [{{ id = "ws-c" }}]\n'
    case = host(token())._replace(etc={"../tipstaff/policy.toml": policy})

    assert 10 == in_front(namespace, case, "echo", "started")["code"]
