"""Codex' login in a Mac's keychain as a reading sees it, by a fake of `/usr/bin/security`."""

import pytest

from support.machines.fake_mac import FakeKeychain
from tipstaff_policy.clients.codex.credentials import keyring
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HeldCredential, NoCredential, UnreadableCredential

LOGIN = '{"OPENAI_API_KEY": "made up"}'


@pytest.fixture
def fake(tmp_path, monkeypatch):
    monkeypatch.setattr(keyring, "this_platform", lambda: "macos")
    return FakeKeychain(tmp_path / "keychain", monkeypatch)


@pytest.fixture
def content(tmp_path):
    def read(**options):
        request = Request({}, "/", 0, platform="macos").read_with(**options)
        return keyring.read_keyring_credential(request, str(tmp_path), ()).credential.content

    return read


@pytest.fixture
def filled(fake, tmp_path):
    fake.add(*keyring.login_entry(str(tmp_path)), LOGIN)
    return fake


def test_a_login_is_judged_once_the_person_allows_it(filled, content):
    assert isinstance(content(), HeldCredential)


def test_a_login_that_the_person_keeps_closed_is_there_and_unread(filled, content):
    filled.state("open", window="dismissed")

    found = content()

    assert isinstance(found, UnreadableCredential)
    assert (True, False) == (found.present, found.unseen)


def test_a_watch_asks_nobody(filled, content):
    found = content(unasked=True, unlocks=False)

    assert (True, "unknown") == (found.present, found.effect)
    assert not any("-w" in call.split() for call in filled.calls())


def test_no_login_is_none(fake, content):
    assert NoCredential() == content()


def test_a_daemon_that_sees_no_entry_says_so(fake, content, tmp_path):
    fake.session("System")
    (tmp_path / "login.keychain-db").touch()
    fake.lists(tmp_path / "login.keychain-db")

    assert NoCredential() == content(unasked=True)


def test_a_daemon_that_cannot_list_the_keychains_says_nothing(fake, content):
    fake.session("System")

    found = content(unasked=True)

    assert (False, True) == (found.present, found.unseen)


def test_an_image_of_a_mac_hides_it(fake, tmp_path):
    request = Request({}, "/", 0, platform="macos", system_root=str(tmp_path))

    found = keyring.read_keyring_credential(request, str(tmp_path), ()).credential.content

    assert "image" in found.reason


def test_a_login_is_not_moved_into_it(fake, tmp_path):
    request = Request({}, "/", 0, platform="macos")

    with pytest.raises(EvaluationError, match="from the client alone"):
        keyring.write_login(request, str(tmp_path), LOGIN)

    assert [] == fake.entries()
