"""Events for a security lake: a line each, in a folder a day, and the same when made again."""

import json

import pytest
import zstandard

from support.fleet.fleet_reports import START, lines, report
from tipstaff_fleet.answers.lake import list_days, write_day
from tipstaff_fleet.engines.embedded import open_store
from tipstaff_fleet.ingest.ingest import ingest
from tipstaff_fleet.store.store import Store

DAY, NEXT_DAY = 20261130, 20261201


@pytest.fixture
def store(tmp_path):
    source = tmp_path / "reports.ndjson"
    source.write_bytes(
        lines(
            report("ws-1", name="wrong-workspace"),
            report("ws-2"),
            report("ws-1", at=86_400, name="wrong-workspace"),
            report("image", name="wrong-workspace", system_root="/images/1"),
        )
    )
    made = Store(str(tmp_path / "store"))
    ingest(made, [str(source)], now_s=START + 86_400)
    return made


def events(store, folder, day=DAY, *, everything=False):
    with open_store(store) as engine:
        written = write_day(engine, str(folder), day, everything=everything)
    with open(written.path, "rb") as opened:
        data = zstandard.ZstdDecompressor().stream_reader(opened).read()
    return [json.loads(line) for line in data.splitlines()]


def test_every_day_with_reports_of_live_hosts_is_listed(store):
    with open_store(store) as engine:
        assert list_days(engine, 0, 99_999_999) == [DAY, NEXT_DAY]
        assert list_days(engine, NEXT_DAY, NEXT_DAY) == [NEXT_DAY]


def test_open_findings_of_live_hosts_are_events(store, tmp_path):
    found = events(store, tmp_path / "lake")

    assert {event["device"]["hostname"] for event in found} <= {"ws-1", "ws-2"}
    assert "TIP102" in {event["compliance"]["control"] for event in found}
    assert {event["compliance"]["status"] for event in found} <= {"Fail", "Unknown"}


def test_with_all_what_passed_is_an_event_too(store, tmp_path):
    found = events(store, tmp_path / "lake", everything=True)

    assert "Pass" in {event["compliance"]["status"] for event in found}
    assert len(found) == sum(len(report(host)["findings"]) for host in ("a", "b"))


def test_a_day_that_is_written_again_is_the_same(store, tmp_path):
    first = events(store, tmp_path / "lake")

    assert events(store, tmp_path / "lake") == first
    assert len({event["metadata"]["uid"] for event in first}) == len(first)


def test_the_same_finding_of_another_run_is_another_event_of_one_finding(store, tmp_path):
    first = events(store, tmp_path / "lake")
    later = events(store, tmp_path / "lake", NEXT_DAY)

    assert {event["finding_info"]["uid"] for event in later} <= {
        event["finding_info"]["uid"] for event in first
    }
    assert not {event["metadata"]["uid"] for event in later} & {
        event["metadata"]["uid"] for event in first
    }


def test_nothing_half_written_lies_in_the_lake(store, tmp_path):
    events(store, tmp_path / "lake")

    assert [path.name for path in (tmp_path / "lake").iterdir()] == [f"eventDay={DAY}"]
