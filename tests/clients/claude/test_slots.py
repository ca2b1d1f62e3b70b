"""The slots of Claude Code keep to the contract of slots, and to what the client's documents need."""

import json
import os
import stat

import pytest

from support.clients.claude_logins import (
    BACKUP,
    DEVICE,
    DOCUMENT,
    GLOBAL,
    GLOBAL_LEFT,
    OAUTH,
    PLUGINS,
    PROFILE,
    TOKENS,
    write,
)
from support.clients.slot_contract import SECRET, FileOfASlotContract, StoreSlotContract, error_of
from support.machines.fake_mac import FakeKeychain
from tipstaff_policy.clients.claude import slots
from tipstaff_policy.clients.claude.credentials import keychain as keychain_entries
from tipstaff_policy.clients.interface.slots import Folder
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request


class ClaudeSlot(FileOfASlotContract):
    """A slot of a home as it is by default: `~/.claude`, and the global file above it."""

    @pytest.fixture
    def home(self, tmp_path):
        made = tmp_path / "home/.claude"
        made.mkdir(parents=True)
        (made / "history").write_text("kept\n")
        return made

    @pytest.fixture
    def folder(self, home):
        descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        request = Request({"HOME": str(home.parent), **self.env()}, "/", 0)
        yield Folder(request, str(home), descriptor)
        os.close(descriptor)

    def others(self, home):
        document = self.document(home)
        rest = self.rest(document.read_bytes()) if document.exists() else None
        return rest, (home / "history").read_bytes()

    def rest(self, data):
        raise NotImplementedError


class TestDocument(ClaudeSlot):
    def make(self):
        return slots.DOCUMENT_SLOT

    def document(self, home):
        return home / ".credentials.json"

    def fill(self, home):
        write(self.document(home), DOCUMENT, 0o640)

    def rest(self, data):
        document = json.loads(data)
        return {name: document[name] for name in ("coworkRemoteDevice", "pluginSecrets")}

    def test_only_what_is_no_login_stays(self, slot, folder, home):
        slot.erase(folder)

        assert DEVICE | PLUGINS == json.loads(self.document(home).read_text())

    def test_the_mode_of_the_document_stays(self, slot, folder, home):
        slot.erase(folder)

        assert 0o640 == stat.S_IMODE(self.document(home).stat().st_mode)

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
    def test_the_owner_of_the_document_stays(self, slot, folder, home):
        os.chown(self.document(home), 12345, 23456)

        slot.erase(folder)

        facts = self.document(home).stat()
        assert (12345, 23456) == (facts.st_uid, facts.st_gid)

    def test_a_link_is_removed_and_its_target_stays_as_it_is(self, slot, folder, home):
        target = home.parent / "dotfiles.json"
        self.document(home).rename(target)
        self.document(home).symlink_to(target)

        slot.erase(folder)

        assert (False, DOCUMENT) == (
            os.path.lexists(self.document(home)),
            json.loads(target.read_text()),
        )

    def test_what_is_no_utf_8_inside_of_a_text_stays_byte_for_byte(self, slot, folder, home):
        data = b'{"odd": "\xff\xe9", "claudeAiOauth": {"accessToken": "x"}}'
        write(self.document(home), data)

        slot.erase(folder)

        assert b'{"odd": "\xff\xe9"}' == self.document(home).read_bytes()

    def test_a_member_that_stands_twice_is_cut_out_twice(self, slot, folder, home):
        write(self.document(home), '{"claudeAiOauth": 1, "a": 2, "claudeAiOauth": {"x": 3}}')

        slot.erase(folder)

        assert {"a": 2} == json.loads(self.document(home).read_text())

    @pytest.mark.parametrize("text", [f'{{"claudeAiOauth": {{"accessToken": "{SECRET}', "[1]x"])
    def test_a_broken_document_stays_where_a_rule_wants_it_empty(self, text, slot, folder, home):
        write(self.document(home), text)

        message = error_of(slot, folder)

        assert (True, False) == ("nothing was taken out" in message, SECRET in message)

    def test_a_broken_document_is_removed_where_the_person_asks(self, slot, folder, home):
        write(self.document(home), f'{{"claudeAiOauth": "{SECRET}')

        slot.erase(folder._replace(on_request=True))

        assert not self.document(home).exists()


class TestDocumentOfAnotherFolder(ClaudeSlot):
    def env(self):
        return {"CLAUDE_SECURESTORAGE_CONFIG_DIR": self.elsewhere}

    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path):
        self.elsewhere = str(tmp_path / "secure")

    def make(self):
        return slots.DOCUMENT_SLOT

    def document(self, home):
        return home.parent.parent / "secure/.credentials.json"

    def fill(self, home):
        write(self.document(home), DOCUMENT)

    def rest(self, data):
        document = json.loads(data)
        return {name: document[name] for name in ("coworkRemoteDevice", "pluginSecrets")}


class GlobalSlot(ClaudeSlot):
    def fill(self, home):
        write(self.document(home), GLOBAL, 0o600)

    def rest(self, data):
        document = json.loads(data)
        return {name: document[name] for name in GLOBAL_LEFT}

    def test_key_and_account_are_gone_and_all_else_stays(self, slot, folder, home):
        slot.erase(folder)

        assert GLOBAL_LEFT == json.loads(self.document(home).read_text())

    def test_a_byte_order_mark_stays(self, slot, folder, home):
        write(self.document(home), b"\xef\xbb\xbf" + json.dumps(GLOBAL).encode())

        slot.erase(folder)

        assert self.document(home).read_bytes().startswith(b"\xef\xbb\xbf{")

    def test_a_broken_one_loses_the_key_and_nothing_else(self, slot, folder, home):
        write(self.document(home), f'{{"a": 1, "primaryApiKey": "sk-{SECRET}", "b": [')

        slot.erase(folder)

        assert '{"a": 1, "primaryApiKey": "", "b": [' == self.document(home).read_text()

    def test_one_that_ends_in_the_middle_of_the_key_loses_what_there_is(self, slot, folder, home):
        write(self.document(home), f'{{"a": 1, "primaryApiKey": "sk-{SECRET}')

        slot.erase(folder)

        assert '{"a": 1, "primaryApiKey": ""' == self.document(home).read_text()

    def test_what_a_link_leads_to_is_not_rewritten(self, slot, folder, home):
        target = home.parent / "dotfiles.json"
        self.document(home).rename(target)
        self.document(home).symlink_to(target)

        with pytest.raises(OSError, match="is a link"):
            slot.erase(folder)

        assert GLOBAL == json.loads(target.read_text())


class TestGlobalFile(GlobalSlot):
    def make(self):
        return slots.MAIN_SLOT

    def document(self, home):
        return home.parent / ".claude.json"


class TestGlobalFileInANamedFolder(TestGlobalFile):
    @pytest.fixture(autouse=True)
    def _named(self, tmp_path):
        self.named = str(tmp_path / "home/.claude")

    def env(self):
        return {"CLAUDE_CONFIG_DIR": self.named}

    def document(self, home):
        return home / ".claude.json"


class TestEarlierGlobalFile(GlobalSlot):
    def make(self):
        return slots.LEGACY_SLOT

    def document(self, home):
        return home / ".config.json"


class TestCopies(GlobalSlot):
    def make(self):
        return slots.BACKUP_SLOT

    def document(self, home):
        return home / BACKUP

    @pytest.mark.parametrize(
        "name",
        [
            ".claude.json.backup.1",
            ".claude.json.corrupted.2",
            ".config.json.corrupted.3",
            ".claude-custom-oauth.json.backup.4",
        ],
    )
    def test_every_copy_is_emptied(self, name, slot, folder, home):
        write(home / "backups" / name, GLOBAL)

        slot.erase(folder)

        assert GLOBAL_LEFT == json.loads((home / "backups" / name).read_text())

    def test_one_copy_that_cannot_be_changed_keeps_no_other(self, slot, folder, home):
        (home / "backups/.claude.json.backup.0").mkdir()

        with pytest.raises(OSError, match="regular file"):
            slot.erase(folder)

        assert GLOBAL_LEFT == json.loads(self.document(home).read_text())

    def test_what_is_no_copy_is_not_touched(self, slot, folder, home):
        other = write(home / "backups/settings.json", GLOBAL)

        slot.erase(folder)

        assert GLOBAL == json.loads(other.read_text())


class TestOtherFolder(ClaudeSlot):
    """What `~/.claude` still holds when a variable names another folder."""

    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path):
        self.elsewhere = tmp_path / "named"
        self.elsewhere.mkdir()

    def env(self):
        return {"CLAUDE_CONFIG_DIR": str(self.elsewhere)}

    @pytest.fixture
    def folder(self, home):
        descriptor = os.open(self.elsewhere, os.O_RDONLY | os.O_DIRECTORY)
        request = Request({"HOME": str(home.parent), **self.env()}, "/", 0)
        yield Folder(request, str(self.elsewhere), descriptor)
        os.close(descriptor)

    def make(self):
        return slots.OTHER_SLOT

    def document(self, home):
        return home / ".credentials.json"

    def fill(self, home):
        write(self.document(home), DOCUMENT)

    def rest(self, data):
        document = json.loads(data)
        return {name: document[name] for name in ("coworkRemoteDevice", "pluginSecrets")}

    def test_global_files_and_copies_there_are_emptied_too(self, slot, folder, home):
        files = [home / ".config.json", home.parent / ".claude.json", home / BACKUP]
        for file in files:
            write(file, GLOBAL)

        slot.erase(folder)

        assert [GLOBAL_LEFT] * 3 == [json.loads(file.read_text()) for file in files]

    def test_what_the_named_folder_holds_is_not_its_business(self, slot, folder):
        own = write(self.elsewhere / ".credentials.json", {"claudeAiOauth": OAUTH})

        slot.erase(folder)

        assert {"claudeAiOauth": OAUTH} == json.loads(own.read_text())


class TestProfiles(ClaudeSlot):
    def make(self):
        return slots.PROFILE_SLOT

    def document(self, home):
        return home.parent / ".config/anthropic/credentials/work.json"

    def fill(self, home):
        write(home.parent / ".config/anthropic/configs/work.json", PROFILE)
        write(self.document(home), TOKENS)

    def others(self, home):
        config = home.parent / ".config/anthropic/configs/work.json"
        return config.read_bytes(), (home / "history").read_bytes()


class TestEntriesOfAMacsKeychain(StoreSlotContract):
    """The two entries in the keychain of a Mac; a fake stands for `/usr/bin/security`."""

    @pytest.fixture(autouse=True)
    def mac(self, tmp_path, monkeypatch):
        monkeypatch.setattr(keychain_entries, "this_platform", lambda: "macos")
        self.keychain = FakeKeychain(tmp_path / "keychain", monkeypatch)
        self.keychain.add("Claude Code-credentials", "eve", SECRET)

    @pytest.fixture
    def folder(self, home):
        request = Request({"USER": "ada"}, "/", 0, client_home=str(home), platform="macos")
        return Folder(request, str(home), -1)

    def make(self):
        return slots.KEYCHAIN_SLOT

    def fill(self, home):
        del home  # the entries are those of the default folder
        for service in keychain_entries.SERVICES:
            self.keychain.add(service, "ada", SECRET, made_by_security=True)

    def others(self, home):
        others = [entry for entry in self.keychain.entries() if entry.endswith("/eve")]
        return others, (home / "history").read_bytes()

    def test_the_entry_of_one_kind_alone_is_a_login(self, slot, folder):
        (self.keychain.folder / "entries/Claude Code/ada").unlink()

        assert slot.read_back(folder) is True

    def test_a_locked_keychain_is_no_empty_one(self, slot, folder):
        self.keychain.state("locked")

        with pytest.raises(EvaluationError):
            slot.erase(folder)

        assert slot.read_back(folder) is True

    def test_what_a_variable_has_left_behind_is_emptied_too(self, slot, folder):
        named = folder.request._replace(env={"USER": "ada", "CLAUDE_CONFIG_DIR": "/elsewhere"})

        slot.erase(folder._replace(request=named))

        assert ["Claude Code-credentials/eve"] == self.keychain.entries()

    @pytest.mark.parametrize("act", ["erase", "read_back"])
    def test_without_a_session_nothing_is_said_of_it(self, act, slot, folder):
        self.keychain.session("System")
        asked = folder._replace(request=folder.request.read_with(unasked=True))

        with pytest.raises(EvaluationError, match="no session"):
            getattr(slot, act)(asked)


def test_a_keychain_that_is_not_seen_is_not_said_to_be_empty(tmp_path):
    folder = Folder(Request({}, "/", 0, client_home=str(tmp_path)), str(tmp_path), -1)

    with pytest.raises(EvaluationError, match="keychain"):
        slots.KEYCHAIN_SLOT.erase(folder)


def test_every_store_is_emptied_by_one_slot():
    assert len(slots.SLOTS) == len({slot.store for slot in slots.SLOTS})
