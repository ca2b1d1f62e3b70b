"""The logins in a Mac's keychain, by a fake of `/usr/bin/security`."""

import json

import pytest

from support.clients.claude_logins import LOGIN, request_of
from support.clients.slot_contract import SECRET
from support.machines.fake_mac import FakeKeychain
from tipstaff_policy.clients.claude.credentials import keychain as entries
from tipstaff_policy.clients.claude.credentials.reading import read_credentials
from tipstaff_policy.clients.claude.logins.stores import every_store
from tipstaff_policy.model.state import HeldCredential, NoCredential, UnreadableCredential

DOCUMENT, KEY = entries.SERVICES


@pytest.fixture
def fake(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "this_platform", lambda: "macos")
    return FakeKeychain(tmp_path / "keychain", monkeypatch)


def found(tmp_path, **options):
    request = request_of(tmp_path / "dev", USER="dev")._replace(platform="macos")
    credentials = read_credentials(request.read_with(**options), {})
    return [credential for credential in credentials if credential.source == "keychain"]


def add(fake, service, secret, account="dev"):
    fake.add(service, account, secret, made_by_security=True)


def test_an_empty_keychain_is_one_place_without_a_login(fake, tmp_path):
    assert [NoCredential()] == [assignment.content for assignment in found(tmp_path)]


def test_the_document_counts_as_that_of_the_file(fake, tmp_path):
    add(fake, DOCUMENT, json.dumps(LOGIN))

    (login,) = found(tmp_path)

    assert ("claude.ai", "claudeai") == (login.content.kind, login.content.method)


def test_both_kinds_of_a_login_are_judged(fake, tmp_path):
    add(fake, DOCUMENT, json.dumps(LOGIN))
    add(fake, KEY, SECRET)

    assert ["claudeai", "console"] == [assignment.content.method for assignment in found(tmp_path)]


def test_a_document_in_hexadecimal_is_read(fake, tmp_path):
    document = json.dumps(LOGIN)
    add(fake, DOCUMENT, document.replace("{", '{"\u00e9": 1, ', 1).encode().hex())

    (login,) = found(tmp_path)

    assert isinstance(login.content, HeldCredential)


def test_the_account_that_a_variable_names_is_read_beside_that_of_the_home(fake, tmp_path):
    add(fake, KEY, SECRET)
    request = request_of(tmp_path / "dev", USER="eve")._replace(platform="macos")

    contents = [
        credential.content
        for credential in read_credentials(request, {})
        if credential.source == "keychain"
    ]

    assert ["console"] == [content.method for content in contents]


@pytest.mark.parametrize("state", ["locked", "dismissed", "51"])
def test_a_locked_keychain_is_unreadable(state, fake, tmp_path):
    add(fake, KEY, SECRET)
    fake.state(state)

    (login,) = found(tmp_path)

    assert isinstance(login.content, UnreadableCredential)
    assert login.content.present is True


def test_a_watch_reads_it_while_it_is_open(fake, tmp_path):
    add(fake, KEY, SECRET)

    (login,) = found(tmp_path, unasked=True, unlocks=False)

    assert "console" == login.content.method


def test_a_watch_does_not_ask_anyone_to_open_it(fake, tmp_path):
    add(fake, KEY, SECRET)
    fake.opens(unlocked=False)

    (login,) = found(tmp_path, unasked=True, unlocks=False)

    assert isinstance(login.content, UnreadableCredential)
    assert not any("-w" in call.split() for call in fake.calls())


def test_a_daemon_says_nothing_of_it(fake, tmp_path):
    add(fake, KEY, SECRET)
    fake.session("System")

    reasons = {assignment.content.reason for assignment in found(tmp_path, unasked=True)}

    assert {"cannot be read: no session"} == reasons


def test_a_daemon_says_that_there_is_none_where_each_keychain_was_asked(fake, tmp_path):
    fake.session("System")
    (tmp_path / "login.keychain-db").touch()
    fake.lists(tmp_path / "login.keychain-db")

    assert [NoCredential()] == [assignment.content for assignment in found(tmp_path, unasked=True)]


def test_the_list_of_stores_shows_what_it_holds(fake, tmp_path):
    add(fake, DOCUMENT, json.dumps(LOGIN))
    request = request_of(tmp_path / "dev", USER="dev")._replace(platform="macos")

    (place,) = (
        credential for credential in every_store(request).places if credential.store == "keychain"
    )

    assert place.holds is True


def test_no_secret_is_in_a_credential(fake, tmp_path):
    add(fake, KEY, SECRET)

    assert SECRET not in repr(found(tmp_path))
