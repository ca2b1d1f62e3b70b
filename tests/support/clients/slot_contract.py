"""What every store slot of every client keeps to; a slot inherits it and says how it is laid out."""

import os
from contextlib import suppress

import pytest

from tipstaff_policy.clients.interface.slots import Folder
from tipstaff_policy.errors import TipstaffError
from tipstaff_policy.model.request import Request

SECRET = "canary-of-a-secret-Q7x"
CALLS = ("open", "write", "fsync", "fchmod", "fchown", "rename", "unlink", "setxattr", "stat")
"""What a process can be killed in front of."""
KILLED = 9


class StoreSlotContract:
    """Erased means read back empty, and nothing else was touched."""

    def make(self):
        """Return a slot of a client's folder, which holds a login with `SECRET` in it."""
        raise NotImplementedError

    def others(self, home):
        """Return all that an erasure has no business with."""
        raise NotImplementedError

    def fill(self, home):
        """Put the login into the slot."""
        raise NotImplementedError

    def env(self):
        """Return what the slot asks of the environment."""
        return {}

    @pytest.fixture
    def home(self, tmp_path):
        made = tmp_path / "home/.client"
        made.mkdir(parents=True)
        (made / "history").write_text("kept\n")
        return made

    @pytest.fixture
    def folder(self, home):
        descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        request = Request(self.env(), "/", 0, client_home=str(home))
        yield Folder(request, str(home), descriptor)
        os.close(descriptor)

    @pytest.fixture
    def slot(self, home):
        self.fill(home)
        return self.make()

    def test_a_login_reads_back_as_one(self, slot, folder):
        assert slot.read_back(folder) is True

    def test_what_was_erased_reads_back_empty(self, slot, folder):
        slot.erase(folder)

        assert slot.read_back(folder) is False

    def test_everything_else_is_untouched(self, slot, folder, home):
        before = self.others(home)

        slot.erase(folder)

        assert before == self.others(home)

    def test_an_empty_slot_is_left_as_it_is(self, slot, folder, home):
        slot.erase(folder)
        before = self.others(home)

        with suppress(FileNotFoundError):
            slot.erase(folder)

        assert slot.read_back(folder) is False
        assert before == self.others(home)

    def test_no_representation_holds_a_secret(self, slot, folder):
        slot.read_back(folder)

        assert SECRET not in repr(slot)


class FileOfASlotContract(StoreSlotContract):
    """What holds of a slot that is in a file of the client's folder."""

    def document(self, home):
        """Return the path of the file."""
        raise NotImplementedError

    def test_a_crash_at_any_point_leaves_the_old_or_the_new_document_whole(
        self, slot, folder, home
    ):
        file = self.document(home)
        old, others = file.read_bytes(), self.others(home)
        slot.erase(folder)
        whole = {old, content(file)}

        for number in range(1, 200):
            self.fill(home)
            ended = erase_and_be_killed(slot, folder, number)
            age_locks(home.parent.parent)

            assert content(file) in whole, number
            assert others == self.others(home), number
            with suppress(FileNotFoundError):
                slot.erase(folder)
            assert not slot.read_back(folder), number
            assert [] == [path.name for path in home.iterdir() if "unfinished" in path.name]
            if ended == 0:
                break

        assert 0 == ended
        assert number > 1

    @pytest.mark.parametrize("call", ["open", "fsync", "rename", "unlink"])
    def test_no_secret_is_in_an_error_of_the_system(self, call, slot, folder, monkeypatch):
        def broken(*words, **options):
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patched:
            patched.setattr(os, call, broken)
            found = error_of(slot, folder)

        assert SECRET not in found


def erase_and_be_killed(slot, folder, number):
    """Erase in a process that is killed in front of one of its calls; return how it ended."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(call):
            def do(*words, **options):
                nonlocal count
                count += 1
                if count == number:
                    os._exit(KILLED)
                return call(*words, **options)

            return do

        for name in CALLS:
            setattr(os, name, counted(getattr(os, name)))
        slot.erase(folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def age_locks(root):
    """Let what a killed process held count as left behind, without waiting for it."""
    for lock in root.rglob("*.lock"):
        os.utime(lock, (0, 0))


def content(file):
    return file.read_bytes() if file.exists() else None


def error_of(slot, folder):
    try:
        slot.erase(folder)
    except (OSError, TipstaffError) as error:
        return f"{error} {error!r}"
    return ""
