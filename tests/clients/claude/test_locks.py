"""The locks of Claude Code are held as the client holds them: folders, kept young, with an owner."""

import json
import os
import subprocess
import sys
import time

import pytest

from tipstaff_policy.clients.claude import lock_owner, locks
from tipstaff_policy.clients.claude.locks import hold
from tipstaff_policy.errors import EvaluationError, StoreLockedError

ALL = {
    "home/.claude/.oauth_refresh.lock",
    "home/.claude.lock",
    "home/.claude/.storage-write.lock",
    "home/.claude.json.lock",
    "home/.claude/.config.json.lock",
}
NOTE = ".oauth_refresh.lock.owner"


@pytest.fixture
def home(tmp_path):
    made = tmp_path / "home/.claude"
    made.mkdir(parents=True)
    (made / ".config.json").write_text("{}")
    (made.parent / ".claude.json").write_text("{}")
    return made


@pytest.fixture
def folder(home):
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def held(home):
    root = home.parent.parent
    return {str(path.relative_to(root)) for path in root.rglob("*.lock")}


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_every_lock_of_the_client_is_held_and_given_back(folder, home):
    with hold(folder, str(home), 0):
        during = held(home)

    assert (ALL, set()) == (during, held(home))


def test_a_global_file_that_is_not_there_is_not_locked(folder, home):
    (home / ".config.json").unlink()
    (home.parent / ".claude.json").unlink()

    with hold(folder, str(home), 0):
        assert {name for name in ALL if "json" not in name} == held(home)


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_lock_of_another_process_is_respected(name, folder, home):
    taken = home.parent.parent / name
    taken.mkdir()

    with pytest.raises(StoreLockedError):
        hold(folder, str(home), 0).__enter__()

    assert {name} == held(home)


@pytest.mark.parametrize(
    ("name", "stale_s"),
    [
        (".oauth_refresh.lock", 60),
        (".storage-write.lock", 15),
        (".config.json.lock", 10),
        ("../.claude.lock", 60),
        ("../.claude.json.lock", 10),
    ],
)
def test_a_lock_is_stale_from_the_age_that_the_client_says(name, stale_s, folder, home):
    (home / name).mkdir()
    age(home / name, stale_s - 4)
    with pytest.raises(StoreLockedError):
        hold(folder, str(home), 0).__enter__()
    age(home / name, stale_s + 1)

    with hold(folder, str(home), 5):
        pass

    assert not (home / name).exists()


def test_what_is_held_is_made_young_now_and_then(folder, home, monkeypatch):
    monkeypatch.setattr(locks, "TOUCH_S", 0.01)

    with hold(folder, str(home), 0):
        age(home / ".storage-write.lock", 14)
        until = time.monotonic() + 20
        while time.time() - (home / ".storage-write.lock").stat().st_mtime > 10:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_the_client_reads_who_holds_the_lock(folder, home):
    with hold(folder, str(home), 0):
        note = json.loads((home / NOTE).read_text())
        born = lock_owner.read_birth_ms(folder, ".oauth_refresh.lock")

    assert (os.getpid(), born, False) == (
        note["pid"],
        note["lockBirthtimeMs"],
        (home / NOTE).exists(),
    )


def test_the_time_of_birth_is_what_the_system_says(folder, home):
    said = subprocess.run(
        ["stat", "-c", "%W", home / ".config.json"], capture_output=True, text=True, check=True
    )

    assert int(said.stdout) == int(lock_owner.read_birth_ms(folder, ".config.json")) // 1000


def gone(folder, home, **changed):
    """Leave a lock and its note as a process that is gone does."""
    (home / ".oauth_refresh.lock").mkdir()
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    lock_owner.write(folder, ".oauth_refresh.lock")
    note = json.loads((home / NOTE).read_text())
    note |= {"pid": int(ended.stdout), **changed}
    (home / NOTE).write_text(json.dumps(note))


def test_a_lock_of_a_process_that_is_gone_is_taken_over_at_once(folder, home):
    gone(folder, home)

    with hold(folder, str(home), 0):
        assert os.getpid() == json.loads((home / NOTE).read_text())["pid"]


DOUBTS = {
    "another machine": {"pidDomain": "linux:other:pid:[1]"},
    "another namespace": {"pidSpace": "host#pid:[1]"},
    "another lock": {"lockBirthtimeMs": 1.5},
    "a process that lives": {"pid": 1, "procStart": lock_owner.read_start_time(1)},
}


@pytest.mark.parametrize("changed", DOUBTS.values(), ids=DOUBTS)
def test_a_lock_is_not_taken_over_in_doubt(changed, folder, home):
    gone(folder, home, **changed)

    with pytest.raises(StoreLockedError):
        hold(folder, str(home), 0).__enter__()


def test_a_process_that_began_later_is_not_the_one_that_is_noted(folder, home):
    gone(folder, home, pid=os.getpid(), procStart="1")

    with hold(folder, str(home), 0):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "1"}', "9" * 9999])
def test_a_note_that_says_nothing_changes_nothing(text, folder, home):
    (home / ".oauth_refresh.lock").mkdir()
    (home / NOTE).write_text(text)

    with pytest.raises(StoreLockedError):
        hold(folder, str(home), 0).__enter__()


def test_a_folder_without_a_global_file_of_its_own_has_none_locked_above_it(tmp_path):
    named = tmp_path / "named"
    named.mkdir()
    (tmp_path / ".claude.json").write_text("{}")
    descriptor = os.open(named, os.O_RDONLY | os.O_DIRECTORY)

    with hold(descriptor, str(named), 0):
        found = sorted(path.name for path in tmp_path.rglob("*.lock"))

    os.close(descriptor)
    assert [".oauth_refresh.lock", ".storage-write.lock", "named.lock"] == found


def test_without_the_time_of_birth_no_record_is_written_and_the_locks_hold(
    folder, home, monkeypatch
):
    monkeypatch.setitem(sys.modules, "ctypes", None)

    with hold(folder, str(home), 0):
        assert (ALL, False) == (held(home), (home / NOTE).exists())


def test_on_windows_no_lock_is_taken_and_no_login_removed(home, folder, monkeypatch):
    before = sorted(home.parent.rglob("*"))
    monkeypatch.setattr(sys, "platform", "win32")

    with (
        pytest.raises(EvaluationError, match="removes no login of Claude Code on Windows"),
        hold(folder, str(home), 1.0),
    ):
        pass

    assert before == sorted(home.parent.rglob("*"))
