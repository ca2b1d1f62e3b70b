"""`tipstaff policy diff` and `simulate` as an author and a pipeline use them."""

import json
import re
import shutil

import pytest
from example_hosts import EXPECTED, HERE

from rollout.drafts import DOCUMENT
from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import VERSION, audit, make_host, tipstaff
from tipstaff_schemas.export import faults

EVERY, COMPANY, SOFT = (
    HERE / "policies" / policy for policy in ("every-field", "company-workspace", "soft-start")
)
PAGE = HERE.parent / "docs/rollout/prove.md"


def simulate(policy, *words):
    return tipstaff("policy", "simulate", policy, *words)


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Return a report as one line: a key on a host without rules."""
    root = make_host(tmp_path_factory.mktemp("hosts") / "host", auth=API_KEY)
    return json.dumps(json.loads(audit(root, "--format", "json").stdout))


def test_a_policy_does_not_differ_from_itself_written_otherwise(tmp_path):
    other = written(
        tmp_path / "policy.toml",
        COMPANY.joinpath("policy.toml").read_text().replace("\n", "\n\n").replace(" = ", "="),
    )

    done = tipstaff("policy", "diff", COMPANY, other)

    assert 0 == done.returncode
    assert "" == done.stderr
    assert "nothing changes for any user" in done.stdout


def test_what_changes_is_told_with_both_lines():
    done = tipstaff("policy", "diff", COMPANY, SOFT)
    document = json.loads(tipstaff("policy", "diff", COMPANY, SOFT, "--format", "json").stdout)

    assert 1 == done.returncode
    assert [] == faults("comparison", document)
    (change,) = [
        entry for entry in document["changes"] if entry["field"] == "environment_credentials"
    ]
    assert "loosened" == change["direction"]
    assert 10 == change["before"][0]["line"]
    assert [] == change["after"]
    assert (
        "people whose credential comes from a variable: forbid until now, allow from then on"
        in done.stdout
    )
    assert f"{COMPANY}/policy.toml:10 -> not stated" in done.stdout


@pytest.mark.parametrize("name", ["requirements", "managed-config"])
def test_a_rendered_file_of_the_client_is_an_artefact_under_any_name(name, tmp_path):
    out = tmp_path / "mine.toml"
    tipstaff("policy", "render", COMPANY / "policy.toml", "--to", name, "--out", out)

    assert 0 == tipstaff("policy", "diff", out, out).returncode


def test_an_artefact_does_not_differ_from_its_policy(tmp_path):
    out = tmp_path / "artefact"
    tipstaff("policy", "render", COMPANY / "policy.toml", "--to", "container", "--out", out)

    assert 0 == tipstaff("policy", "diff", out, COMPANY).returncode
    assert 1 == tipstaff("policy", "diff", out, SOFT).returncode


def test_keys_are_read_beside_the_policy_or_where_they_are_named(tmp_path):
    copy = shutil.copytree(EVERY, tmp_path / "copy")
    (copy / "jwks.json").rename(tmp_path / "ours.json")

    missing = tipstaff("policy", "diff", EVERY, copy)
    named = tipstaff("policy", "diff", EVERY, copy, "--keys", tmp_path / "ours.json")

    assert 3 == missing.returncode
    assert 0 == named.returncode
    assert "/etc/tipstaff/jwks.json: cannot be read" in missing.stderr


BAD = {
    "no policy": ('schema = 1\nid = "p"\n', "policy.toml:1: version is missing"),
    "a misspelt key": (f"{ROOT}login_method = []\n", "policy.toml:4: login_method is unknown"),
    "a newer one": ("schema = 2\n", "policy.toml: needs a newer Tipstaff"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD)
def test_what_is_no_policy_is_exit_3_with_file_and_line(text, said, tmp_path):
    bad = written(tmp_path / "policy.toml", text)
    both = (tipstaff("policy", "diff", COMPANY, bad), simulate(bad, "--hosts", HERE / "hosts"))

    assert [3, 3] == [run.returncode for run in both]
    assert all(f"{tmp_path}/{said}" in run.stderr and run.stdout == "" for run in both)


def test_every_example_host_is_simulated_and_counted(tmp_path):
    every = tmp_path / "each.ndjson"
    words = ("--hosts", HERE / "hosts", *VERSION, "--each", every, "--format", "json")

    done = simulate(COMPANY, *words)

    document = json.loads(done.stdout)
    persons = [json.loads(text) for text in every.read_text().splitlines()]
    assert 0 == done.returncode
    assert [] == faults("simulation", document)
    assert [] == faults("simulated", persons[0])
    assert len(EXPECTED) == document["simulated"] == len(persons)
    assert {outcome["outcome"]: outcome["count"] for outcome in document["outcomes"]} == {
        outcome: sum(person["result"]["outcome"] == outcome for person in persons)
        for outcome in ("log_out", "refused", "unknown", "warned", "left_alone")
    }
    assert ["policy", "requirements", "managed_config"] == document["ships"]
    assert [] == [path for path in tmp_path.iterdir() if path != every]


def test_reports_are_read_as_files_as_lines_and_from_standard_input(line, tmp_path):
    folder = tmp_path / "collected"
    written(folder / "a/one.json", json.dumps(json.loads(line), indent=2))
    written(folder / "b.ndjson", f"{line}\n\n{line}\n")
    written(folder / "notes.txt", "no report")

    counts = [
        json.loads(done.stdout)["simulated"]
        for done in (
            simulate(COMPANY, "--reports", folder, "--format", "json"),
            tipstaff(
                "policy",
                "simulate",
                COMPANY,
                "--reports",
                "-",
                "--format",
                "json",
                stdin=None,
                input=f"{line}\n",
            ),
        )
    ]

    assert [3, 1] == counts


UNREADABLE = {
    "cut off": (lambda line: line[:900], "is no JSON, or cut off"),
    "empty": (lambda _: "", "is no JSON, or cut off"),
    "something else": (lambda _: '{"OPENAI_API_KEY": "made-up"}', "is no report of this schema"),
    "another schema": (lambda line: line.replace('"schema_version": "1"', '"schema_version": "9"', 1), "is no report of this schema: schema_version is missing or of another kind"),
    "another state": (lambda line: line.replace('"layers":', '"strata":'), "is no report of this schema: state is missing or of another kind"),
    "a user of a root run": (
        lambda _: json.dumps({"schema_version": "1", "users": [{"user": "ada", "outcome": "failed", "reason": "took too long", "report": None}, {"user": "bin", "outcome": "skipped", "reason": "", "report": None}]}),
        "user ada: took too long",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_report_that_cannot_be_read_is_counted_and_shown(damage, said, line, tmp_path):
    good = written(tmp_path / "good.json", f"{line}\n")
    bad = written(tmp_path / "bad.json", damage(line))

    done = simulate(COMPANY, "--reports", good, "--reports", bad)

    assert 4 == done.returncode
    assert "1 of 1 (100%) could not work any more" in done.stdout
    assert "1 could not be read; nothing is known about them" in done.stdout
    assert re.search(rf"{bad}(:1)?: {re.escape(said)}", done.stdout)


def test_the_users_of_a_root_run_are_persons_of_their_own(line, tmp_path):
    user = {"user": "ada", "outcome": "done", "reason": "", "report": json.loads(line)}
    run = written(tmp_path / "run.json", json.dumps({"schema_version": "1", "users": [user, user]}))

    done = simulate(COMPANY, "--reports", run)

    assert 0 == done.returncode
    assert "2 of 2" == done.stdout[:6]


GATES = {
    "nobody may": (("--fail-on", "log_out"), 1),
    "two may": (("--fail-on", "log_out", "--at-most", "2"), 0),
    "one may": (("--fail-on", "log_out", "--at-most", "1"), 1),
    "half of them may": (("--fail-on", "log_out", "--at-most", "50%"), 1),
    "two thirds may": (("--fail-on", "log_out", "--at-most", "66.7%"), 0),
    "no gate": ((), 0),
}


@pytest.mark.parametrize(("words", "code"), GATES.values(), ids=GATES)
def test_a_gate_stops_a_pipeline(words, code, tmp_path):
    for name, auth in (("a", API_KEY), ("b", API_KEY), ("c", chatgpt("ws-example"))):
        make_host(tmp_path / name, auth=auth)

    done = simulate(COMPANY, "--hosts", tmp_path, *VERSION, *words)

    assert code == done.returncode
    assert (bool(words) and code == 1) == done.stdout.startswith("STOP")


def test_a_client_that_would_not_start_stops_a_pipeline_too(tmp_path):
    nobody = written(tmp_path / "policy.toml", f"{ROOT}login_methods = []\n")
    make_host(tmp_path / "host")

    done = simulate(nobody, "--hosts", tmp_path / "host", *VERSION, "--fail-on", "log_out")

    assert 1 == done.returncode
    assert "1 would not be able to start the client" in done.stdout


def test_who_may_lose_it_stops_a_pipeline_unless_only_certainty_counts(tmp_path):
    keyring = written(tmp_path / "policy.toml", f'{ROOT}stores = ["keyring"]\n')
    words = ("--hosts", make_host(tmp_path / "host"), *VERSION)

    done = [simulate(keyring, *words, "--fail-on", kind) for kind in ("log_out", "certain")]

    assert [1, 0] == [run.returncode for run in done]
    assert "If that store is empty: log out: No credential is stored" in done[0].stdout


def test_nothing_to_simulate_passes_no_gate(tmp_path):
    done = simulate(COMPANY, "--reports", tmp_path, "--fail-on", "log_out")

    assert 5 == done.returncode
    assert "ok  0 of 0" == done.stdout[:10]


def test_the_clock_moves_to_the_day_on_which_a_policy_begins(tmp_path):
    soft = written(
        tmp_path / "policy.toml", f'{ROOT}login_methods = ["chatgpt"]\nenforce_from = 2098-01-10\n'
    )
    root = make_host(tmp_path / "host")
    words = ("--hosts", root, *VERSION)

    today, then = simulate(soft, *words), simulate(soft, *words, "--at", "2098-01-10")

    assert "simulate again with --at 2098-01-10T00:00:00Z" in today.stdout
    assert "1 would only be warned" == today.stdout.split("\n\n")[1].splitlines()[0]
    assert "1 would be logged out" == then.stdout.split("\n\n")[1].splitlines()[0]


WRONG = {
    "nobody": ((), "no hosts or reports given"),
    "a limit": (("--at-most", "many"), "is no limit"),
    "a share": (("--at-most", "101%"), "is no limit"),
    "a moment": (("--at", "soon", "--hosts", "."), "is not a date or time"),
    "a host": (("--hosts", "/nowhere"), "does not exist"),
    "a file as a host": (("--hosts", __file__), "is not a folder"),
    "a version": (
        ("--hosts", ".", "--client", "codex", "--client-version", "new"),
        "is not a version",
    ),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_use_is_exit_2(words, said):
    done = simulate(COMPANY, *words)

    assert 2 == done.returncode
    assert "" == done.stdout
    assert said in done.stderr


def test_every_home_of_an_image_is_a_person(tmp_path):
    root = make_host(tmp_path / "host")
    shutil.copytree(root / "home/dev", root / "home/ops")
    (root / "home/ops/.codex/auth.json").write_text(chatgpt("ws-example"))

    done = simulate(COMPANY, "--hosts", root, *VERSION, "--format", "json")

    outcomes = json.loads(done.stdout)["outcomes"]
    persons = {
        example["user"]: example["result"]["outcome"]
        for one in outcomes
        for example in one["examples"]
    }
    assert {"dev": "log_out", "ops": "left_alone"} == persons


def test_the_commands_of_the_page_run(line, tmp_path):
    written(tmp_path / "policy.toml", DOCUMENT.replace("trusted_keys", "# trusted_keys"))
    written(tmp_path / "collected/one.ndjson", f"{line}\n")
    (tmp_path / "examples").symlink_to(HERE)
    commands = [
        text.split()[1:]
        for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        for text in block.splitlines()
    ]

    done = [tipstaff(*command, cwd=tmp_path) for command in commands]

    assert [1, 0, 0, 0, 1] == [run.returncode for run in done], [run.stderr for run in done]
    message = re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert all(part in found.stdout for part, found in zip(message, done, strict=False))


def test_who_names_no_hosts_is_sent_to_no_folder_that_only_a_checkout_has():
    said = simulate(COMPANY).stderr

    assert "examples/" not in said
    assert "collect reports of some hosts: `tipstaff audit --format json`" in said
