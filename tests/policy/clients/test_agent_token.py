"""The identity of an agent as a token: what is believed of it, and by whose keys."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.services.signing import issuer, jwks
from tipstaff_policy.clients.codex.credentials.agent_token import (
    AUDIENCE,
    ISSUER,
    LEEWAY_S,
    UnverifiedError,
    account_of_token,
)
from tipstaff_policy.model.secret import Secret

NOW = 1_800_000_000
AGENTS = issuer("agents")
KEYS = jwks(AGENTS.jwk()).encode()


def signed(by=AGENTS, kid="agents", **changed):
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 60, "account_id": "ws-a", **changed}
    return by.sign({name: claim for name, claim in claims.items() if claim is not None}, kid=kid)


def account(token, keys=KEYS):
    return account_of_token(Secret(token), keys, NOW)


def test_a_token_that_the_keys_verify_names_its_workspace():
    assert "ws-a" == account(signed())


def test_the_client_takes_a_token_a_minute_longer_than_it_lasts():
    assert "ws-a" == account(signed(exp=NOW - LEEWAY_S))


UNUSABLE = {
    "signed by another key": signed(issuer("others")),
    "signed by a key that is not published": signed(issuer("others"), kid="others"),
    "names no key": signed(kid=None),
    "by another algorithm": signed(issuer("agents", "RS384")),
    "expired": signed(exp=NOW - LEEWAY_S - 1),
    "without an end": signed(exp=None),
    "of another issuer": signed(iss="https://example.com"),
    "for another audience": signed(aud="made-up"),
    "of no workspace": signed(account_id=None),
    "of an empty workspace": signed(account_id=""),
    "one part": "made-up",
    "no JSON": "a.b.c",
    "not signed": AGENTS.sign({"account_id": "ws-a"}).rpartition(".")[0] + ".",
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_the_client_would_not_use_names_none(name):
    with pytest.raises(UnverifiedError):
        account(UNUSABLE[name])


def test_of_two_keys_of_one_name_the_first_counts():
    keys = jwks(issuer("others").jwk(kid="agents"), AGENTS.jwk()).encode()

    with pytest.raises(UnverifiedError):
        account(signed(), keys)


def test_a_key_in_the_token_itself_verifies_nothing():
    other = issuer("others")
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 60, "account_id": "ws-a"}
    token = other.sign(claims, kid="agents", jwk=json.loads(other.jwk()))

    with pytest.raises(UnverifiedError):
        account(token)


@pytest.mark.parametrize("keys", [b"", b"[]", b"{}", b'{"keys": {}}', b"\xff"])
def test_keys_that_are_none_are_no_keys(keys):
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kind
        account(signed(), keys)


@given(st.text())
def test_any_text_is_no_token(text):
    with pytest.raises(UnverifiedError):
        account(text)


@given(st.text(min_size=1))
def test_no_error_holds_a_part_of_the_token(secret):
    token = signed(issuer("others"), account_id=f"canary{secret}")

    with pytest.raises(UnverifiedError) as found:
        account(token)

    assert not any(part in str(found.value) for part in token.split("."))
