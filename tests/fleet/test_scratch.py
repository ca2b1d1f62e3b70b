"""The scratch folders of a question: none stays, also not of a process that was killed."""

import fcntl
import os
import tempfile
import time

import pytest

from tipstaff_fleet.scratch import PREFIX, YOUNG_S, open_scratch


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def leave(folder, age_s=2 * YOUNG_S):
    """Make what a process leaves that was killed some time ago."""
    left = folder / f"{PREFIX}left"
    left.mkdir()
    (left / "spilled.tmp").write_bytes(b"rows")
    at = time.time() - age_s
    os.utime(left, (at, at))
    return left


def test_the_folder_ends_with_the_block(temporary):
    with open_scratch() as folder:
        assert os.path.isdir(folder)

    assert [] == list(temporary.iterdir())


def test_what_a_killed_process_left_is_removed(temporary):
    left = leave(temporary)

    with open_scratch():
        assert not left.exists()


def test_a_folder_in_use_stays(temporary):
    left = leave(temporary)
    descriptor = os.open(left, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)

    with open_scratch():
        pass

    os.close(descriptor)
    assert (left / "spilled.tmp").exists()


def test_a_folder_that_was_just_made_stays(temporary):
    left = leave(temporary, age_s=0)

    with open_scratch():
        pass

    assert left.exists()


def test_a_link_to_another_folder_is_not_followed(temporary):
    target = temporary / "target"
    target.mkdir()
    (target / "kept").touch()
    (temporary / f"{PREFIX}link").symlink_to(target)

    with open_scratch():
        pass

    assert (target / "kept").exists()


def test_a_folder_of_another_user_stays(temporary, monkeypatch):
    left = leave(temporary)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with open_scratch():
        pass

    assert left.exists()
