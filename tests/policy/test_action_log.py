"""The action log on a real disk: several writers, killed writers, no room, somebody else's files."""

import errno
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

from tipstaff_policy import action_log
from tipstaff_policy.action_chain import verify
from tipstaff_policy.action_log import log_file, read_log, read_standing, record
from tipstaff_policy.action_record import Entry, Standing

NOW = 1_800_000_000
WRITERS, EACH = 8, 50
WRITER = """
import sys, time
from tipstaff_policy.action_log import record
from tipstaff_policy.action_record import Entry
home, count, limit, name = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
from tipstaff_policy import action_log
action_log.SIZE_LIMIT = limit
action_log.LOCK_TIMEOUT_S = 60
for number in range(count):
    entry = Entry("enforce", home + "/.codex", 10, "codex", reason=f"{name} {number}")
    standing = record({"HOME": home}, entry, int(time.time()))
    print(standing.fault or "written", flush=True)
"""


def entry(home, **fields):
    return Entry("enforce", f"{home}/.codex", 10, "codex", reason="because")._replace(**fields)


def write(home, **fields):
    return record({"HOME": str(home)}, entry(home, **fields), NOW)


def found(home):
    files, fault = read_log({"HOME": str(home)}, f"{home}/.codex")
    assert not fault
    return verify(files)


def path_of(home):
    return log_file({"HOME": str(home)}, f"{home}/.codex")


def records(home, name=action_log.FILE):
    with open(os.path.join(os.path.dirname(path_of(home)), name)) as file:
        return [json.loads(each) for each in file]


def writer(home, count, *, limit=1 << 20, name="w", **options):
    words = [sys.executable, "-c", WRITER, str(home), str(count), str(limit), name]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)


def test_the_log_is_its_users_alone(tmp_path):
    standing = write(tmp_path)

    modes = [
        stat.S_IMODE(os.stat(each).st_mode)
        for each in (path_of(tmp_path), os.path.dirname(path_of(tmp_path)))
    ]
    assert [0o600, 0o700] == modes
    assert path_of(tmp_path) == f"{tmp_path}/.local/state/tipstaff/actions.jsonl"
    assert standing == read_standing({"HOME": str(tmp_path)}, "") == found(tmp_path).standing


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path):
    write(tmp_path)
    os.chmod(path_of(tmp_path), 0o666)
    os.chmod(os.path.dirname(path_of(tmp_path)), 0o777)

    write(tmp_path)

    assert 0o600 == stat.S_IMODE(os.stat(path_of(tmp_path)).st_mode)
    assert 0o700 == stat.S_IMODE(os.stat(os.path.dirname(path_of(tmp_path))).st_mode)


def test_the_state_folder_of_the_environment_counts_where_it_is_absolute(tmp_path):
    home = f"{tmp_path}/h/.codex"

    assert f"{tmp_path}/s/tipstaff/actions.jsonl" == log_file(
        {"XDG_STATE_HOME": f"{tmp_path}/s"}, home
    )
    assert f"{tmp_path}/h/.local/state/tipstaff/actions.jsonl" == log_file(
        {"XDG_STATE_HOME": "s"}, home
    )


def test_reading_makes_nothing(tmp_path):
    assert Standing() == read_standing({"HOME": str(tmp_path)}, "")
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize("limit", [1 << 20, 60_000], ids=["one file", "set aside meanwhile"])
def test_records_of_writers_at_the_same_time_make_one_chain(limit, tmp_path):
    writers = [writer(tmp_path, EACH, limit=limit, name=f"w{each}") for each in range(WRITERS)]
    told = [line for each in writers for line in each.communicate(timeout=120)[0].split()]

    verified = found(tmp_path)

    assert ["written"] * WRITERS * EACH == told
    assert (WRITERS * EACH, ()) == (verified.standing.length, verified.breaks)
    if limit == 1 << 20:
        told = {each["reason"] for each in records(tmp_path)}
        assert WRITERS * EACH == len(told)
    else:
        assert records(tmp_path)[0]["sequence"] > 1


def test_writers_killed_at_any_moment_leave_a_chain_that_goes_on(tmp_path):
    said = 0
    for round_ in range(12):
        pair = [
            writer(tmp_path, 10_000, limit=20_000, name=f"{round_}-{each}") for each in range(2)
        ]
        for each in pair:
            each.stdout.readline()
        time.sleep(0.003 * round_)
        for each in pair:
            each.send_signal(signal.SIGKILL)
        said += sum(1 + each.communicate()[0].count("written") for each in pair)

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
        assert ((), False) == (verified.breaks, not verified.standing.length)

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

    assert (2, 1, ()) == (standing.length, found(tmp_path).torn, found(tmp_path).breaks)
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
    assert ((), 1) == (found(tmp_path).breaks, found(tmp_path).standing.length)


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


def test_a_log_that_somebody_holds_is_given_up_after_the_limit(tmp_path, monkeypatch):
    import fcntl

    write(tmp_path)
    monkeypatch.setattr(action_log, "LOCK_TIMEOUT_S", 0.05)
    with open(path_of(tmp_path)) as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert "another process holds the log" == write(tmp_path).fault


def test_a_full_file_is_set_aside_and_one_older_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(action_log, "SIZE_LIMIT", 1500)

    for number in range(20):
        write(tmp_path, reason=str(number))

    verified = found(tmp_path)
    assert (20, ()) == (verified.standing.length, verified.breaks)
    assert ["actions.1.jsonl", "actions.jsonl"] == sorted(
        os.listdir(os.path.dirname(path_of(tmp_path)))
    )
    assert verified.first == records(tmp_path, action_log.OLDER)[0]["sequence"] > 1
    assert os.path.getsize(path_of(tmp_path)) < 2500


def test_a_writer_killed_between_two_files_is_followed(tmp_path):
    write(tmp_path)
    os.rename(path_of(tmp_path), path_of(tmp_path).replace("actions", "actions.1"))

    assert 1 == read_standing({"HOME": str(tmp_path)}, "").length
    assert 2 == write(tmp_path).length
    assert () == found(tmp_path).breaks


def test_a_failure_that_stands_is_recorded_once(tmp_path):
    for _ in range(3):
        standing = write(tmp_path, exit_code=11)

    assert (1, "") == (standing.length, standing.fault)


@pytest.fixture
def system_log(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "log"))
        listening.settimeout(5)
        monkeypatch.setattr(action_log, "SYSTEM_LOG", str(tmp_path / "log"))
        yield listening


def test_the_systems_log_gets_the_record(system_log, tmp_path):
    write(tmp_path)

    head, _, line = system_log.recv(1 << 16).partition(b": ")
    assert (f"<85>tipstaff[{os.getpid()}]".encode(), records(tmp_path)) == (
        head,
        [json.loads(line)],
    )


def test_the_systems_log_gets_what_the_file_cannot_take(system_log, tmp_path):
    (tmp_path / ".local").write_text("in the way")

    assert write(tmp_path).fault
    assert "because" == json.loads(system_log.recv(1 << 16).partition(b": ")[2])["reason"]


def test_a_systems_log_that_hangs_holds_nobody_up(system_log, tmp_path):
    begun = time.monotonic()

    for number in range(600):  # more than a socket's queue takes
        assert not write(tmp_path, reason=str(number)).fault

    assert time.monotonic() - begun < 60
