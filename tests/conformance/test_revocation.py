"""What the client's own `logout` sends to the issuer, and what Tipstaff sends of the same login."""

import json

import pytest

from conformance.cases_stores import encrypted, encrypting, host
from conformance.client import AS_VERSION, BEHAVIOUR, ENCRYPTED, ROOT, VERSION, Case
from support.clients.logins import API_KEY, BEDROCK, chatgpt, with_fields
from tipstaff_policy.clients.codex.versions import version_number

URL = "https://auth.openai.com/oauth/revoke"
FORCED_API = 'forced_login_method = "api"\n'
FORCED_CHATGPT = 'forced_login_method = "chatgpt"\n'
ENFORCE = [
    f"{ROOT}/.venv/bin/tipstaff",
    "enforce",
    *AS_VERSION,
    "--revoke",
]


def with_tokens(**fields):
    document = json.loads(chatgpt())
    return json.dumps({**document, "tokens": {**document["tokens"], **fields}})


def in_file(auth, rule=FORCED_API, **env):
    return Case(etc={"managed_config.toml": rule}, home={"auth.json": auth}, env=env)


PROVENANCE = {"issuer": "https://api.openai.com", "client_id": "app_other"}
SENT = {
    "a ChatGPT login": in_file(chatgpt()),
    "no refresh token": in_file(with_tokens(refresh_token="")),
    "a blank refresh token": in_file(with_tokens(refresh_token=" ")),
    "a key beside it": in_file(with_fields(chatgpt(), OPENAI_API_KEY="made-up-key-000")),
    "no time of a refresh": in_file(with_fields(chatgpt(), last_refresh=None)),
    "another issuer named in it": in_file(with_tokens(oauth_provenance=PROVENANCE)),
    "in the keyring": host("keyring", chatgpt(), rule=FORCED_API),
}
NOT_SENT = {
    "an API key": in_file(API_KEY, FORCED_CHATGPT),
    "a Bedrock key": in_file(BEDROCK, FORCED_CHATGPT),
    "neither token": in_file(with_tokens(refresh_token="", access_token="")),
    "lent tokens": in_file(with_fields(chatgpt(), auth_mode="chatgptAuthTokens")),
}


def both(namespace, client, case):
    """Return what the client's log-out posts, and what Tipstaff's does, with its report."""
    theirs = namespace.run([client, "logout"], case)
    ours = namespace.run([*ENFORCE, "--format", "json"], case)
    assert 0 == theirs["code"], (theirs, ours)
    assert 10 == ours["code"], (theirs, ours)
    return theirs["posted"], ours["posted"], json.loads(ours["out"])["revocations"]


@pytest.mark.parametrize("name", SENT)
def test_what_is_sent_is_what_the_client_sends(name, namespace, client):
    theirs, ours, _ = both(namespace, client, SENT[name])

    assert [[URL, "application/json"]] == [their[:2] for their in theirs]
    assert theirs == ours


@pytest.mark.parametrize("name", NOT_SENT)
def test_what_the_client_does_not_revoke_is_not_sent(name, namespace, client, unfit):
    if name == "a Bedrock key" and "bedrock_api_key" in BEHAVIOUR.unknown_fields:
        unfit(f"revocation: {name}", "it knows no such key")
    theirs, ours, (revocation,) = both(namespace, client, NOT_SENT[name])

    assert [] == theirs
    assert [] == ours
    assert "not_revocable" == revocation["outcome"]


def test_a_login_in_the_encrypted_file_is_revoked(namespace, client, unfit):
    if not BEHAVIOUR.encrypts:
        unfit("revocation: encrypted", "it knows no encrypted file")
    case = encrypting("keyring", encrypted()["compliant"], rule=FORCED_API)
    assert ENCRYPTED in case.home

    theirs, ours, _ = both(namespace, client, case)

    assert 1 == len(theirs)
    assert theirs == ours


def test_tokens_that_a_key_hides_are_revoked_here_alone(namespace, client):
    hidden = with_fields(chatgpt(), auth_mode="apikey", OPENAI_API_KEY="made-up-key-000")

    theirs, ours, (revocation,) = both(namespace, client, in_file(hidden, FORCED_CHATGPT))

    assert [] == theirs
    assert [URL] == [url for url, _, _ in ours]
    assert "OPENAI_API_KEY stays valid" in revocation["detail"]


def test_every_store_that_is_emptied_is_revoked_here_and_one_by_the_client(namespace, client):
    other = with_tokens(refresh_token="made-up-2")
    case = host("keyring", chatgpt(), file=other, rule=FORCED_API)

    theirs, ours, _ = both(namespace, client, case)

    tokens = [[json.loads(body)["token"] for _, _, body in posts] for posts in (theirs, ours)]
    assert [["made-up"], ["made-up", "made-up-2"]] == [sorted(token) for token in tokens]


OVERRIDES = {
    "CODEX_REVOKE_TOKEN_URL_OVERRIDE": ("https://api.openai.com/x", ["https://api.openai.com/x"]),
    "CODEX_REFRESH_TOKEN_URL_OVERRIDE": (
        "https://api.openai.com/x",
        ["https://api.openai.com/oauth/revoke"],
    ),
    "CODEX_APP_SERVER_LOGIN_CLIENT_ID": ("app_other", [URL]),
}
SINCE = {"CODEX_APP_SERVER_LOGIN_CLIENT_ID": (0, 146, 0)}
"""The first version that was seen to heed it."""


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_variable_that_moves_the_client_moves_nothing_here(name, namespace, client, unfit):
    if version_number(VERSION) < SINCE.get(name, (0, 0, 0)):
        unfit(f"revocation: {name}", "it knows no such variable")
    value, urls = OVERRIDES[name]
    plain, expected, _ = both(namespace, client, in_file(chatgpt()))

    theirs, ours, (revocation,) = both(namespace, client, in_file(chatgpt(), **{name: value}))

    assert urls == [url for url, _, _ in theirs]
    assert theirs != plain
    assert expected == ours
    assert [name] == revocation["ignored"]


def test_an_empty_override_stops_the_client_alone(namespace, client):
    case = in_file(chatgpt(), CODEX_REVOKE_TOKEN_URL_OVERRIDE="")

    theirs, ours, (revocation,) = both(namespace, client, case)

    assert [] == theirs
    assert [URL] == [url for url, _, _ in ours]
    assert ["CODEX_REVOKE_TOKEN_URL_OVERRIDE"] == revocation["ignored"]


def test_a_forced_log_out_is_revoked_here_and_not_by_the_client(namespace, client):
    case = in_file(chatgpt())

    theirs = namespace.run([client, "exec", "--skip-git-repo-check", "hi"], case)
    ours = namespace.run(ENFORCE, case)

    assert 1 == theirs["code"]
    assert 10 == ours["code"]
    assert not {"auth.json"} & {*theirs["left"], *ours["left"]}
    assert [[], [URL]] == [
        [url for url, _, _ in outcome["posted"] if "revoke" in url] for outcome in (theirs, ours)
    ]
