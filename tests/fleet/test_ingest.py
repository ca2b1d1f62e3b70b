"""Reports become runs of a store, each once, whatever they come as and in whatever order."""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.fleet.fleet_reports import SHAPES, START, lines, report
from tipstaff_fleet.engines.embedded import open_embedded, open_store
from tipstaff_fleet.errors import BadStoreError, NewerStoreError, StoreBusyError
from tipstaff_fleet.ingest import batch as batches
from tipstaff_fleet.ingest import ingest as ingesting
from tipstaff_fleet.ingest import sources
from tipstaff_fleet.ingest.ingest import ingest
from tipstaff_fleet.store.rows import copy_rows
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import REJECTED as OF_REJECTED
from tipstaff_reports.formats.ocsf import render as render_ocsf
from tipstaff_reports.model import as_audit
from tipstaff_schemas.saved import read_saved

NOW = START + 86_400
DIFFERS_BY_ORDER = ("run_seq",)
KILLS = int(os.environ.get("TIPSTAFF_FLEET_KILLS", "5"))


def take(folder, *documents, name="reports.ndjson", **options):
    """Ingest documents that are given as bytes, and return the store and what came of it."""
    source = folder / name
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(b"".join(documents))
    store = Store(str(folder / "store"))
    return store, ingest(store, [str(source)], now_s=NOW, **options)


def rows(store, question):
    """Return the rows of a question to a store."""
    with open_store(store) as opened:
        return opened.ask(question)


def runs(store):
    """Return all of a store that does not depend on the order in which it came."""
    return rows(
        store,
        "SELECT r.host_id, r.user_name, r.client, r.run_id, r.seen_s, r.content, r.compliant, "
        "count(f.check_id) FROM runs r LEFT JOIN findings f USING (set_id) "
        "GROUP BY ALL ORDER BY ALL",
    )


HOW_IT_STANDS = {
    "compliant-chatgpt": (1, ""),
    "wrong-workspace": (0, ""),
    "broken-credential": (-1, "auth.json"),
    "malformed-policy": (0, ""),
}


@pytest.mark.parametrize(("name", "stands"), HOW_IT_STANDS.items(), ids=HOW_IT_STANDS)
@pytest.mark.parametrize("form", ["json", "ocsf"])
def test_a_host_of_which_nothing_fails_and_not_all_was_judged_does_not_fail(
    name, stands, form, tmp_path
):
    data = json.dumps(report("one", name=name)).encode()
    if form == "ocsf":
        data = render_ocsf(as_audit(read_saved(data, "report"))).encode()
    store, _ = take(tmp_path, data)

    ((compliant, reason),) = rows(store, "SELECT compliant, reason FROM runs")

    assert stands[0] == compliant
    assert stands[1] in reason


def rejected(store):
    return rows(store, "SELECT why FROM rejected ORDER BY why")


def test_a_report_is_one_run_with_all_of_its_findings(tmp_path):
    one = report("ws-1", name="wrong-workspace")
    store, found = take(tmp_path, lines(one))

    assert found.runs == 1
    assert rows(store, "SELECT host_id, host_name, user_name, client, image FROM runs") == [
        ("name:ws-1", "ws-1", "ann", "codex", 0)
    ]
    assert sorted(
        rows(store, "SELECT check_id, subject, status, severity FROM findings")
    ) == sorted(
        (finding["check"], finding["subject"], finding["status"], finding["severity"])
        for finding in one["findings"]
    )


def test_what_is_ingested_twice_is_there_once(tmp_path):
    documents = lines(report("ws-1"), report("ws-2", name="wrong-workspace"))
    store, _ = take(tmp_path, documents)
    before = runs(store)
    _, again = take(tmp_path, documents, name="copy.ndjson")

    assert (again.runs, again.known) == (0, 2)
    assert runs(store) == before


def test_a_run_that_stands_twice_in_one_file_is_there_once(tmp_path):
    store, found = take(tmp_path, lines(report("ws-1"), report("ws-1")))

    assert (found.runs, found.known) == (1, 1)
    assert len(runs(store)) == 1


def test_of_two_reports_of_one_run_that_differ_the_first_stays_and_it_is_said(tmp_path):
    store, _ = take(tmp_path, lines(report("ws-1", name="wrong-workspace", run="r")))
    before = runs(store)
    _, found = take(tmp_path, lines(report("ws-1", run="r")), name="edited.ndjson")

    assert found.conflicts == 1
    assert runs(store) == before


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(SHAPES)),
        min_size=1,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_and_the_parts_in_which_reports_come_change_nothing(
    tmp_path_factory, chosen, chance
):
    unique = {(host, day): name for host, day, name in chosen}
    documents = [
        lines(report(f"ws-{host}", at=day * 3600, name=name))
        for (host, day), name in unique.items()
    ]
    whole, _ = take(tmp_path_factory.mktemp("whole"), *documents)
    chance.shuffle(documents)
    apart = tmp_path_factory.mktemp("apart")
    cut = chance.randint(0, len(documents))
    take(apart, *documents[:cut], name="late.ndjson")
    store, _ = take(apart, *documents[cut:], *documents[: cut // 2])

    assert runs(store) == runs(whole)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("reports.ndjson", bytes),
        ("reports.ndjson.gz", gzip.compress),
        ("reports.ndjson.zst", zstandard.ZstdCompressor().compress),
        ("packed-without-a-name.ndjson", gzip.compress),
    ],
)
def test_packed_files_are_read_by_what_they_hold(tmp_path, name, pack):
    store, _ = take(tmp_path, pack(lines(report("ws-1"), report("ws-2"))), name=name)

    assert len(runs(store)) == 2


def test_two_packed_members_in_one_file_are_both_read(tmp_path):
    packed = [zstandard.ZstdCompressor().compress(lines(report(host))) for host in ("a", "b")]
    store, _ = take(tmp_path, *packed, name="both.ndjson.zst")

    assert len(runs(store)) == 2


def test_a_document_over_many_lines_is_one_report(tmp_path):
    store, _ = take(tmp_path, json.dumps(report("ws-1"), indent=2).encode(), name="one.json")

    assert len(runs(store)) == 1


def test_a_folder_is_searched_for_files_that_are_named_as_reports_are(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a.json").write_bytes(lines(report("a")))
    (tmp_path / "in" / "deep" / "b.ndjson.gz").write_bytes(gzip.compress(lines(report("b"))))
    (tmp_path / "in" / "notes.txt").write_text("nothing of ours")
    store = Store(str(tmp_path / "store"))
    ingest(store, [str(tmp_path / "in")], now_s=NOW)

    assert [row[0] for row in runs(store)] == ["name:a", "name:b"]
    assert rejected(store) == []


def test_a_pattern_finds_files_at_any_depth(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "b.ndjson").write_bytes(lines(report("b")))
    store = Store(str(tmp_path / "store"))
    ingest(store, [str(tmp_path / "in" / "**" / "*.ndjson")], now_s=NOW)

    assert len(runs(store)) == 1


def test_events_and_json_of_the_same_run_are_one_run(tmp_path):
    one = lines(report("ws-1", name="wrong-workspace"))
    events = render_ocsf(as_audit(read_saved(one, "one")))
    store, _ = take(tmp_path, events.encode(), name="events.json")
    _, again = take(tmp_path, one)

    assert (again.runs, again.known, again.conflicts) == (0, 1, 0)
    assert len(runs(store)) == 1


def test_events_one_a_line_are_put_together_into_runs(tmp_path):
    made = [report("ws-1", name="wrong-workspace"), report("ws-2")]
    events = [
        event
        for one in made
        for event in json.loads(render_ocsf(as_audit(read_saved(lines(one), "-"))))
    ]
    store, _ = take(tmp_path, lines(*events))
    whole, _ = take(tmp_path / "whole", lines(*made))

    assert runs(store) == runs(whole)


def enforcement(host, **changes):
    """Return the report of an enforcement as a JSON object."""
    one = report(host)
    same = ("schema_version", "tool", "run", "client", "sign_in", "decision")
    return (
        {name: one[name] for name in same}
        | {
            "steps": [{}],
            "revocations": [],
            "sign_in_after": one["sign_in"],
            "note": "logged out",
            "dry_run": False,
            "exit_code": 10,
        }
        | changes
    )


def test_an_enforcement_is_an_action_and_no_run(tmp_path):
    store, found = take(tmp_path, lines(enforcement("ws-1"), enforcement("ws-1")))

    assert (found.actions, found.runs, found.rejected) == (1, 0, 0)
    assert rows(store, "SELECT host_id, exit_code, steps, note FROM actions") == [
        ("name:ws-1", 10, 1, "logged out")
    ]


@pytest.mark.parametrize("field", ["TIPSTAFF_REPORT", "message", "log"])
def test_a_report_inside_a_shippers_line_is_found(tmp_path, field):
    inner = lines(report("ws-1")).decode()
    store, _ = take(tmp_path, lines({field: inner, "_PID": "7", "host": "ws-1"}))

    assert [row[0] for row in runs(store)] == ["name:ws-1"]


def test_the_case_of_a_hosts_name_makes_no_other_host(tmp_path):
    store, _ = take(tmp_path, lines(report("WS-1"), report("ws-1", at=60)))

    assert {row[0] for row in runs(store)} == {"name:ws-1"}


def test_a_report_of_an_image_is_marked(tmp_path):
    store, _ = take(tmp_path, lines(report("ws-1", system_root="/images/ws-1")))

    assert rows(store, "SELECT image FROM runs") == [(1,)]


def test_a_user_of_whom_a_root_run_made_no_report_cannot_be_told(tmp_path):
    one = report("ws-1")
    user = {"user": "bob", "uid": 1001, "home": "/home/bob", "exit_code": 4}
    whole = {
        "schema_version": "1",
        "tool": one["tool"],
        "host": one["run"]["host"],
        "started_at": one["run"]["started_at"],
        "finished_at": one["run"]["finished_at"],
        "unseen": [],
        "exit_code": 4,
        "users": [
            user | {"outcome": "failed", "reason": "took longer than 60 s", "report": None},
            user | {"user": "ann", "outcome": "judged", "reason": "", "report": one},
            user | {"user": "daemon", "outcome": "skipped", "reason": "", "report": None},
        ],
    }
    store, _ = take(tmp_path, lines(whole))

    assert rows(store, "SELECT user_name, compliant, reason FROM runs ORDER BY 1 DESC")[0] == (
        "bob",
        -1,
        "took longer than 60 s",
    )
    assert len(runs(store)) == 2


REJECTED = {
    "no JSON, or cut off": b'{"schema_version":"1","tool":{"name":"tipst\n',
    "lacks a field": b'{"schema_version":"1"}\n',
    "value of another kind": lines(report("ws-1") | {"findings": "none"}),
    "written by schema 2": lines(report("ws-1") | {"schema_version": "2"}),
    "more than a day in the future": lines(report("ws-1", at=3 * 86_400)),
    "before 2020": lines(report("ws-1", finished_at="1970-01-01T00:00:00Z")),
    "does not say when": lines(report("ws-1", finished_at="yesterday")),
    "in which time zone": lines(report("ws-1", finished_at="2026-11-24T00:00:00")),
    "message that holds no report": b'{"message":"starting up","host":"ws-1"}\n',
    "no report of a user": b'{"host":"ws-9","user":"ann","reason":"unreachable"}\n',
}


@pytest.mark.parametrize("why", REJECTED)
def test_what_is_no_report_is_kept_aside_with_the_reason(tmp_path, why):
    store, found = take(tmp_path, lines(report("good")), REJECTED[why], lines(report("also-good")))

    assert found.rejected == 1
    assert why in rejected(store)[0][0]
    assert [row[0] for row in runs(store)] == ["name:also-good", "name:good"]


def test_a_rejected_document_is_counted_once(tmp_path):
    take(tmp_path, b"broken\n")
    store, found = take(tmp_path, b"broken\n", name="again.ndjson")

    assert found.rejected == 0
    assert len(rejected(store)) == 1


def test_a_reason_quotes_nothing_of_a_rejected_document(tmp_path):
    secret = "sk-" + "proj-canary"
    store, _ = take(tmp_path, f'{{"schema_version":"{secret}","tool":"{secret}"}}\n'.encode())

    assert secret not in rejected(store)[0][0]


def test_a_file_that_is_cut_off_keeps_what_could_be_read(tmp_path):
    packed = gzip.compress(lines(*(report(f"ws-{n}") for n in range(40))))
    store, found = take(tmp_path, packed[: len(packed) // 2], name="cut.ndjson.gz")

    assert found.rejected >= 1
    assert 0 < len(runs(store)) < 40


def test_hostile_names_are_kept_as_they_are_but_for_nul(tmp_path):
    name = "ws-'); DROP TABLE runs; --\x1b[2J\u202e\x00end"
    store, _ = take(tmp_path, lines(report(name)))

    assert rows(store, "SELECT host_name FROM runs") == [
        (name.casefold().replace("\x00", "\u2400"),)
    ]


def test_a_store_of_a_newer_release_is_left_alone(tmp_path):
    store, _ = take(tmp_path, lines(report("ws-1")))
    newest = max((tmp_path / "store").glob("manifest-*.json"))
    document = json.loads(newest.read_text())
    newest.write_text(json.dumps(document | {"format": 99}))

    with pytest.raises(NewerStoreError, match="format 99"):
        take(tmp_path, lines(report("ws-2")))
    with pytest.raises(NewerStoreError), open_store(store):
        pass


def test_a_manifest_that_is_cut_off_is_an_error_and_loses_nothing(tmp_path):
    store, _ = take(tmp_path, lines(report("ws-1")))
    newest = max((tmp_path / "store").glob("manifest-*.json"))
    whole = newest.read_bytes()
    newest.write_bytes(whole[:40])
    with pytest.raises(BadStoreError, match="no manifest, or cut off"):
        take(tmp_path, lines(report("ws-2")))
    newest.write_bytes(whole)

    assert len(runs(store)) == 1


def test_a_second_writer_is_told_who_writes(tmp_path):
    store, _ = take(tmp_path, lines(report("ws-1")))
    with store.write(), pytest.raises(StoreBusyError, match=f"process {os.getpid()}"):
        take(tmp_path, lines(report("ws-2")))


def test_files_stay_while_somebody_reads(tmp_path, monkeypatch):
    monkeypatch.setattr("tipstaff_fleet.ingest.compaction.MOST_SMALL", 1)
    store, _ = take(tmp_path, lines(report("ws-1")))
    with open_store(store) as opened:
        take(tmp_path, lines(report("ws-2")))
        take(tmp_path, lines(report("ws-3")))

        assert opened.ask("SELECT count(*) FROM runs") == [(1,)]
    take(tmp_path, lines(report("ws-4")))
    assert len(runs(store)) == 4


def test_small_files_of_a_day_become_one(tmp_path, monkeypatch):
    monkeypatch.setattr("tipstaff_fleet.ingest.compaction.MOST_SMALL", 2)
    for number in range(4):
        store, _ = take(tmp_path, lines(report(f"ws-{number}", name=SHAPES[number])))
    with store.read() as manifest:
        names = [file.table for file in manifest.files]

    assert names.count("runs") <= 3
    assert len(runs(store)) == 4


FEW_AND_SMALL = (
    """
import sys
from tipstaff_fleet.ingest import batch, ingest as ingesting
from tipstaff_fleet.store.rows import copy_rows
from tipstaff_fleet.store.store import Store
from tipstaff_fleet.tables import REJECTED as OF_REJECTED
from tipstaff_reports.formats.ocsf import render as render_ocsf
from tipstaff_reports.model import as_audit
from tipstaff_schemas.saved import read_saved
batch.SIZE, ingesting.TASK_BYTES = 40, 600_000
if __name__ == "__main__":
    found = ingesting.ingest(
        Store(sys.argv[1]), sys.argv[2:], now_s=%d, processes=2, wait_s=120)
    print(found.runs)
"""
    % NOW
)


def start_ingest(folder, store, *sources):
    program = folder / "ingest.py"
    program.write_text(FEW_AND_SMALL)
    return subprocess.Popen(
        [sys.executable, program, store, *sources], stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def write_many(folder, files=6, per_file=40):
    paths = []
    for number in range(files):
        path = folder / f"part-{number}.ndjson"
        made = (
            report(f"ws-{number}-{host}", name=SHAPES[host % len(SHAPES)])
            for host in range(per_file)
        )
        path.write_bytes(lines(*made))
        paths.append(str(path))
    return paths


@pytest.mark.rest
def test_killed_at_any_moment_nothing_is_lost_or_doubled(tmp_path):
    sources = write_many(tmp_path)
    started = time.monotonic()
    whole = str(tmp_path / "whole")
    start_ingest(tmp_path, whole, *sources).communicate()
    lasted = time.monotonic() - started
    expected = runs(Store(whole))
    chance = random.Random(1)
    counts = set()
    store = str(tmp_path / "store")
    for number in range(KILLS):
        if number % 3 == 0:
            shutil.rmtree(store, ignore_errors=True)
        killed = start_ingest(tmp_path, store, *sources)
        time.sleep(chance.uniform(0.1, 1.1) * lasted)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        killed.stdout.close()
        found = (
            runs(Store(store)) if os.path.exists(f"{store}/readers") and _is_begun(store) else []
        )
        counts.add(len(found))

        assert len(found) == len(set(found))
        assert set(found) <= set(expected)
    start_ingest(tmp_path, store, *sources).communicate()

    assert runs(Store(store)) == expected
    assert len(counts) > 1


def _is_begun(store):
    return any(name.startswith("manifest-") for name in os.listdir(store))


def test_two_ingests_at_once_are_as_good_as_one_after_the_other(tmp_path):
    sources = write_many(tmp_path, files=3)
    store = str(tmp_path / "store")
    both = [start_ingest(tmp_path, store, *sources[at:]) for at in (0, 1)]
    added = [int(process.communicate()[0]) for process in both]

    assert sum(added) == 120
    assert len(runs(Store(store))) == 120


def test_the_same_reports_in_two_files_at_once_count_once(tmp_path):
    sources = write_many(tmp_path, files=3)
    copies = []
    for source in sources:
        copies.append(source.replace("part-", "copy-"))
        shutil.copy(source, copies[-1])
    store = str(tmp_path / "store")
    done = start_ingest(tmp_path, store, *sources, *copies)

    assert int(done.communicate()[0]) == 120
    assert len(runs(Store(store))) == 120


def test_a_large_file_is_read_in_pieces_and_every_line_once(tmp_path, monkeypatch):
    monkeypatch.setattr("tipstaff_fleet.ingest.sources.PIECE", 30_000)
    monkeypatch.setattr(ingesting, "TASK_BYTES", 30_000)
    monkeypatch.setattr(batches, "SIZE", 7)
    store, found = take(
        tmp_path, lines(*(report(f"ws-{n}") for n in range(25))), b"broken", processes=1
    )

    assert found.runs == 25
    assert found.rejected == 1
    assert len(runs(store)) == 25


ON_A_FULL_DISK = """
mount -t tmpfs -o size=1m none "$1"
shift
exec "$@"
"""


def test_a_full_disk_is_an_error_and_the_store_stays_as_it_was(tmp_path):
    apart = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
    disk = tmp_path / "disk"
    disk.mkdir()
    sources = write_many(tmp_path, files=30, per_file=150)
    program = tmp_path / "fill.py"
    program.write_text(
        "import sys\n"
        "from tipstaff_fleet.errors import BadStoreError\n"
        "from tipstaff_fleet.engines.embedded import open_store\n"
        "from tipstaff_fleet.ingest import batch, ingest as ingesting\n"
        "from tipstaff_fleet.store.store import Store\n"
        "batch.SIZE = 150\n"
        "store = Store(sys.argv[1] + '/store')\n"
        "count = lambda: open_store(store)\n"
        "try:\n"
        f"    ingesting.ingest(store, sys.argv[2:], now_s={NOW}, processes=1)\n"
        "except BadStoreError as error:\n"
        "    print(error.what)\n"
        "with open_store(store) as opened:\n"
        "    print(opened.ask('SELECT count(*), count(DISTINCT run_key) FROM runs'))\n"
    )
    done = subprocess.run(
        [*apart, "sh", "-ec", ON_A_FULL_DISK, "sh", disk, sys.executable, program, disk, *sources],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said, counted = done.stdout.splitlines()

    assert "space" in said.lower()
    assert counted.startswith("[(")
    assert eval(counted)[0][0] == eval(counted)[0][1] > 0


def children_of(process):
    with open(f"/proc/{process}/task/{process}/children") as opened:
        return [int(number) for number in opened.read().split()]


def is_running(process):
    try:
        with open(f"/proc/{process}/stat") as opened:
            return opened.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(is_so, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_processes_that_read_end_when_the_one_that_began_them_is_killed(tmp_path):
    started = start_ingest(tmp_path, str(tmp_path / "store"), *write_many(tmp_path))
    wait_until(lambda: len(children_of(started.pid)) > 2)  # with what tracks their resources
    children = children_of(started.pid)

    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    started.stdout.close()

    wait_until(lambda: not any(map(is_running, children)))


SOME = 40 << 20


@pytest.mark.parametrize(
    ("pieces", "groups"),
    [
        pytest.param(1, 1, id="one"),
        pytest.param(3, 1, id="what one process reads at once"),
        pytest.param(24, 14, id="many"),
    ],
)
def test_the_last_groups_are_small_so_that_all_end_at_about_the_same_time(pieces, groups):
    given_pieces = [sources.Piece(f"{n}", 0, None, SOME) for n in range(pieces)]

    tasks = ingesting._tasks(given_pieces, 7)

    assert [piece for task in tasks for piece in task.pieces] == given_pieces
    assert len(tasks) == groups
    assert len(tasks[-1].pieces) <= len(tasks[0].pieces)


@pytest.mark.parametrize("home", ["pass", "/home/ann"])
def test_a_home_that_is_another_word_of_a_report_mixes_up_no_findings(home, tmp_path):
    reports = [report("a"), report("b", name="api-key-under-chatgpt-only")]
    for made in reports:
        made["state"]["home"] = home
        made["findings"][0]["status"] = "pass"
    reports[1]["findings"][0]["status"] = reports[1]["state"]["home"] = "fail"
    reports[1]["findings"][1:] = reports[0]["findings"][1:]

    store, _ = take(tmp_path, lines(*reports))

    found = rows(store, "SELECT status, count(*) FROM findings WHERE status = 'fail' GROUP BY 1")
    assert found == [("fail", 1)]


def test_a_group_of_rows_takes_some_megabytes_however_large_its_rows(tmp_path):
    with open_embedded(str(tmp_path), memory="300MB", threads=1) as database:
        query = (
            "SELECT CAST(n AS VARCHAR) AS reject_key, '' AS source, '' AS place, '' AS why, "
            "0 AS size, repeat(md5(CAST(n AS VARCHAR)), 2000) AS data FROM range(5000) AS r(n)"
        )
        file = copy_rows(database, str(tmp_path), OF_REJECTED, query)
        (groups,) = database.execute(
            f"SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{tmp_path}/{file.path}')"
        ).fetchone()

    assert groups > 4


def test_a_batch_is_full_by_its_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "BYTES", 100_000)
    bad = b"".join(b'{"x":"%05d%s"}\n' % (number, b"x" * 30_000) for number in range(12))

    store, found = take(tmp_path, bad)

    with store.read() as manifest:
        assert len(manifest.of_table("rejected")) > 2
    assert found.rejected == 12
