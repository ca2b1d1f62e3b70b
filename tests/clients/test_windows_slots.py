"""The Credential Manager as a store: it keeps to the contract of every slot of every client."""

import json
from types import SimpleNamespace

import pytest

from support.clients.slot_contract import SECRET, StoreSlotContract
from support.machines.fake_windows import windows  # noqa: F401 - a fixture
from tipstaff_policy.clients.codex.credentials import keyring
from tipstaff_policy.clients.codex.credentials.slots import KEYRING
from tipstaff_policy.clients.interface.slots import Folder
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HeldCredential, NoCredential, UnreadableCredential
from tipstaff_policy.system.secret_service import Entry, KeyringError
from tipstaff_policy.system.windows import credential_manager

LOGIN = json.dumps({"OPENAI_API_KEY": SECRET})
OTHER = ("git:https://example.com", 1)
GENERIC = 1
HOME = "\\\\?\\C:\\Users\\ada\\.codex"
"""As Rust makes a path canonical on Windows."""
TARGET = "cli|14c6be8a3ffbd0c7.Codex Auth"


@pytest.fixture(autouse=True)
def on_windows(windows, monkeypatch):  # noqa: F811
    """Let the client's adapter take this machine for a Windows."""
    monkeypatch.setattr(keyring, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(keyring, "_canonical", lambda _home: HOME)
    windows.credentials[OTHER] = (b"other", "", "ada")
    return windows


def entry():
    return keyring.login_entry("/anything")


class TestKeyringOfWindows(StoreSlotContract):
    @pytest.fixture(autouse=True)
    def kept(self, on_windows):
        self.windows = on_windows

    def make(self):
        return KEYRING

    def fill(self, home):
        del home
        credential_manager.write_entry(entry(), LOGIN, comment="")

    def others(self, home):
        return self.windows.credentials[OTHER], sorted(path.name for path in home.iterdir())

    @pytest.fixture
    def folder(self, home):
        request = Request({}, "/", 0, client_home=str(home), platform="windows")
        return Folder(request, str(home), -1)

    def test_every_credential_that_was_read_is_given_back(self, slot, folder):
        slot.read_back(folder)

        assert 1 == self.windows.freed


def content(**options):
    request = Request({}, "/", 0, platform="windows").read_with(**options)
    return keyring.read_keyring_credential(request, "/home/ada/.codex", ()).credential.content


def test_the_client_finds_it_by_the_name_that_its_library_makes(on_windows):
    keyring.write_login(Request({}, "/", 0, platform="windows"), "/any", LOGIN)

    digest = keyring.sha256(HOME.encode()).hexdigest()[:16]
    name = f"cli|{digest}.Codex Auth"
    blob, comment, user = on_windows.credentials[name, GENERIC]
    assert LOGIN.encode("utf-16-le") == blob
    assert f"cli|{digest}@Codex Auth:{name} (keyring v3.6.3)" == comment
    assert f"cli|{digest}" == user


def test_a_login_is_judged_as_one_from_any_other_store(on_windows):
    credential_manager.write_entry(entry(), LOGIN, comment="")

    found = content()

    assert isinstance(found, HeldCredential)
    assert "apikey" == found.kind


def test_not_found_is_no_login(on_windows):
    assert isinstance(content(), NoCredential)


REFUSALS = {
    "access is denied": (5, "cannot be read: access is denied"),
    "no session": (1312, "cannot be read: no session"),
    "another error": (87, "fails: error 87 of Windows"),
}


@pytest.mark.parametrize(("code", "words"), REFUSALS.values(), ids=REFUSALS)
def test_an_error_is_never_no_login(code, words, on_windows):
    on_windows.refuses = code

    found = content()

    assert isinstance(found, UnreadableCredential)
    assert (words, True) == (found.reason, found.unseen)


@pytest.mark.parametrize("code", [5, 1312, 87])
def test_a_removal_that_windows_refuses_is_no_removal(code, on_windows):
    credential_manager.write_entry(entry(), LOGIN, comment="")
    on_windows.refuses = code

    with pytest.raises(KeyringError):
        credential_manager.remove_entry(entry())


def test_what_the_library_cannot_decode_is_unreadable_and_there(on_windows):
    name = credential_manager.target_of(entry())
    on_windows.credentials[name, GENERIC] = (b"odd", "", "")

    found = content()

    assert isinstance(found, UnreadableCredential)
    assert (True, "refuse") == (found.present, found.effect)


def test_a_credential_of_another_type_is_not_the_clients(on_windows):
    name = credential_manager.target_of(entry())
    on_windows.credentials[name, 2] = (LOGIN.encode("utf-16-le"), "", "")

    assert isinstance(content(), NoCredential)


def test_a_login_that_is_too_long_for_windows_is_refused_before_it_is_written(on_windows):
    with pytest.raises(KeyringError, match="at most 1280 characters"):
        credential_manager.write_entry(entry(), "x" * 1281, comment="")

    assert [OTHER] == list(on_windows.credentials)


def test_credentials_are_listed_by_name_alone(on_windows):
    credential_manager.write_entry(Entry("Codex Auth", "cli|a"), LOGIN, comment="")
    credential_manager.write_entry(Entry("Codex Auth", "cli|b"), LOGIN, comment="")

    assert ("cli|a.Codex Auth", "cli|b.Codex Auth") == credential_manager.list_targets("cli|")


def test_none_of_a_name_is_an_empty_list(on_windows):
    assert () == credential_manager.list_targets("cli|")


def test_no_error_holds_a_secret(on_windows):
    credential_manager.write_entry(entry(), LOGIN, comment="")
    on_windows.refuses = 5

    with pytest.raises(KeyringError) as caught:
        credential_manager.read_entry(entry())

    assert SECRET not in f"{caught.value} {caught.value!r}"
