"""The action log when something fails: kills, errors, no room, what others put in its place."""

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest

from support.records.action_logs import WRITER, found, path_of, write, writer
from tipstaff_policy.action_log.log import read_standing


def test_writers_killed_at_any_moment_leave_a_chain_that_goes_on(tmp_path):
    said = 0
    for round_ in range(12):
        pair = [
            writer(tmp_path, 10_000, limit=20_000, name=f"{round_}-{number}") for number in range(2)
        ]
        for process in pair:
            process.stdout.readline()
        time.sleep(0.003 * round_)
        for process in pair:
            process.send_signal(signal.SIGKILL)
        said += sum(1 + process.communicate()[0].count("written") for process in pair)

    assert not write(tmp_path).fault
    verified = found(tmp_path)
    assert () == verified.breaks
    assert verified.standing.length >= said + 1


def traced(home, injected):
    """Run a writer on a log at its limit; only its calls on the log are meddled with."""
    words = [
        "strace",
        "-qq",
        "-o",
        "/dev/null",
        "-P",
        os.path.dirname(path_of(home)),
        "-P",
        path_of(home),
    ]
    words += ["-e", injected, sys.executable, "-c", WRITER, str(home), "3", "200", "traced"]
    return subprocess.run(words, capture_output=True, check=False, timeout=60, text=True)


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace here")
@pytest.mark.parametrize(
    "call", ["openat", "flock", "pread64", "rename", "renameat", "write", "fsync"]
)
def test_a_kill_at_any_system_call_leaves_a_chain_that_goes_on(call, tmp_path):
    write(tmp_path)
    kills = 0
    while (done := traced(tmp_path, f"inject={call}:signal=KILL:when={kills + 1}")).returncode:
        kills += 1
        verified = found(tmp_path)
        assert () == verified.breaks
        assert verified.standing.length

    assert "written\n" * 3 == done.stdout
    assert () == found(tmp_path).breaks
    assert kills or call.startswith("rename")  # one of the two is what this machine has


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace here")
@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("write", "ENOSPC"),
        ("write", "EROFS"),
        ("fsync", "EIO"),
        ("openat", "EACCES"),
        ("flock", "ENOLCK"),
    ],
)
def test_a_failing_system_call_is_said_and_breaks_nothing(call, error, tmp_path):
    write(tmp_path)

    done = traced(tmp_path, f"inject={call}:error={error}")

    assert [os.strerror(getattr(errno, error))] * 3 == done.stdout.splitlines()
    assert () == found(tmp_path).breaks


def test_a_record_that_a_crash_cut_is_accounted_for(tmp_path):
    write(tmp_path)
    write(tmp_path)
    whole = os.path.getsize(path_of(tmp_path))
    os.truncate(path_of(tmp_path), whole - 100)
    assert found(tmp_path).open_end

    standing = write(tmp_path)

    assert 2 == standing.length
    assert 1 == found(tmp_path).torn
    assert () == found(tmp_path).breaks
    assert records_torn(tmp_path) > 0


def records_torn(home):
    with open(path_of(home)) as file:
        return json.loads(file.read().splitlines()[-1])["torn"]["bytes"]


def limited(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_no_room_for_a_whole_record_leaves_none_of_it(tmp_path):
    write(tmp_path)
    with open(path_of(tmp_path), "rb") as file:
        before = file.read()

    full = writer(tmp_path, 1, preexec_fn=limited(len(before) + 50))

    assert "there is no room for the record\n" == full.communicate(timeout=30)[0]
    with open(path_of(tmp_path), "rb") as file:
        assert before == file.read()


def test_no_room_at_all_is_said(tmp_path):
    write(tmp_path)

    full = writer(tmp_path, 1, preexec_fn=limited(os.path.getsize(path_of(tmp_path))))

    assert "File too large\n" == full.communicate(timeout=30)[0]
    assert () == found(tmp_path).breaks
    assert 1 == found(tmp_path).standing.length


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tipstaff-test", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this machine mounts nothing for us")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_ends_the_log_whole(small_disk):
    faults = [write(small_disk, reason=f"{number} " + "x" * 500).fault for number in range(100)]

    assert {"", "there is no room for the record", "No space left on device"} >= set(faults)
    assert "" != faults[-1]
    assert (faults.count(""), ()) == (found(small_disk).standing.length, found(small_disk).breaks)


def hostile_link(path, other):
    os.symlink(other, path)


def hostile_hard_link(path, other):
    os.link(other, path)


def hostile_fifo(path, _):
    os.mkfifo(path)


def hostile_folder(path, _):
    os.mkdir(path)


def hostile_dangling_link(path, other):
    os.symlink(f"{other}-not-there", path)


@pytest.mark.parametrize(
    "make", [hostile_link, hostile_hard_link, hostile_fifo, hostile_folder, hostile_dangling_link]
)
def test_what_is_no_plain_file_is_not_written(make, tmp_path):
    other = tmp_path / "other"
    other.write_text("theirs")
    os.makedirs(os.path.dirname(path_of(tmp_path)))
    make(path_of(tmp_path), str(other))

    assert write(tmp_path).fault
    assert "theirs" == other.read_text()
    assert not os.path.lexists(f"{other}-not-there")
    assert read_standing({"HOME": str(tmp_path)}, "").fault or make is hostile_dangling_link


def test_a_folder_that_is_a_link_is_not_written(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / ".local/state").mkdir(parents=True)
    os.symlink(tmp_path / "other", os.path.dirname(path_of(tmp_path)))

    assert write(tmp_path).fault
    assert [] == os.listdir(tmp_path / "other")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can stand for somebody else")
@pytest.mark.parametrize("made", [".local/state", ".local/state/tipstaff", "."])
def test_root_writes_nothing_where_a_user_decides(made, tmp_path):
    (tmp_path / made).mkdir(parents=True, exist_ok=True)
    os.chown(tmp_path / made, 1234, 1234)
    before = sorted(os.walk(tmp_path))

    assert write(tmp_path).fault
    assert before == sorted(os.walk(tmp_path))
