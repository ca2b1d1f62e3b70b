"""Logins are recognised by their shape in other programs' files, and others' logins are left alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients.logins import API_KEY, AUTH, base64url, chatgpt, claims, token
from tipstaff_policy.clients.codex.logins.copied_documents import find_kept
from tipstaff_policy.clients.codex.logins.login_identity import is_login

ACCESS = token(claims("ws-a"))
FOREIGN = token({"email": "a@example.com", "sub": "1"})
REFRESH = "made-up-refresh-token-1"
RECORD = {"refreshToken": REFRESH, "accessToken": ACCESS, "accountId": "ws-a"}
OPENCODE = {"type": "oauth", "refresh": REFRESH, "access": ACCESS, "expires": 1}
OF_ANOTHER = {**OPENCODE, "access": "made-up-and-opaque"}

FOUND = {
    "accounts of a switcher": ({"accounts": [RECORD]}, False),
    "a refresh token alone, in a place of ours": ({"accounts": [{"refreshToken": REFRESH}]}, True),
    "another editor": ({"openai": OPENCODE}, False),
    "another editor, opaque tokens": ({"openai": OF_ANOTHER}, False),
    "another editor, a key": ({"openai": {"type": "api", "key": "sk-made-up-0001"}}, False),
    "the document as text in JSON": ({"data": chatgpt("ws-a")}, False),
    "snake case": ({"tokens_of_x": {"refresh_token": REFRESH, "access_token": ACCESS}}, False),
}
NOT_FOUND = {
    "another program's tokens": (
        {"accounts": [{"refreshToken": REFRESH, "accessToken": FOREIGN}]},
        False,
    ),
    "another provider": ({"anthropic": OF_ANOTHER}, False),
    "another provider's key": ({"anthropic": {"type": "api", "key": "sk-made-up-0001"}}, False),
    "a word": ({"openai": {"refresh": "daily"}}, True),
    "nothing": ({}, True),
}


def kept(value, *, ours=False):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return list(find_kept(data, ours=ours))


@pytest.mark.parametrize(("value", "ours"), FOUND.values(), ids=FOUND)
def test_a_login_is_found(value, ours):
    assert 1 == len(kept(value, ours=ours))


@pytest.mark.parametrize(("value", "ours"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_login_of_this_client_is_left_alone(value, ours):
    assert [] == kept(value, ours=ours)


@pytest.mark.parametrize("value", [RECORD, OPENCODE])
def test_tokens_that_name_their_owner_become_a_login_of_the_client(value):
    (found,) = kept(value)

    assert found.is_whole is True
    assert is_login(found.document) is True


TEXTS = {
    "a line of settings": f"CODEX_AUTH='{API_KEY}'\nX=1\n",
    "with escapes": f'{{"a": 1, // a comment\n"b": "{json.dumps(API_KEY)[1:-1]}"}}',
    "two of them": f"a={API_KEY}\nb={chatgpt('ws-a')}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_login_in_the_middle_of_another_text_is_found(name):
    expected = 2 if name == "two of them" else 1

    assert expected == len(kept(TEXTS[name].encode()))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["tokens", "refresh", "access", "key", "openai", AUTH]) | st.text(),
            inner,
        )
    ),
)


@given(JSON, st.booleans())
def test_any_document_is_read(value, ours):
    assert all(login.document.reveal() for login in kept(value, ours=ours))


@given(st.binary(), st.booleans())
def test_any_bytes_are_read(data, ours):
    assert all(login.document.reveal() for login in kept(data, ours=ours))


def test_nothing_of_a_login_shows_itself():
    (found,) = kept({"openai": OPENCODE})

    assert REFRESH not in repr(found)
    assert base64url({"alg": "none"}) not in repr(found)
