"""`tipstaff client diff` for an organisation: its policy, its hosts, its reports, its fleet."""

import json

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host, tipstaff
from tipstaff_schemas.export import faults

ALLOWED = 'allowed_login_methods = ["chatgpt"]\n'
OLD, NEW = "0.130.0", "0.171.0"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text('schema = 1\nid = "example"\nversion = "3"\nlogin_methods = ["chatgpt"]\n')
    return path


@pytest.fixture
def images(tmp_path):
    """Return a folder with a host whose login is a key, and one whose login is of ChatGPT."""
    folder = tmp_path / "images"
    make_host(folder / "key", auth=API_KEY, requirements=ALLOWED)
    make_host(folder / "chatgpt", auth=chatgpt(), requirements=ALLOWED)
    return folder


def compared(*words, old=OLD, new=NEW):
    done = tipstaff("client", "diff", old, new, "--client", "codex", *words, "--format", "json")
    document = json.loads(done.stdout)
    assert [] == faults("client-diff", document)
    return document, done.returncode


def changed(document):
    return {host["host"].rpartition("/")[2]: host["kinds"] for host in document["hosts"]}


def audit_into(folder, image, name):
    words = ("--client", "codex", "--client-version", OLD, "--system-root", image)
    folder.mkdir(exist_ok=True)
    done = tipstaff("audit", *words, "--format", "json")
    (folder / name).write_text(done.stdout)


def test_every_image_of_a_folder_is_compared(images):
    document, code = compared("--hosts", images)

    assert ({"key": ["start", "log_out"], "chatgpt": []}, 1) == (changed(document), code)


def test_a_folder_of_reports_is_compared(images, tmp_path):
    for name in ("key", "chatgpt"):
        audit_into(tmp_path / "reports", images / name, f"{name}.json")
    document, code = compared("--report", tmp_path / "reports")

    expected = {"key.json": ["start", "log_out"], "chatgpt.json": []}
    assert (expected, 1) == (changed(document), code)


def test_a_line_of_many_reports_names_its_user(images, tmp_path):
    audit_into(tmp_path, images / "key", "key.json")
    report = json.loads((tmp_path / "key.json").read_text())
    (tmp_path / "all.ndjson").write_text(f"{json.dumps(report)}\n{json.dumps(report)}\n")
    document, _ = compared("--report", tmp_path / "all.ndjson")

    assert ["dev", "dev"] == [host["user"] for host in document["hosts"]]


def test_what_cannot_be_read_is_listed_and_ends_with_4(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    document, code = compared("--report", tmp_path / "broken.json")

    assert (["is no JSON, or cut off"], 4) == ([e["why"] for e in document["unread"]], code)


def test_a_version_before_a_release_is_compared_under_a_policy_as_well(policy, tmp_path):
    host = make_host(tmp_path / "images/host", auth=API_KEY)
    words = ("--client", "codex", "--hosts", host.parent, "--policy", policy)

    done = tipstaff("client", "diff", OLD, "0.171.0-alpha.1", *words)

    assert 70 != done.returncode, done.stderr


def test_a_report_that_is_not_there_ends_with_4(tmp_path):
    words = ("--client", "codex", "--report", tmp_path / "none.json")

    assert 4 == tipstaff("client", "diff", OLD, NEW, *words).returncode


def test_a_policy_is_compared_as_if_it_were_shipped(policy, tmp_path):
    """The host has no rule of its own; with the policy's files both versions end its key."""
    host = make_host(tmp_path / "images/host", auth=API_KEY)
    verdicts = [
        compared("--hosts", host.parent, *words)[0]["hosts"][0]["new"]["verdict"]
        for words in ((), ("--policy", policy))
    ]

    assert ["allow", "log_out"] == verdicts


def test_the_policy_is_named(policy, tmp_path):
    document, _ = compared("--system-root", make_host(tmp_path / "h"), "--policy", policy)

    assert ("example", "3") == (document["policy"]["id"], document["policy"]["version"])


def test_what_a_policy_orders_and_one_version_ignores_is_named(tmp_path, policy):
    policy.write_text(policy.read_text().replace('["chatgpt"]', "[]"))
    document, _ = compared("--system-root", make_host(tmp_path / "h"), "--policy", policy)

    assert [
        f"client {OLD} alone cannot enforce the policy's files: it ignores requirements.toml"
    ] == document["rules"]


def test_the_release_is_described_in_words(tmp_path):
    host = make_host(tmp_path / "h")
    document, _ = compared("--system-root", host, old="0.169.0")

    assert "workload identities that it signs in by: file -> spiffe" in document["release"]
    assert "commands: no longer there: stdio-to-uds" in document["release"]


def test_a_version_that_was_not_compared_says_so(tmp_path):
    document, _ = compared("--system-root", make_host(tmp_path / "h"), old="0.165.0")

    assert (
        "0.165.0 is not proven: it is taken to be as the version before it" in document["release"]
    )


def test_nothing_is_said_of_a_version_and_itself(tmp_path):
    document, code = compared("--system-root", make_host(tmp_path / "h"), old=NEW)

    assert ([], 0) == (document["release"], code)


def test_the_text_says_whose_start_changes_and_why(images):
    done = tipstaff("client", "diff", OLD, NEW, "--client", "codex", "--hosts", images)

    first = next(line for line in done.stdout.splitlines() if "/key" in line)
    assert (
        "(dev): allow -> ignore_credential, which changes whether the client starts signed in and the log-out"
        in first
    )
    assert "1 of 2 verdicts change from 0.130.0 to 0.171.0" == done.stdout.splitlines()[-1]


def test_a_fleet_is_compared_from_its_store(images, tmp_path):
    for name in ("key", "chatgpt"):
        audit_into(tmp_path / "reports", images / name, f"{name}.json")
    # A store takes live hosts alone: what an image shows is never taken for one.
    lines = []
    for path in sorted((tmp_path / "reports").iterdir()):
        report = json.loads(path.read_text())
        report["run"]["system_root"] = report["state"]["system_root"] = None
        report["run"]["host"] = {"id": None, "name": path.stem, "os": "linux"}
        lines.append(json.dumps(report))
    (tmp_path / "all.ndjson").write_text("\n".join(lines) + "\n")
    store = tmp_path / "store"
    done = tipstaff("fleet", "ingest", tmp_path / "all.ndjson", "--store", store)
    assert 0 == done.returncode, done.stderr
    document, code = compared("--store", store)

    assert ({"key": ["start", "log_out"]}, 2, 1) == (changed(document), document["compared"], code)


def test_claude_code_is_compared_too(tmp_path):
    document = json.loads(
        tipstaff(
            "client", "diff", "2.1.212", "2.1.332", "--client", "claude",
            "--system-root", make_host(tmp_path / "h"), "--format", "json",
        ).stdout
    )  # fmt: skip

    assert "2.1.332 heeds `enforceAnthropicSignIn`" in document["release"]


def test_a_host_with_rules_of_its_own_is_compared_by_them(tmp_path):
    host = make_host(tmp_path / "images/host", auth=API_KEY, managed=FORCED_CHATGPT)
    document, code = compared("--hosts", host.parent)

    assert (("log_out", "log_out"), 0) == (
        (document["hosts"][0]["old"]["verdict"], document["hosts"][0]["new"]["verdict"]), code
    )  # fmt: skip
