"""`tipstaff fleet report`, `diff`, `duplicates` and `rejected` as an auditor and a pipeline use them."""

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest
from markdown_it import MarkdownIt

from support.fleet.fleet_histories import (
    ACME_HOSTS,
    API_KEY,
    CLEAN,
    DAY,
    LOG_OPEN,
    NO_POLICY,
    NOON,
    UNTOLD,
    Finding,
    acme,
    lines,
    passes,
    report,
)
from support.machines.hosts import run, tipstaff
from tipstaff_reports.analysis.fleet_contradictions import fleet_contradictions
from tipstaff_schemas.export import faults
from tipstaff_schemas.saved_fleet import read_fleet

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/fleet.md"
AT = "2026-11-24T13:00:00Z"
SCREEN = 40


def stored(folder, reports):
    """Return a store that holds some reports."""
    source = folder / "in.ndjson"
    source.write_bytes(lines(reports))
    done = tipstaff("fleet", "ingest", source, "--store", folder / "store")
    assert 0 == done.returncode, done.stderr
    return folder / "store"


def asked(command, store, *words):
    return tipstaff("fleet", command, "--store", store, *words)


def answer(store, *words, command="report", at="--at"):
    """Return what a command writes as JSON; it must hold to its schema."""
    done = asked(command, store, at, AT, *words, "--format", "json")
    document = json.loads(done.stdout)
    assert [] == faults(f"fleet-{command}", document)
    return document


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return stored(tmp_path_factory.mktemp("acme"), acme())


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    path = tmp_path_factory.mktemp("expected") / "hosts.csv"
    path.write_text(ACME_HOSTS)
    return path


def test_the_auditor_sees_on_one_screen_who_fails_what_changed_and_who_vanished(store, hosts):
    page = asked("report", store, "--expect", hosts, "--at", AT, "--framework", "soc2").stdout
    diff = asked("diff", store, "--until", AT).stdout

    assert len(page.splitlines()) <= SCREEN
    failing = page.partition("hosts that fail\n")[2].splitlines()[:8]
    assert {"acme-01", "acme-04", "acme-05", "acme-09", "acme-10", "acme-11", "acme-12"} | {
        "acme-19"
    } == {line.split()[0] for line in failing}
    assert "3 worse, 1 better, 16 unchanged, 0 new, 0 gone" in diff.splitlines()[0]
    for line in ("acme-01 .*complies → fails  \\+TIP101", "acme-03 .*fails → complies  -TIP101"):
        assert re.search(line, diff)
    assert re.search(r"acme-20 .*complies → is silent", diff)
    assert re.search(r"acme-21 \(plant\)\s+never seen", page)


def test_the_page_in_the_manual_is_what_the_commands_write(store, hosts):
    manual = PAGE.read_text("utf-8")

    shown = dict(re.findall(r"<!-- (\w+) -->\n```text\n(.*?)```", manual, re.DOTALL))
    assert {
        "report": asked("report", store, "--expect", hosts, "--at", AT).stdout,
        "diff": asked("diff", store, "--until", AT).stdout,
        "duplicates": asked("duplicates", store, "--at", AT).stdout,
    } == shown


def test_names_of_expected_hosts_are_read_in_any_case_and_give_the_units(store, hosts):
    document = answer(store, "--expect", hosts)

    assert {"sales": (10, 5), "plant": (10, 3)} == {
        unit["unit"]: (unit["hosts"], unit["fails"]) for unit in document["units"]
    }
    assert {"expected": 21, "reporting": 20, "missing": 1, "unexpected": 0} == document["expected"]


def test_a_host_is_expected_by_its_id_too(tmp_path):
    store = stored(tmp_path, [report("one", NOON, CLEAN, host_id="AB" * 32)])
    (tmp_path / "hosts").write_text("# ours\n\n" + "ab" * 32 + "\n")

    assert 0 == answer(store, "--expect", tmp_path / "hosts")["missing"]["total"]


BAD_LISTS = {
    "no host": (b"host,unit\n,sales\n", ":2: names no host"),
    "nothing": (b"\n", "names no host"),
    "no text": (b"\xff\xfe", "is not UTF-8"),
    "two units": (b"a,sales\nA,plant\n", "stands in two units"),
}


@pytest.mark.parametrize(("data", "what"), BAD_LISTS.values(), ids=BAD_LISTS)
def test_a_list_of_hosts_that_cannot_be_used_is_a_usage_error(store, tmp_path, data, what):
    (tmp_path / "hosts").write_bytes(data)

    done = asked("report", store, "--expect", tmp_path / "hosts")

    assert (2, True) == (done.returncode, what in done.stderr)


EXITS = {
    "all comply": ([report("a", NOON, CLEAN)], (), 0),
    "one fails": ([report("a", NOON, CLEAN), report("b", NOON, API_KEY)], (), 1),
    "one is silent": ([report("a", NOON, CLEAN), report("b", NOON - 8 * DAY, CLEAN)], (), 4),
    "a silent one that failed": ([report("b", NOON - 8 * DAY, API_KEY)], (), 4),
    "one cannot tell": ([report("a", NOON, UNTOLD)], (), 4),
    "only failures count": ([report("a", NOON, UNTOLD)], ("--fail-on", "fails"), 0),
    "never": ([report("b", NOON, API_KEY)], ("--fail-on", "never"), 0),
    "new and failing is not worse": ([report("b", NOON, API_KEY)], ("--fail-on", "worse"), 0),
    "worse": (
        [report("b", NOON - 10 * DAY, CLEAN), report("b", NOON, API_KEY)],
        ("--fail-on", "worse"),
        1,
    ),
    "an image is no host": ([report("a", NOON, API_KEY, image="/mnt")], (), 5),
    "some checks only": ([report("a", NOON, CLEAN, selected=["TIP101"])], (), 5),
    "gone": ([report("a", NOON - 91 * DAY, CLEAN)], (), 5),
}


@pytest.mark.parametrize(("reports", "words", "code"), EXITS.values(), ids=EXITS)
def test_the_exit_code_tells_a_pipeline(tmp_path, reports, words, code):
    assert code == asked("report", stored(tmp_path, reports), "--at", AT, *words).returncode


def test_a_host_that_is_expected_and_missing_is_not_compliant(tmp_path):
    store = stored(tmp_path, [report("a", NOON, CLEAN)])
    (tmp_path / "hosts").write_text("a\nb\n")

    done = asked("report", store, "--at", AT, "--expect", tmp_path / "hosts")

    assert (4, "NOT FULLY CHECKED") == (done.returncode, done.stdout[:17])


def test_markdown_fits_an_issue_and_holds_nothing_but_tables(tmp_path):
    hostile = "<img src=x>|[a](b)@ada`" + "x" * 200
    reports = [report(f"{hostile}{number}", NOON, API_KEY) for number in range(400)]
    store = stored(tmp_path, reports)

    done = asked("report", store, "--at", AT, "--format", "md", "--limit", "1000")

    assert len(done.stdout) <= 65_536
    kinds = {token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(done.stdout)}
    assert not {"html_block", "fence", "bullet_list_open"} & kinds


def test_tables_hold_every_row_whatever_the_limit(store, tmp_path):
    done = asked(
        "report", store, "--at", AT, "--limit", "1",
        "--report", f"csv:{tmp_path}/csv", "--report", f"parquet:{tmp_path}/parquet",
    )  # fmt: skip

    with open(tmp_path / "csv/hosts.csv", newline="") as opened:
        rows = list(csv.DictReader(opened))
    read = duckdb.sql(f"SELECT host, standing FROM '{tmp_path}/parquet/hosts.parquet'").fetchall()
    assert 1 == done.returncode
    assert 20 == len(rows)
    assert [(row["host"], row["standing"]) for row in rows] == read
    assert {path.stem for path in (tmp_path / "csv").iterdir()} == {
        path.stem for path in (tmp_path / "parquet").iterdir()
    }


def read_csv(path):
    with open(path, newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_table_of_missing_hosts_is_not_cut(store, tmp_path):
    expected = tmp_path / "hosts.csv"
    expected.write_text("".join(f"absent-{number:02},sales\n" for number in range(12)))

    done = asked(
        "report", store, "--at", AT, "--limit", "3", "--expect", expected, "--format", "json",
        "--report", f"csv:{tmp_path}/csv",
    )  # fmt: skip

    found = json.loads(done.stdout)["missing"]
    assert (12, 3) == (found["total"], len(found["entries"]))
    assert [row["host"] for row in read_csv(tmp_path / "csv/missing.csv")] == [
        f"absent-{number:02}" for number in range(12)
    ]


def test_a_log_that_went_backwards_is_a_row_of_a_table(store, tmp_path):
    asked("report", store, "--at", AT, "--report", f"csv:{tmp_path}/csv")

    (row,) = read_csv(tmp_path / "csv/action_logs.csv")
    assert ("acme-02", "4", "12") == (row["host"], row["records"], row["records_before"])


def test_no_cell_of_a_table_is_a_formula(tmp_path):
    store = stored(tmp_path, [report("=cmd|'/c calc'!A1", NOON, API_KEY)])

    asked("report", store, "--at", AT, "--report", f"csv:{tmp_path}/csv")

    assert "\n'=cmd" in (tmp_path / "csv/hosts.csv").read_text().replace('"', "")


def test_a_name_cannot_move_the_cursor(tmp_path):
    store = stored(tmp_path, [report("a\x1b[2Jb", NOON, API_KEY)])

    assert "\x1b" not in asked("report", store, "--at", AT).stdout


def test_since_when_a_failure_stands_outlives_an_error(tmp_path):
    error = (Finding("TIP101", "error"),)
    found = [(5, CLEAN), (4, API_KEY), (3, error), (2, API_KEY), (0, API_KEY)]
    store = stored(
        tmp_path, [report("a", NOON - day * DAY, findings_of_day) for day, findings_of_day in found]
    )

    since = {entry["check"]: entry["since"][:10] for entry in answer(store)["failures"]["entries"]}
    assert {"TIP101": "2026-11-20", "TIP406": "2026-11-22"} == since


def test_an_expired_waiver_is_shown_as_ended(tmp_path):
    waived = Finding("TIP202", severity="high", waived_until=NOON + 600, waived=True)
    store = stored(tmp_path, [report("a", NOON, (waived,))])

    (waiver,) = answer(store)["waivers"]
    assert (True, 1, "TIP202") == (waiver["ended"], waiver["hosts"], waiver["check"])


def test_an_action_log_that_went_backwards_is_shown(tmp_path):
    logs = {"shorter": [(5, "a"), (3, "b")], "rewritten": [(5, "a"), (5, "c")], "grew": [(1, "a"), (2, "b")]}  # fmt: skip
    store = stored(
        tmp_path,
        [
            report(host, NOON - DAY + place * 60, CLEAN, log=log)
            for host, found in logs.items()
            for place, log in enumerate(found)
        ],
    )

    found = answer(store)["log_rollbacks"]["entries"]
    assert {"shorter": "shorter", "rewritten": "rewritten"} == {
        entry["host"]: entry["fault"] for entry in found
    }


def test_a_later_report_of_a_person_replaces_that_the_person_could_not_be_judged(tmp_path):
    host = {"id": None, "name": "a", "os": "linux"}
    user = {
        "user": "ada",
        "home": "/home/ada",
        "outcome": "failed",
        "reason": "busy",
        "report": None,
    }
    of_users = {
        **{part: report("a", NOON - DAY)[part] for part in ("schema_version", "tool")},
        "host": host,
        "finished_at": "2026-11-23T12:00:00.000Z",
    }
    (tmp_path / "a.ndjson").write_text(
        json.dumps({**of_users, "users": [user, {**user, "user": "bob"}]})
        + "\n"
        + json.dumps(report("a", NOON, CLEAN))
    )
    tipstaff("fleet", "ingest", tmp_path / "a.ndjson", "--store", tmp_path / "store")

    untold = answer(tmp_path / "store")["cannot_tell"]["entries"]
    assert [("bob", "busy")] == [(entry["user"], entry["why"]) for entry in untold]


def test_diff_says_what_else_is_another_one_than_before(tmp_path):
    before = {name: report(name, NOON - 10 * DAY, CLEAN) for name in ("host", "policy", "client")}
    now = {
        "host": report("host", NOON, API_KEY),
        "policy": report("policy", NOON, API_KEY, policy_version="8"),
        "client": report("client", NOON, API_KEY, client_version="0.172.0"),
    }
    store = stored(tmp_path, [*before.values(), *now.values()])

    moved = answer(store, command="diff", at="--until")["moved"]
    assert {
        "host": [("host", "", "")],
        "policy": [("policy", "acme 7", "acme 8")],
        "client": [("client", "codex 0.171.0", "codex 0.172.0")],
    } == {
        entry["names"][0]: [tuple(reason.values()) for reason in entry["because"]]
        for entry in moved
    }


def test_hosts_that_became_the_same_are_one_entry(tmp_path):
    names = [f"h{number:03}" for number in range(50)]
    store = stored(
        tmp_path,
        [report(name, NOON - day * DAY, found) for name in names for day, found in ((10, CLEAN), (0, API_KEY))],
    )  # fmt: skip

    done = asked("diff", store, "--until", AT)

    assert "h000, h001, h002 and 47 more" in done.stdout
    assert 3 == len(done.stdout.splitlines())


def test_a_login_on_two_hosts_is_found_by_its_fingerprint(store):
    document = answer(store, command="duplicates")

    (login,) = document["entries"]
    assert ["acme-06", "acme-07"] == [place["host"] for place in login["places"]]


def test_logins_without_a_fingerprint_are_counted(tmp_path):
    document = answer(stored(tmp_path, [report("a", NOON)]), command="duplicates")

    assert (0, 4) == (document["logins"], document["exit_code"])
    assert document["without_fingerprint"] == document["credentials"] > 0


def test_rejected_documents_are_shown_with_the_reason_and_their_data_when_asked(tmp_path):
    (tmp_path / "a.json").write_text('{"token": "sk-not-shown"')
    tipstaff("fleet", "ingest", tmp_path / "a.json", "--store", tmp_path / "store")

    shown = asked("rejected", tmp_path / "store")
    whole = asked("rejected", tmp_path / "store", "--data", "--format", "json")

    assert (1, True) == (shown.returncode, "is no JSON, or cut off" in shown.stdout)
    assert "sk-not-shown" not in shown.stdout
    assert [] == faults("fleet-rejected", json.loads(whole.stdout))
    assert "sk-not-shown" in json.loads(whole.stdout)["entries"][0]["data"]


@pytest.fixture(scope="module")
def signed(store, hosts, tmp_path_factory):
    """Return a folder with a signed page, its JSON and the key; and what verifies a file of it."""
    folder = tmp_path_factory.mktemp("signed")
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "audits", "-f", folder / "key"])
    files = [f"--report={form}:{folder / f'fleet.{form}'}" for form in ("json", "html", "md")]
    asked("report", store, "--expect", hosts, "--at", AT, *files, "--sign-key", folder / "key")
    return folder


def verified(folder, name):
    return tipstaff("report", "verify", folder / name, "--trusted-key", folder / "key.pub")


@pytest.mark.parametrize("form", ["json", "html", "md"])
def test_the_page_of_a_fleet_is_signed_and_verified(form, signed):
    done = verified(signed, f"fleet.{form}")

    assert 0 == done.returncode, done.stderr
    assert ("counted again: fleet-report" if form == "json" else "not read back") in done.stdout


EDITS = {
    "a host that fails no more": (lambda it: it["hosts"].update(fails=7, complies=12), "hosts.fails: is not the sum"),
    "a host that is left out": (lambda it: it["hosts"].update(hosts=19), "hosts.hosts: is not the sum"),
    "a failing host": (lambda it: it["failing"].update(total=7), "failing.total: is not how many"),
    "a missing host": (lambda it: it["missing"].update(total=0, entries=[]), "missing.total: is not"),
    "what changed": (lambda it: it["movement"].update(worse=0), "movement: is not that of all"),
    "an exit code": (lambda it: it["expected"].update(expected=20), "expected.expected: is not"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "said"), EDITS.values(), ids=EDITS)
def test_a_page_that_was_edited_before_it_was_signed_contradicts_itself(edit, said, signed):
    document = json.loads((signed / "fleet.json").read_text())
    edit(document)
    other = signed / "edited.json"
    other.write_text(json.dumps(document))
    (signed / "edited.json.sig").unlink(missing_ok=True)
    run(["ssh-keygen", "-q", "-Y", "sign", "-n", "tipstaff-report", "-f", signed / "key", other])

    done = verified(signed, "edited.json")

    assert 6 == done.returncode, done.stderr
    assert f"CONTRADICTS ITSELF  {said}" in done.stdout


def test_a_folder_of_tables_is_not_signed(store, signed):
    done = asked("report", store, f"--report=csv:{signed / 'csv'}", "--sign-key", signed / "key")

    assert 2 == done.returncode
    assert "--sign-key signs files, and no folder of tables" in done.stderr


@pytest.mark.parametrize("command", ["diff", "duplicates", "rejected", "report"])
def test_no_answer_about_a_fleet_contradicts_itself(command, store):
    at = {"diff": ("--until", AT), "rejected": ()}.get(command, ("--at", AT))
    data = asked(command, store, *at, "--format", "json").stdout.encode()

    name, document = read_fleet(data)

    assert f"fleet-{command}" == name
    assert [] == fleet_contradictions(document)


def test_a_day_until_which_hosts_are_compared_is_shown_as_it_was_given(store):
    done = asked("diff", store, "--since", "2026-11-17", "--until", "2026-11-22")

    assert done.stdout.splitlines()[0].endswith("from 2026-11-17 to 2026-11-22")


BEFORE = NOON - 8 * DAY
OF_BOTH = {
    "a host that begins to fail": (CLEAN, API_KEY, "worse", ["+TIP101", "+TIP406"]),
    "a host that fails in more": (LOG_OPEN, (*LOG_OPEN, *API_KEY), "worse", ["+TIP101", "+TIP406"]),
    "a host that fails in less": (API_KEY, API_KEY[:1], "better", ["-TIP406"]),
}


@pytest.mark.parametrize(("old", "new", "move", "marks"), OF_BOTH.values(), ids=OF_BOTH)
def test_a_host_with_two_clients_moves_for_a_reason(old, new, move, marks, tmp_path):
    reports = [
        report("one", at, findings, client=client)
        for at, of_codex in ((BEFORE, old), (NOON, new))
        for client, findings in (("codex", of_codex), ("claude", NO_POLICY))
    ]

    (moved,) = answer(stored(tmp_path, reports), command="diff", at="--until")["moved"]

    assert move == moved["move"]
    assert marks == [
        {"began": "+", "ended": "-"}[one["change"]] + one["check"] for one in moved["changes"]
    ]


def test_hosts_with_two_clients_that_moved_for_other_reasons_are_other_entries(tmp_path):
    reports = [
        report(host, at, findings, client=client)
        for host, causes in (("one", API_KEY), ("two", LOG_OPEN))
        for at in (BEFORE, NOON)
        for client, findings in (
            ("codex", causes if at == NOON else CLEAN),
            ("claude", passes("TIP101")),
        )
    ]

    moved = answer(stored(tmp_path, reports), command="diff", at="--until")["moved"]

    assert [["one"], ["two"]] == [entry["names"] for entry in moved]


def test_the_files_of_each_client_are_compared_with_its_own(tmp_path):
    reports = [
        report("one", at, findings, client=client, policy_files=client)
        for at, findings, clients in (
            (BEFORE, CLEAN, ("codex", "claude")),
            (NOON, API_KEY, ("claude", "codex")),
        )
        for client in clients
    ]

    (moved,) = answer(stored(tmp_path, reports), command="diff", at="--until")["moved"]

    assert ["host"] == [reason["cause"] for reason in moved["because"]]


@pytest.mark.parametrize("command", ["report", "diff", "duplicates", "rejected"])
def test_a_folder_without_a_store_is_a_usage_error(command, tmp_path):
    done = asked(command, tmp_path)

    assert (2, True) == (done.returncode, "holds no store" in done.stderr)


@pytest.mark.parametrize("command", ["report", "diff", "duplicates", "rejected", "ingest"])
def test_help_gives_examples_and_exit_codes(command):
    text = tipstaff("fleet", command, "--help").stdout

    assert "Example" in text
    assert "Exit codes" in text


WRONG = {
    "moment": ("--at", "yesterday"),
    "since": ("--since", "2026-12-31", "--at", "2026-11-24"),
    "age": ("--silent-after", "week"),
    "silent after gone": ("--silent-after", "30d", "--gone-after", "7d"),
    "format": ("--report", "xls:a"),
    "framework": ("--framework", "none"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_a_usage_error_that_says_what_is_expected(store, words):
    done = asked("report", store, *words)

    assert (2, True) == (done.returncode, "expected" in done.stderr)
