"""A client's locks are held as the client holds them: by files, by a folder, or not at all."""

import fcntl
import os
import time

import pytest

from tipstaff_policy.clients import load_client
from tipstaff_policy.errors import AccessDeniedError, StoreLockedError
from tipstaff_policy.system.client_locks import hold_files, hold_folder, hold_nothing

FILES = (("auth.lock", 0o644), ("auth.json.lock", 0o600))
NAME = ".client.lock"
STALE_S = 10.0


def by_files(folder, path):
    return hold_files(FILES, folder, str(path), timeout_s=0)


def by_folder(folder, path):
    return hold_folder(NAME, folder, str(path), timeout_s=0, stale_after_s=STALE_S)


def by_codex(folder, path):
    return load_client("codex").hold(folder, str(path), 0)


EXCLUDING = {"files": by_files, "folder": by_folder, "codex": by_codex}


@pytest.fixture
def folder(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.mark.parametrize("hold", EXCLUDING.values(), ids=EXCLUDING)
def test_what_is_held_is_not_held_twice(hold, folder, tmp_path):
    with hold(folder, tmp_path), pytest.raises(StoreLockedError, match="another process"):
        hold(folder, tmp_path).__enter__()


@pytest.mark.parametrize("hold", EXCLUDING.values(), ids=EXCLUDING)
def test_what_was_given_back_can_be_held_again(hold, folder, tmp_path):
    with hold(folder, tmp_path):
        pass

    with hold(folder, tmp_path):
        pass


def test_lock_files_stay_with_the_modes_of_the_client(folder, tmp_path):
    with by_files(folder, tmp_path):
        pass

    found = [(name, os.stat(tmp_path / name).st_mode & 0o777) for name, _ in FILES]
    assert list(FILES) == found


def test_one_limit_serves_for_all_lock_files(folder, tmp_path):
    with open(tmp_path / "auth.json.lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        with pytest.raises(StoreLockedError) as raised:
            by_files(folder, tmp_path).__enter__()

    assert str(tmp_path / "auth.json.lock") == raised.value.where


def test_a_lock_folder_is_gone_when_it_is_given_back(folder, tmp_path):
    with by_folder(folder, tmp_path):
        assert (tmp_path / NAME).is_dir()

    assert [] == os.listdir(tmp_path)


def test_a_lock_folder_of_a_killed_process_is_taken_over(folder, tmp_path):
    (tmp_path / NAME).mkdir()
    age(tmp_path / NAME, STALE_S + 5)

    with hold_folder(NAME, folder, str(tmp_path), timeout_s=5, stale_after_s=STALE_S):
        assert time.time() - os.stat(tmp_path / NAME).st_mtime < STALE_S


def test_a_young_lock_folder_is_respected(folder, tmp_path):
    (tmp_path / NAME).mkdir()
    age(tmp_path / NAME, STALE_S / 2)

    with pytest.raises(StoreLockedError):
        by_folder(folder, tmp_path).__enter__()

    assert [NAME] == os.listdir(tmp_path)


def test_a_lock_folder_that_another_process_made_meanwhile_is_not_removed(folder, tmp_path):
    with by_folder(folder, tmp_path):
        os.rename(tmp_path / NAME, tmp_path / "taken for stale")
        (tmp_path / NAME).mkdir()

    assert (tmp_path / NAME).is_dir()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_lock_that_is_no_folder_is_not_taken_and_not_removed(kind, folder, tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / NAME).touch() if kind == "file" else (tmp_path / NAME).symlink_to(target)
    age(target, STALE_S + 5)

    with pytest.raises(AccessDeniedError, match="no folder"):
        by_folder(folder, tmp_path).__enter__()

    assert os.path.lexists(tmp_path / NAME)
    assert target.is_dir()


def test_a_stale_lock_with_something_in_it_is_not_emptied(folder, tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "data").touch()
    age(tmp_path / NAME, STALE_S + 5)

    with pytest.raises(AccessDeniedError):
        by_folder(folder, tmp_path).__enter__()

    assert (tmp_path / NAME / "data").exists()


def test_a_client_without_locks_is_never_waited_for(folder, tmp_path):
    with hold_nothing(folder, str(tmp_path), timeout_s=0):
        pass

    assert [] == os.listdir(tmp_path)
