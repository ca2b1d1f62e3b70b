"""The slots of each client and each kind keep to the one contract."""

import os
import stat
from pathlib import Path

import pytest

from support.clients.slot_contract import SECRET, FileOfASlotContract, StoreSlotContract, error_of
from support.machines.fake_mac import FakeKeychain
from support.services.keyrings import item, keyring
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials import keyring as mac_keyring
from tipstaff_policy.clients.interface.slots import Folder, file_slot, member_slot, slot_of
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.parsing.json_members import without_member

__all__ = ["keyring"]
CODEX = load_client("codex")
SETTINGS = f"""{{
  // what the person has set
  "theme": "dark",   "numbers": [1, 2e0,],
  "auth": {{"account": "dev", "token": "{SECRET}"}},
  "last": "\\u00e9"
}}
"""
WITHOUT = """{
  // what the person has set
  "theme": "dark",   "numbers": [1, 2e0,],
  "auth": {"account": "dev"},
  "last": "\\u00e9"
}
"""


class TestFileSlot(FileOfASlotContract):
    def make(self):
        return file_slot("file", "credentials.json")

    def fill(self, home):
        self.document(home).write_text(SECRET)

    def document(self, home):
        return home / "credentials.json"

    def others(self, home):
        return {path.name: path.read_bytes() for path in home.iterdir() if path.name == "history"}


class TestMemberSlot(FileOfASlotContract):
    def make(self):
        return member_slot("settings", "settings.json", token_taken_out)

    def fill(self, home):
        self.document(home).write_text(SETTINGS)
        self.document(home).chmod(0o640)

    def document(self, home):
        return home / "settings.json"

    def others(self, home):
        text = self.document(home).read_text().replace(f', "token": "{SECRET}"', "")
        mode = stat.S_IMODE(self.document(home).stat().st_mode)
        return text, mode, (home / "history").read_bytes()

    def test_every_other_byte_of_the_document_stays(self, slot, folder, home):
        slot.erase(folder)

        assert WITHOUT == self.document(home).read_text()

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
    def test_the_owner_of_the_document_stays(self, slot, folder, home):
        os.chown(self.document(home), 12345, 23456)

        slot.erase(folder)

        facts = self.document(home).stat()
        assert 12345 == facts.st_uid
        assert 23456 == facts.st_gid

    def test_what_a_link_leads_to_is_not_rewritten(self, slot, folder, home):
        other = home.parent / "dotfiles.json"
        self.document(home).rename(other)
        self.document(home).symlink_to(other)

        with pytest.raises(OSError, match="is a link"):
            slot.erase(folder)

        assert SETTINGS == other.read_text()
        assert self.document(home).is_symlink()

    @pytest.mark.parametrize("text", [f'{{"auth": {{"token": "{SECRET}" ', f"{SECRET}", "[" * 999])
    def test_what_cannot_be_read_stays_and_no_error_quotes_it(self, text, slot, folder, home):
        self.document(home).write_text(text)

        message = error_of(slot, folder)

        assert "nothing was taken out" in message
        assert SECRET not in message
        assert text == self.document(home).read_text()

    def test_what_another_process_writes_meanwhile_is_not_lost(self, home, folder):
        def and_be_late(data):
            self.document(home).write_text("{}")
            return token_taken_out(data)

        self.fill(home)
        slot = member_slot("settings", "settings.json", and_be_late)

        with pytest.raises(OSError, match="was changed by another process"):
            slot.erase(folder)

        assert "{}" == self.document(home).read_text()


class TestCodexFile(FileOfASlotContract):
    def make(self):
        return slot_of(CODEX.slots, "file")

    def fill(self, home):
        self.document(home).write_text(f'{{"OPENAI_API_KEY": "{SECRET}"}}')

    def document(self, home):
        return home / "auth.json"

    def others(self, home):
        return (home / "history").read_bytes()


class TestCodexEncryptedFile(TestCodexFile):
    def make(self):
        return slot_of(CODEX.slots, "encrypted")

    def document(self, home):
        return Path(home / CODEX.files["encrypted"])

    def fill(self, home):
        self.document(home).parent.mkdir(exist_ok=True)
        self.document(home).write_bytes(b"age-encryption.org/v1\n")


class TestCodexKeyring(StoreSlotContract):
    @pytest.fixture(autouse=True)
    def _keyring(self, keyring):
        self.keyring = keyring

    def env(self):
        return self.keyring.address

    def make(self):
        return slot_of(CODEX.slots, "keyring")

    def fill(self, home):
        document = f'{{"OPENAI_API_KEY": "{SECRET}"}}'
        other = item(home.parent / "other", document)
        self.keyring.lay_out({"items": [item(home, document), other]})

    def others(self, home):
        mine = item(home, "")[0]["username"]
        left = [entry for entry in self.keyring.left() if mine not in str(entry)]
        return left, (home / "history").read_bytes()


def token_taken_out(data):
    return without_member(data, ("auth", "token"))


def test_a_slot_that_is_quarantined_is_erased_under_its_second_name(tmp_path):
    (tmp_path / "auth.json").write_text("newer")
    (tmp_path / "auth.json.tipstaff-aside").write_text("older")
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    request = Request({}, "/", 0, client_home=str(tmp_path), options=ReadOptions(aside=True))

    slot_of(CODEX.slots, "file").erase(Folder(request, str(tmp_path), descriptor))

    os.close(descriptor)
    assert ["auth.json"] == [path.name for path in tmp_path.iterdir()]


def test_a_store_that_a_client_does_not_have_is_no_slot():
    with pytest.raises(ValueError, match="nowhere"):
        slot_of(CODEX.slots, "nowhere")


class TestEntryOfAMacsKeychain(StoreSlotContract):
    """Codex' login in the keychain of a Mac; a fake stands for `/usr/bin/security`."""

    @pytest.fixture(autouse=True)
    def mac(self, tmp_path, monkeypatch):
        monkeypatch.setattr(mac_keyring, "this_platform", lambda: "macos")
        self.keychain = FakeKeychain(tmp_path / "keychain", monkeypatch)
        self.keychain.add("Codex Auth", "cli|of another folder", SECRET)

    @pytest.fixture
    def folder(self, home):
        request = Request(self.env(), "/", 0, client_home=str(home), platform="macos")
        return Folder(request, str(home), -1)

    def make(self):
        return slot_of(CODEX.slots, "keyring")

    def fill(self, home):
        self.keychain.add(*mac_keyring.login_entry(str(home)), SECRET)

    def others(self, home):
        others = [entry for entry in self.keychain.entries() if entry.endswith("another folder")]
        return others, (home / "history").read_bytes()

    def test_a_locked_keychain_is_no_empty_one(self, slot, folder):
        self.keychain.state("locked")

        with pytest.raises(EvaluationError):
            slot.erase(folder)

        assert slot.read_back(folder) is True

    @pytest.mark.parametrize("act", ["erase", "read_back"])
    def test_without_a_session_nothing_is_said_of_it(self, act, slot, folder):
        self.keychain.session("System")
        asked = folder._replace(request=folder.request.read_with(unasked=True))

        with pytest.raises(EvaluationError, match="no session"):
            getattr(slot, act)(asked)
