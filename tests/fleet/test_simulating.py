"""`tipstaff fleet simulate` as an administrator and a pipeline use it."""

import json
import time

import pytest

from support.artefacts.policies import ROOT
from support.fleet.fleets import DAY, HOSTS, METHODS, MINE, WORKSPACE, YOURS, Life, report
from support.machines.hosts import tipstaff
from tipstaff_fleet.ingest.ingest import ingest
from tipstaff_fleet.store.store import Store
from tipstaff_schemas.export import faults

NOW = int(time.time())
KEY, CHATGPT = "api-key-under-chatgpt-only", "compliant-chatgpt"
POLICY = METHODS + WORKSPACE + 'longest_age = "30d"\n'


def life(number, **changed):
    """Return the life of a user whose login was refreshed some time ago."""
    own = {
        "home": f"/home/u{number}", "user": f"u{number}", "host": f"lap-{number}",
        "host_id": f"{number:064x}", "uid": 1000 + number, "seen": NOW - DAY,
        "refreshed": NOW - (number % 50) * DAY, "expires": NOW + 400 * DAY,
    }  # fmt: skip
    return Life(**(own | changed))


def user_without_report(number):
    """Return the document of a root run that could not judge its one user."""
    host = {"id": f"{number:064x}", "name": f"lap-{number}", "os": "linux"}
    user = {"user": "eve", "home": "/home/eve", "outcome": "failed", "reason": "no rights", "report": None}  # fmt: skip
    return json.dumps(
        {
            "schema_version": "1",
            "tool": {"name": "tipstaff", "version": "0.1.0"},
            "host": host,
            "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - DAY)),
            "users": [user],
        }
    ).encode()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Return a folder with reports of a fleet, a store of the same and a policy."""
    folder = tmp_path_factory.mktemp("fleet")
    reports = [
        report(name, life(10 * n + k, workspace=(MINE, YOURS)[k % 2]), run=f"{n}-{k}", ended=NOW - DAY)
        for n, name in enumerate(HOSTS)
        for k in range(3)
    ]  # fmt: skip
    folder.joinpath("reports.ndjson").write_bytes(b"\n".join(reports) + b"\n")
    units = "".join(f"lap-{n},{('sales', 'works')[n % 2]}\n" for n in range(30))
    folder.joinpath("hosts.csv").write_text(f"host,unit\n{units}")
    folder.joinpath("policy.toml").write_text(ROOT + POLICY)
    ingest(Store(str(folder / "store")), [str(folder / "reports.ndjson")], processes=1)
    return folder


def simulate(folder, *words, policy=None):
    return tipstaff(
        "fleet", "simulate", policy or folder / "policy.toml", "--store", folder / "store", *words
    )


def document(folder, *words, **options):
    done = simulate(folder, "--format", "json", *words, **options)
    assert "" == done.stderr
    return json.loads(done.stdout)


def store_of(folder, *reports):
    """Return a folder with a store of some reports, and the policy."""
    folder.joinpath("in.ndjson").write_bytes(b"\n".join(reports) + b"\n")
    folder.joinpath("policy.toml").write_text(ROOT + POLICY)
    ingest(Store(str(folder / "store")), [str(folder / "in.ndjson")], processes=1)
    return folder


def counts(found):
    return {
        outcome["outcome"]: outcome["count"] for outcome in found["outcomes"] if outcome["count"]
    }


def lines(path):
    found = map(json.loads, path.read_text().splitlines())
    return {(line["host"], line["user"]): line["result"] for line in found}


def test_every_user_ends_as_by_policy_simulate_and_in_the_same_words(fleet, tmp_path):
    policy = fleet / "policy.toml"
    own, other = tmp_path / "own", tmp_path / "other"

    simulate(fleet, "--each", own)
    tipstaff("policy", "simulate", policy, "--reports", fleet / "reports.ndjson", "--each", other)

    assert len(HOSTS) * 3 == len(lines(own))
    assert lines(other) == lines(own)


def test_the_document_keeps_to_its_schema(fleet):
    found = document(fleet, "--canary", "3", "--expect", fleet / "hosts.csv", "--max-log-outs", "1")

    assert [] == faults("fleet-simulation", found)
    assert 1 == found["exit_code"]


def test_the_units_of_the_list_add_up(fleet):
    found = document(fleet, "--expect", fleet / "hosts.csv")

    assert {"sales", "works", None} == {unit["unit"] for unit in found["units"]}
    assert found["simulated"] == sum(unit["users"] for unit in found["units"])
    assert counts(found)["log_out"] == sum(unit["log_out"] for unit in found["units"])


def test_the_reasons_add_up_and_what_is_new_is_told_from_what_is_so_today(fleet):
    (found,) = [
        outcome for outcome in document(fleet)["outcomes"] if outcome["outcome"] == "log_out"
    ]

    assert found["count"] == sum(reason["count"] for reason in found["reasons"]) + found["further"]
    assert found["new"] == sum(reason["count"] for reason in found["reasons"] if reason["is_new"])
    assert {True, False} == {reason["is_new"] for reason in found["reasons"]}


GATES = {
    "fewer than allowed": (("--max-log-outs", "100%"), 0, "ok  "),
    "more than allowed": (("--max-log-outs", "0"), 1, "STOP  "),
    "a share": (("--max-log-outs", "1%"), 1, "STOP  "),
    "no gate": ((), 0, ""),
}


@pytest.mark.parametrize(("words", "code", "start"), GATES.values(), ids=GATES)
def test_a_pipeline_stops_where_too_many_lose_the_sign_in(words, code, start, fleet):
    done = simulate(fleet, *words)

    assert (code, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith(start)


def test_those_of_whom_nobody_knows_count_unless_only_the_certain_do(tmp_path):
    folder = store_of(tmp_path, user_without_report(1), report(CHATGPT, life(2), ended=NOW - DAY))

    codes = [
        simulate(folder, "--max-log-outs", "0", *words).returncode for words in ((), ("--certain",))
    ]

    assert [1, 0] == codes


def test_a_user_without_a_report_is_unknown_and_told_why(tmp_path):
    found = document(store_of(tmp_path, user_without_report(1)))

    assert {"unknown": 1} == counts(found)
    assert 1 == found["unjudged"]
    assert "There is no report: no rights" == found["outcomes"][2]["reasons"][0]["why"]


def test_only_the_newest_run_of_a_user_counts(tmp_path):
    old = report(KEY, life(1), run="old", ended=NOW - 2 * DAY)
    new = report(CHATGPT, life(1), run="new", ended=NOW - DAY)

    found = document(store_of(tmp_path, new, old))

    assert 1 == found["simulated"]
    assert {"log_out": 1} != counts(found)


def test_silent_and_gone_hosts_and_images_stand_apart(tmp_path):
    found = document(
        store_of(
            tmp_path,
            report(CHATGPT, life(1), ended=NOW - DAY),
            report(KEY, life(2), ended=NOW - 10 * DAY),
            report(KEY, life(3), ended=NOW - 100 * DAY),
            report(KEY, life(4), ended=NOW - DAY, image="/images/a"),
        ),
        "--max-log-outs", "0",
    )  # fmt: skip

    silent = {
        outcome["outcome"]: outcome["silent"] for outcome in found["outcomes"] if outcome["silent"]
    }
    assert (1, 1, 1, 1) == (found["simulated"], found["silent"], found["gone"], found["images"])
    assert {"log_out": 1} == silent
    assert not found["gate"]["exceeded"]


def test_the_canaries_are_hosts_of_every_unit_and_the_largest_classes_first(tmp_path):
    folder = store_of(
        tmp_path,
        *(report(CHATGPT, life(2 * n, refreshed=NOW), run=str(n), ended=NOW - DAY) for n in range(3)),
        *(report(KEY, life(n), run=str(n), ended=NOW - DAY) for n in (11, 13)),
        report(CHATGPT, life(9, refreshed=NOW), run="9", ended=NOW - DAY),
    )  # fmt: skip
    folder.joinpath("hosts.csv").write_text("host,unit\nlap-9,works\nlap-11,sales\nlap-13,sales\n")

    found = document(folder, "--canary", "3", "--expect", folder / "hosts.csv")

    assert [4, 2, 4] == [canary["stands_for"] for canary in found["canaries"]]
    assert {None, "sales", "works"} == {canary["unit"] for canary in found["canaries"]}


def test_a_policy_that_becomes_harder_later_is_asked_about_that_day(tmp_path):
    folder = store_of(tmp_path, report(CHATGPT, life(2, refreshed=NOW), ended=NOW - DAY))
    folder.joinpath("policy.toml").write_text(
        ROOT + METHODS + WORKSPACE + "enforce_from = 2090-01-01\n"
    )

    found = document(folder, "--at", "2089-01-01")

    assert ["2090-01-01T00:00:00Z"] == found["later"]


WRONG = {
    "no store": (("--store", "/nowhere"), "/nowhere holds no store"),
    "no limit": (("--max-log-outs", "few"), "--max-log-outs 'few' is no limit"),
    "no moment": (("--at", "soon"), "--at 'soon' is not a date or time"),
}


@pytest.mark.parametrize(("words", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_by_its_name(words, told, fleet):
    done = simulate(fleet, *words)

    assert (2, "") == (done.returncode, done.stdout)
    assert told in done.stderr


def test_an_empty_store_is_nothing_to_simulate(tmp_path):
    folder = store_of(tmp_path, report(KEY, life(1), ended=NOW - DAY, image="/images/a"))

    assert 5 == simulate(folder).returncode
