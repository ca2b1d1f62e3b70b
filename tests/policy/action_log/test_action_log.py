"""The action log on a real disk: several writers, full files, the system's log."""

import fcntl
import json
import os
import socket
import stat
import time

import pytest

from support.machines.fake_mac import write_program
from support.records.action_logs import found, path_of, records, write, writer
from tipstaff_policy.action_log import log
from tipstaff_policy.action_log.log import log_file, read_standing
from tipstaff_policy.action_log.record import Standing
from tipstaff_policy.system.mac import asking, unified_log

WRITERS, EACH = 8, 50


def test_the_log_is_its_users_alone(tmp_path):
    standing = write(tmp_path)

    modes = [
        stat.S_IMODE(os.stat(path).st_mode)
        for path in (path_of(tmp_path), os.path.dirname(path_of(tmp_path)))
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
    writers = [writer(tmp_path, EACH, limit=limit, name=f"w{number}") for number in range(WRITERS)]
    message = [line for process in writers for line in process.communicate(timeout=120)[0].split()]

    verified = found(tmp_path)

    assert ["written"] * WRITERS * EACH == message
    assert WRITERS * EACH == verified.standing.length
    assert () == verified.breaks
    if limit == 1 << 20:
        message = {record["reason"] for record in records(tmp_path)}
        assert WRITERS * EACH == len(message)
    else:
        assert records(tmp_path)[0]["sequence"] > 1


def test_a_log_that_somebody_holds_is_given_up_after_the_limit(tmp_path, monkeypatch):

    write(tmp_path)
    monkeypatch.setattr(log, "LOCK_TIMEOUT_S", 0.05)
    with open(path_of(tmp_path)) as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        assert "another process has locked the log" == write(tmp_path).fault


def test_a_full_file_is_set_aside_and_one_older_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "SIZE_LIMIT", 1500)

    for number in range(20):
        write(tmp_path, reason=str(number))

    verified = found(tmp_path)
    assert 20 == verified.standing.length
    assert () == verified.breaks
    assert ["actions.1.jsonl", "actions.jsonl"] == sorted(
        os.listdir(os.path.dirname(path_of(tmp_path)))
    )
    assert verified.first == records(tmp_path, log.OLDER)[0]["sequence"] > 1
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

    assert 1 == standing.length
    assert "" == standing.fault


@pytest.fixture
def system_log(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "log"))
        listening.settimeout(5)
        monkeypatch.setattr(log, "SYSTEM_LOG", str(tmp_path / "log"))
        yield listening


def test_the_systems_log_gets_the_record(system_log, tmp_path):
    write(tmp_path)

    head, _, line = system_log.recv(1 << 16).partition(b": ")
    assert (f"<85>tipstaff[{os.getpid()}]".encode(), records(tmp_path)) == (
        head,
        [json.loads(line)],
    )


LOGGER = """\
#!/bin/sh
# A fake of a Mac's /usr/bin/logger: keeps its words and its input.
echo "$*" > {folder}/words
cat > {folder}/line
exit {code}
"""


@pytest.fixture
def mac_log(tmp_path, monkeypatch):
    """Let this machine log as a Mac does."""

    def made(code=0):
        folder = tmp_path / "logger"
        folder.mkdir()
        program = write_program(folder / "logger", LOGGER.format(folder=folder, code=code))
        monkeypatch.setattr(log, "this_platform", lambda: "macos")
        monkeypatch.setattr(unified_log, "LOGGER", program)
        monkeypatch.setattr(unified_log, "ask_program", asking._run)
        return folder

    return made


def test_the_unified_log_of_a_mac_gets_the_record(mac_log, tmp_path):
    folder = mac_log()

    write(tmp_path)

    assert records(tmp_path) == [json.loads((folder / "line").read_text())]


def test_no_part_of_a_record_is_in_the_words_of_a_macs_program(mac_log, tmp_path):
    folder = mac_log()

    write(tmp_path)

    assert "-p authpriv.notice -t tipstaff\n" == (folder / "words").read_text()


def test_a_mac_whose_log_takes_nothing_keeps_the_record_in_the_file(mac_log, tmp_path):
    mac_log(code=1)

    assert 1 == write(tmp_path).length


def test_the_systems_log_gets_what_the_file_cannot_take(system_log, tmp_path):
    (tmp_path / ".local").write_text("in the way")

    assert write(tmp_path).fault
    assert "because" == json.loads(system_log.recv(1 << 16).partition(b": ")[2])["reason"]


def test_a_systems_log_that_hangs_holds_nobody_up(system_log, tmp_path):
    begun = time.monotonic()

    for number in range(600):  # more than a socket's queue takes
        assert not write(tmp_path, reason=str(number)).fault

    assert time.monotonic() - begun < 60
