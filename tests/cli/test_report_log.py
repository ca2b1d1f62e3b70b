"""Reports come back from hosts by a log that shippers read, or by the system's journal."""

import json
import os
import socket
import subprocess
import sys
import threading

import pytest
from pydantic import BaseModel

from tipstaff_cli.shared import report_log
from tipstaff_cli.shared.report_journal import send_report
from tipstaff_cli.shared.report_log import append_report, keep_report, try_to_keep_report
from tipstaff_policy.errors import AccessDeniedError, UsageError


class Document(BaseModel):
    """Something to be kept."""

    number: int
    text: str = ""


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setattr(report_log, "loose_places", lambda _: ())
    return tmp_path / "reports.ndjson"


def numbers(path):
    return [json.loads(line)["number"] for line in path.read_bytes().splitlines()]


def test_each_report_is_a_line_at_the_end(log):
    for number in range(3):
        append_report(log, Document(number=number))

    assert numbers(log) == [0, 1, 2]


def test_only_its_owner_reads_the_log(log):
    append_report(log, Document(number=1))

    assert log.stat().st_mode & 0o777 == 0o600


def test_in_a_folder_with_the_group_bit_the_group_reads_it(log):
    log.parent.chmod(0o2750)
    append_report(log, Document(number=1))

    assert log.stat().st_mode & 0o777 == 0o640


def test_a_log_that_is_full_is_set_aside_and_a_few_are_kept(log, monkeypatch):
    monkeypatch.setattr(report_log, "FILE_LIMIT", 40)
    for number in range(8):
        append_report(log, Document(number=number))
    names = sorted(path.name for path in log.parent.iterdir() if path.name != ".reserve")

    assert names == ["reports.ndjson", *(f"reports.ndjson.{number}" for number in range(1, 5))]
    assert numbers(log) == [7]
    assert numbers(log.with_name("reports.ndjson.4")) == [3]


def test_a_line_that_was_cut_off_spoils_no_other(log):
    log.write_bytes(b'{"number":0}\n{"numb')
    append_report(log, Document(number=1))

    assert log.read_bytes().splitlines()[1:] == [b'{"numb', b'{"number":1,"text":""}']


def test_at_the_same_time_every_line_is_whole(log, monkeypatch):
    monkeypatch.setattr(report_log, "FILE_LIMIT", 20_000)
    monkeypatch.setattr(report_log, "KEPT", 1000)
    writers = [
        threading.Thread(
            target=lambda first=first: [
                append_report(log, Document(number=first + at, text="x" * 500)) for at in range(25)
            ]
        )
        for first in range(0, 100, 25)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = [number for path in log.parent.glob("reports*") for number in numbers(path)]

    assert sorted(found) == list(range(100))


def test_a_link_in_the_logs_place_is_not_followed(log):
    other = log.with_name("other")
    other.write_text("")
    log.symlink_to(other)
    with pytest.raises(AccessDeniedError):
        append_report(log, Document(number=1))

    assert other.read_text() == ""


def test_a_folder_of_others_is_refused(tmp_path):
    place = tmp_path / "open"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(AccessDeniedError, match="others than the administrators"):
        append_report(place / "reports.ndjson", Document(number=1))

    assert list(place.iterdir()) == []


def test_a_path_without_a_name_is_wrong_usage(tmp_path):
    from pathlib import Path

    with pytest.raises(UsageError, match="names no file"):
        append_report(Path("/"), Document(number=1))


def test_an_enforcement_says_that_its_report_was_not_kept_and_goes_on(tmp_path, capsys):
    try_to_keep_report(Document(number=1), tmp_path / "none" / "reports.ndjson", journal=False)

    assert "reports.ndjson" in capsys.readouterr().err


FILL = """
mount -t tmpfs -o size=3m,mode=700 none "$1"
shift
exec "$@"
"""
WRITES = """
import sys
from pathlib import Path
from pydantic import BaseModel
from tipstaff_cli.shared import report_log
from tipstaff_policy.errors import AccessDeniedError
class Document(BaseModel):
    number: int
    text: str = "x" * 100_000
report_log.loose_places = lambda _: ()
log = Path(sys.argv[1]) / "reports.ndjson"
report_log.append_report(log, Document(number=0))
(log.parent / "others").write_bytes(b"")
with open(log.parent / "others", "wb", buffering=0) as others:
    try:
        while others.write(b"x" * 4096): pass
    except OSError: pass
kept = 1
try:
    while True:
        report_log.append_report(log, Document(number=kept))
        kept += 1
except AccessDeniedError as error:
    print(kept, error.what)
(log.parent / "others").unlink()
report_log.append_report(log, Document(number=kept))
import json
print([json.loads(line)["number"] for line in log.read_bytes().splitlines()] == list(range(kept + 1)))
print((log.parent / ".reserve").stat().st_size)
"""


def test_on_a_full_disk_reports_go_on_for_a_while_and_none_is_torn(tmp_path):
    apart = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        [*apart, "sh", "-ec", FILL, "sh", disk, sys.executable, "-c", WRITES, disk],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, whole, reserved = done.stdout.splitlines()

    assert int(said.split()[0]) > 5
    assert "No space left" in said
    assert whole == "True"
    assert int(reserved) == report_log.RESERVED


@pytest.mark.parametrize("size", [10, 5_000_000])
def test_the_journal_gets_the_report_in_a_field_of_its_own(tmp_path, size):
    place = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(place)
        send_report(Document(number=7, text="x" * size), "a report", place)
        data, descriptors, _, _ = socket.recv_fds(journal, 1 << 20, 1)
    for descriptor in descriptors:
        with os.fdopen(descriptor, "rb") as memory:
            memory.seek(0)
            data += memory.read()
    fields = dict(line.split("=", 1) for line in data.decode().splitlines())

    assert fields["SYSLOG_IDENTIFIER"] == "tipstaff"
    assert json.loads(fields["TIPSTAFF_REPORT"])["number"] == 7
    assert bool(descriptors) == (size > 1_000_000)


def test_without_a_journal_the_error_says_what_to_do(tmp_path):
    with pytest.raises(AccessDeniedError) as raised:
        send_report(Document(number=1), "a report", str(tmp_path / "none"))

    assert "--report-log" in raised.value.remedy


def test_a_system_without_a_journal_says_which_log_there_is(monkeypatch):
    monkeypatch.setattr(report_log, "this_platform", lambda: "macos")

    with pytest.raises(AccessDeniedError) as raised:
        keep_report(Document(number=1), None, journal=True)

    assert "--report-log" in raised.value.expected


def test_a_system_that_reserves_no_space_takes_reports_all_the_same(log, monkeypatch):
    monkeypatch.delattr(os, "posix_fallocate")

    append_report(log, Document(number=1))

    assert [1] == numbers(log)
