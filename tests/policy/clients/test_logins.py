"""Whose login a document is, without a word of it."""

import json
import pickle

import pytest

from support.clients.logins import API_KEY, BEDROCK, FAR_FUTURE, chatgpt, with_fields
from tipstaff_policy.clients.codex.logins.login_identity import (
    is_login,
    know_login,
    relation,
    supersedes,
)
from tipstaff_policy.clients.interface.stores import Document

OLDER = chatgpt("ws-a")
LATER = chatgpt("ws-a", exp=FAR_FUTURE + 1).replace("made-up", "made-up-anew")
NEWER = LATER.replace("11-24T", "11-25T")
PLAIN = chatgpt("ws-a", access=None)
NOBODY = chatgpt("ws-a", access=None, user=None)
PERSONAL = json.dumps({"personal_access_token": "at-made-up-0001"})
PAIRS = {
    "the same text": (API_KEY, API_KEY, "same login", False),
    "the same key, written otherwise": (API_KEY, json.dumps(json.loads(API_KEY), indent=2), "same login", False),
    "another key": (API_KEY, API_KEY.replace("000", "001"), "another login", None),
    "before a refresh": (OLDER, NEWER, "same account, older token", False),
    "after a refresh": (NEWER, OLDER, "same account, newer token", True),
    "by the end of its token": (LATER, OLDER, "same account, newer token", True),
    "nothing tells the newer": (PLAIN, PLAIN.replace("made-up", "x").replace("opaque", "y"), "same account, another token", None),
    "another workspace": (OLDER, chatgpt("ws-b").replace("made-up", "x"), "another login", None),
    "another user": (OLDER, chatgpt("ws-a", user="user-2").replace("made-up", "x"), "another login", None),
    "nobody named": (NOBODY, NOBODY.replace("made-up", "x").replace("opaque", "y"), "another login", None),
    "the same refresh token": (OLDER, chatgpt("ws-b"), "same login", None),
    "garbage": ("{", OLDER, "another login", None),
    "a personal token": (PERSONAL, with_fields(PERSONAL, other=1), "same login", False),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_how_two_logins_stand_to_each_other(name):
    one, other, word, newer = PAIRS[name]

    assert word == relation(Document(one), Document(other))
    assert newer == supersedes(Document(one), Document(other))


LOGINS = {API_KEY, OLDER, PERSONAL, BEDROCK}
NONE = {"{}", '{"tokens": null}', "{", '{"http-basic": {}}'}


@pytest.mark.parametrize("text", sorted(LOGINS | NONE))
def test_what_nobody_could_sign_in_by_is_no_login(text):
    assert (text in LOGINS) == is_login(Document(text))


def test_short_secrets_are_not_looked_for():
    login = know_login(Document('{"OPENAI_API_KEY": "short"}'))

    assert () == login.secrets


def test_a_login_shows_itself_nowhere():
    login = know_login(Document(API_KEY))

    assert "made-up" not in repr(login)
    with pytest.raises(TypeError):
        pickle.dumps(login.document)
