"""`tipstaff fleet ingest`: the same store comes of the same reports, however they come."""

import gzip
import json
import subprocess
import sys

import pytest
import zstandard

from support.fleet.fleet_histories import API_KEY, CLEAN, DAY, NOON, lines, report
from support.machines.hosts import tipstaff

AT = "2026-11-24T13:00:00Z"
WEEK = [
    report(f"host-{number}", NOON - day * DAY, CLEAN) for number in range(3) for day in range(4)
]


def ingest(store, *sources, **options):
    return tipstaff("fleet", "ingest", *sources, "--store", store, **options)


def answer(store):
    done = tipstaff("fleet", "report", "--store", store, "--at", AT, "--format", "json")
    return json.loads(done.stdout)


def rejected(store):
    done = tipstaff("fleet", "rejected", "--store", store, "--format", "json")
    return [entry["why"] for entry in json.loads(done.stdout)["entries"]]


def test_the_same_reports_a_second_time_change_nothing(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(lines(WEEK))

    first, second = (ingest(tmp_path / "store", tmp_path / "a.ndjson") for _ in range(2))

    assert "12 reports added, 0 already there\n" == first.stdout
    assert "0 reports added, 12 already there\n" == second.stdout


def test_late_reports_give_the_same_answer_as_reports_in_time(tmp_path):
    for name, reports in {"late": WEEK[:5], "new": WEEK[5:], "all": WEEK}.items():
        (tmp_path / f"{name}.ndjson").write_bytes(lines(reports))
    ingest(tmp_path / "whole", tmp_path / "all.ndjson")
    ingest(tmp_path / "parts", tmp_path / "new.ndjson")
    ingest(tmp_path / "parts", tmp_path / "late.ndjson", tmp_path / "all.ndjson")

    assert answer(tmp_path / "whole") == answer(tmp_path / "parts")


def test_another_report_of_the_same_run_is_a_conflict_and_the_first_one_stays(tmp_path):
    first = report("a", NOON, API_KEY, run_id="one")
    second = report("a", NOON, CLEAN, run_id="one")
    for name, report_bytes in {"1": first, "2": second}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(report_bytes))
    ingest(tmp_path / "store", tmp_path / "1.json")

    done = ingest(tmp_path / "store", tmp_path / "2.json")

    assert (1, True) == (done.returncode, "1 contradict" in done.stdout)
    assert 1 == answer(tmp_path / "store")["hosts"]["fails"]


HALF = json.dumps(report("a", NOON, CLEAN))[:900]
NEWER = {**report("a", NOON, CLEAN), "schema_version": "99"}
WRONG = {
    "half of a report": (HALF, "is no JSON, or cut off"),
    "a newer schema": (
        json.dumps(NEWER),
        "is written by schema 99, which this release cannot read",
    ),
    "a clock in the future": (
        json.dumps(report("a", 2**32, CLEAN)),
        "ended more than a day in the future: a wrong clock",
    ),
    "a clock that was never set": (
        json.dumps(report("a", 1000, CLEAN)),
        "ended before 2020: a wrong clock",
    ),
    "no report": ('{"hello": 1}', "is no report of this schema"),
    "a number": ("17", "is no report of this schema"),
}


@pytest.mark.parametrize(("text", "why"), WRONG.values(), ids=WRONG)
def test_a_document_that_cannot_be_counted_is_rejected_and_the_others_are_kept(tmp_path, text, why):
    good = lines([report("b", NOON, CLEAN)]).decode()
    (tmp_path / "a.ndjson").write_text(f"{good}{text}\n{good}")

    done = ingest(tmp_path / "store", tmp_path / "a.ndjson")

    assert 1 == done.returncode
    assert [True] == [reason.startswith(why) for reason in rejected(tmp_path / "store")]
    document = answer(tmp_path / "store")
    assert (1, 1) == (document["hosts"]["hosts"], document["rejected"])


def test_a_rejected_document_is_kept_once_however_often_it_comes(tmp_path):
    (tmp_path / "a.ndjson").write_text("{\n")
    for _ in range(2):
        ingest(tmp_path / "store", tmp_path / "a.ndjson")

    assert 1 == len(rejected(tmp_path / "store"))


def test_a_host_in_another_case_is_the_same_host(tmp_path):
    reports = [report("Host-A", NOON - DAY, API_KEY), report("HOST-a", NOON, CLEAN)]
    (tmp_path / "a.ndjson").write_bytes(lines(reports))
    ingest(tmp_path / "store", tmp_path / "a.ndjson")

    assert (1, 1) == tuple(
        answer(tmp_path / "store")["hosts"][key] for key in ("hosts", "complies")
    )


def test_an_image_stands_apart_from_the_live_host_of_the_same_name(tmp_path):
    reports = [report("a", NOON - DAY, CLEAN), report("a", NOON, API_KEY, image="/mnt")]
    (tmp_path / "a.ndjson").write_bytes(lines(reports))
    ingest(tmp_path / "store", tmp_path / "a.ndjson")

    document = answer(tmp_path / "store")
    assert (1, 1) == (document["hosts"]["complies"], document["images"])
    assert [("a", "ada", False)] == [
        (entry["host"], entry["user"], entry["compliant"])
        for entry in document["image_list"]["entries"]
    ]


def test_a_root_run_is_a_report_of_each_user(tmp_path):
    reports = [
        report("a", NOON, found, user=user) for user, found in (("ada", CLEAN), ("bob", API_KEY))
    ]
    users = [
        {"user": document["run"]["user"], "home": "/home", "outcome": "audited", "reason": "", "report": document}
        for document in reports
    ]  # fmt: skip
    of_users = {
        "schema_version": "1",
        "tool": reports[0]["tool"],
        "host": reports[0]["run"]["host"],
        "finished_at": reports[0]["run"]["finished_at"],
        "users": users,
    }
    (tmp_path / "a.json").write_text(json.dumps(of_users))

    done = ingest(tmp_path / "store", tmp_path / "a.json")

    assert "2 reports added, 0 already there\n" == done.stdout
    (failing,) = answer(tmp_path / "store")["failing"]["entries"]
    assert ("a", ["bob"]) == (failing["host"], failing["users"])


PACKED = {
    "plain": ("a.ndjson", bytes),
    "gzip": ("a.ndjson.gz", gzip.compress),
    "zstd": ("a.ndjson.zst", zstandard.compress),
    "gzip without the name": ("a.ndjson", gzip.compress),
}


@pytest.mark.parametrize(("name", "pack"), PACKED.values(), ids=PACKED)
def test_a_folder_is_read_whatever_its_files_are_packed_by(tmp_path, name, pack):
    (tmp_path / "in/deep").mkdir(parents=True)
    (tmp_path / "in/deep" / name).write_bytes(pack(lines(WEEK)))
    (tmp_path / "in/readme.txt").write_text("no report")

    assert (
        "12 reports added, 0 already there\n" == ingest(tmp_path / "store", tmp_path / "in").stdout
    )


def test_a_pattern_and_standard_input_are_read(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.ndjson").write_bytes(lines(WEEK[:6]))
    (tmp_path / "in/b.ndjson").write_bytes(lines(WEEK[6:]))

    pattern = ingest(tmp_path / "store", f"{tmp_path}/in/[a]*.ndjson")
    piped = subprocess.run(
        [sys.executable, "-m", "tipstaff_cli", "fleet", "ingest", "-", "--store", tmp_path / "store"],
        input=lines(WEEK), capture_output=True, check=False,
    )  # fmt: skip

    assert "6 reports added, 0 already there\n" == pattern.stdout
    assert b"6 reports added, 6 already there\n" == piped.stdout


def test_a_source_that_is_not_there_is_a_usage_error_and_makes_no_store(tmp_path):
    done = ingest(tmp_path / "store", tmp_path / "nothing")

    assert (2, False) == (done.returncode, (tmp_path / "store").exists())
