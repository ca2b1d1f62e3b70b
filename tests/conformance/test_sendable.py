"""A login with a character that no header carries: the client starts with it, and sends nothing."""

import json

import pytest

from conformance.client import Case
from support.clients.logins import claims, document, token
from tipstaff_policy.clients.codex.compliance.reasons import UNSENT, holds
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.model.state import Credential


def key(text):
    return json.dumps({"auth_mode": "apikey", "OPENAI_API_KEY": text})


def login(access):
    return document(token(claims("ws-a")), access, account_id="ws-a")


LOGINS = {
    "a key": key("made-up-key-000"),
    "a key with a line end": key("made-up-key-000\n"),
    "a key with a control character inside": key("made\x01up"),
    "a key with a tab inside": key("made\tup"),
    "a key with a space at its end": key("made-up-key-000 "),
    "a key that is no ASCII": key("mad\u20ac"),
    "a token": login("made-up-token"),
    "a token with a line end": login("made-up-token\n"),
}


@pytest.mark.parametrize("name", LOGINS)
def test_what_is_said_not_to_be_sent_is_not(name, namespace, client):
    case = Case(home={"auth.json": LOGINS[name]})
    words = [client, "exec", "--skip-git-repo-check", "hi"]

    found = namespace.run(words, case, until_banner=True, patient=True)

    content = parse_auth_document(LOGINS[name].encode()).content
    said = UNSENT not in holds(Credential("file", "/x", content), content)
    assert found["started"] is True
    assert any(found["sent"]) == said
