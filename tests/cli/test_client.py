"""`tipstaff client`: documents with a schema; and options that every client's adapter defines."""

import json

import pytest
from example_hosts import HERE

from support.artefacts.knowledge import (
    NEWER,
    content_with_newer,
    signed,
    signing_keys,
    trusting,
)
from support.clients.installed_clients import install
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, make_host, run, run_guard, tipstaff
from tipstaff_policy.action_log.log import record
from tipstaff_policy.action_log.record import Entry, moment
from tipstaff_policy.assessment.upgrade import HostUpgraded, upgrade_exit
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.state import Decision
from tipstaff_schemas.export import faults

__all__ = ["signing_keys"]

CODEX = load_client("codex")
ALLOWED = 'allowed_login_methods = ["chatgpt"]\n'


def shown(*words):
    done = tipstaff(*words, "--format", "json")
    return json.loads(done.stdout), done.returncode


def test_the_clients_of_a_host_are_a_document(tmp_path):
    root = make_host(tmp_path / "host")
    install(root / "usr", "0.160.0")

    document, _ = shown("client", "list", "--system-root", root)

    assert [] == faults("client-list", document)
    assert ["0.160.0"] == [client["version"] for client in document["installations"]]


def test_the_proven_versions_are_the_adapters(tmp_path):
    document, _ = shown("client", "list", "--system-root", make_host(tmp_path / "host"))

    assert list(CODEX.versions.proven) == document["proven"]


def test_what_an_upgrade_changes_is_a_document_with_its_exit_code(tmp_path):
    root = make_host(tmp_path / "host", requirements=ALLOWED)

    document, code = shown("client", "diff", "0.130.0", "0.169.0", "--system-root", root)

    assert [] == faults("client-diff", document)
    assert 1 == code
    assert 1 == document["exit_code"]


def report_of(folder, client):
    """Write the report of a host that has one client; return its file."""
    example = "claude-compliant" if client == "claude" else "compliant-chatgpt"
    out = folder / f"{client}.json"
    words = ("--client", client, "--system-root", HERE / "hosts" / example, "--format", "json")
    out.write_text(tipstaff("audit", *words).stdout)
    return out


VERSIONS = {"codex": ("0.146.0", "0.169.0"), "claude": ("2.1.330", "2.1.332")}


@pytest.mark.parametrize("client", VERSIONS)
def test_reports_of_one_client_say_which_client_is_compared(client, tmp_path):
    document, _ = shown(
        "client", "diff", *VERSIONS[client], "--report", report_of(tmp_path, client)
    )

    assert client == document["client"]


def test_reports_of_several_clients_are_compared_for_the_one_that_is_named(tmp_path):
    reports = [word for name in VERSIONS for word in ("--report", report_of(tmp_path, name))]

    asked = tipstaff("client", "diff", *VERSIONS["claude"], *reports)
    named = tipstaff("client", "diff", *VERSIONS["claude"], *reports, "--client", "claude")

    assert 2 == asked.returncode
    assert "the reports are of codex and claude" in asked.stderr
    assert "expected: --client with one of codex, claude" in asked.stderr
    assert named.returncode in (0, 1)
    assert "codex.json: a report of codex is left out" in named.stderr


def test_reports_of_another_client_than_the_one_that_is_named_are_wrong_usage(tmp_path):
    words = ("--report", report_of(tmp_path, "codex"), "--client", "claude")

    done = tipstaff("client", "diff", *VERSIONS["claude"], *words)

    assert 2 == done.returncode
    assert "the reports are of codex\n  expected: reports of claude" in done.stderr


def test_the_report_of_a_host_with_both_clients_is_compared_for_the_one_that_is_named(tmp_path):
    out = tmp_path / "both.json"
    root = HERE / "hosts/both-clients"
    out.write_text(tipstaff("audit", "--system-root", root, "--format", "json").stdout)

    document, _ = shown(
        "client", "diff", *VERSIONS["claude"], "--report", out, "--client", "claude"
    )

    (host,) = document["hosts"]
    assert str(out) == host["host"]


@pytest.mark.parametrize("text", ['{"reports": []}', "[]", "{}"])
def test_a_file_without_a_report_is_never_this_host(text, tmp_path):
    out = tmp_path / "none.json"
    out.write_text(text)

    done = tipstaff("client", "diff", *VERSIONS["codex"], "--report", out)

    assert 4 == done.returncode
    assert f"error: {out}:1: cannot be read as a report" in done.stderr


@pytest.mark.parametrize("name", ["client-list", "client-diff"])
def test_the_schema_of_each_document_is_printed(name):
    printed = json.loads(tipstaff("schema", name).stdout)

    assert f"urn:tipstaff:schema:{name}:1" == printed["$id"]


def decision(verdict, removes=()):
    return Decision(verdict, "because", removes=removes)


UPGRADES = {
    "nothing": (decision("allow"), decision("allow"), 0),
    "the verdict": (decision("allow"), decision("log_out"), 1),
    "what is removed": (decision("log_out"), decision("log_out", ("file",)), 1),
    "the reason alone": (decision("allow"), decision("allow")._replace(reason="other"), 0),
}


@pytest.mark.parametrize(("old", "new", "code"), UPGRADES.values(), ids=UPGRADES)
def test_an_upgrade_counts_where_a_person_is_treated_differently(old, new, code):
    assert code == upgrade_exit([HostUpgraded("h", old, new)])


@pytest.mark.parametrize("option", ["--client-home", "--codex-home"])
def test_the_clients_folder_has_a_name_of_its_own_and_keeps_the_earlier_one(option, tmp_path):
    root = make_host(tmp_path / "host", auth=None, managed=FORCED_CHATGPT)
    other = root / "home/dev/elsewhere"
    other.mkdir()
    (other / "auth.json").write_text(API_KEY)

    guarded = run_guard(root, option, other)

    assert 10 == guarded.returncode
    assert not (other / "auth.json").exists()


@pytest.mark.parametrize(
    "words", [("--profile", "work"), ("--client-option=--profile=work",)], ids=["own", "passed on"]
)
def test_an_option_of_the_client_says_on_which_state_it_runs(words, tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt())

    document, _ = shown("policy", "show", "--system-root", root, *words)

    assert "work" == document["subject"]["profile"]


OPTIONS = {
    "unknown": "--model=x",
    "without its value": "--profile",
    "a switch with a value": "--ignore-user-config=1",
}


@pytest.mark.parametrize("option", OPTIONS.values(), ids=OPTIONS)
def test_an_option_that_the_client_does_not_have_is_wrong_usage(option, tmp_path):
    root = make_host(tmp_path / "host")

    done = tipstaff(
        "audit", "--client", "codex", "--system-root", root, f"--client-option={option}"
    )

    assert 2 == done.returncode
    assert "-c=KEY=VALUE or --profile=NAME or --ignore-user-config" in done.stderr


STARTS = {
    "a profile of a command that takes none": ("--profile", "p", "--entry-point", "status"),
    "a profile that is a path": ("--profile", "../p"),
    "a key without a value": ("-c", "model"),
}


@pytest.mark.parametrize("words", STARTS.values(), ids=STARTS)
def test_what_the_client_would_not_take_is_wrong_usage(words, tmp_path):
    assert 2 == tipstaff("why", "--system-root", make_host(tmp_path / "host"), *words).returncode


WAYS = {
    "none there is": (("--by", "telepathy"), "browser, device, api-key, access-token"),
    "two": (("--by", "device", "--with-api-key"), "choose one way to sign in"),
    "two options": (("--with-access-token", "--with-api-key"), "choose one way to sign in"),
}


@pytest.mark.parametrize(("words", "said"), WAYS.values(), ids=WAYS)
def test_a_sign_in_goes_one_way_that_the_client_has(words, said):
    done = tipstaff("login", "--client", "codex", *words)

    assert 2 == done.returncode
    assert said in done.stderr


def listed(root, *words):
    document, _ = shown("client", "list", "--client", "codex", "--system-root", root, *words)
    assert [] == faults("client-list", document)
    return document


def test_an_installation_says_since_when_it_is_here(tmp_path):
    root = make_host(tmp_path / "host")
    install(root / "usr", "0.160.0")
    package = root / "usr/lib/node_modules/@openai/codex/package.json"
    (client,) = listed(root)["installations"]

    assert (moment(int(package.stat().st_ctime)), "installation") == (
        client["since"],
        client["since_from"],
    )


INSTALLED = {
    "proven": ("0.160.0", ""),
    "newer": ("0.999.0", "update Tipstaff, or install knowledge that proves it"),
    "between": ("0.165.0", "choose a proven version: 0.130.0"),
}


@pytest.mark.parametrize(("version", "to_do"), INSTALLED.values(), ids=INSTALLED)
def test_an_installation_says_what_to_do(version, to_do, tmp_path):
    root = make_host(tmp_path / "host")
    install(root / "usr", version)
    (client,) = listed(root)["installations"]

    assert (True, bool(to_do)) == (client["to_do"].startswith(to_do), bool(client["to_do"]))


def test_an_installation_that_knowledge_proves_is_proven(tmp_path, signing_keys):
    root = make_host(tmp_path / "host")
    install(root / "usr", NEWER)
    trusting(root, signing_keys).write_bytes(signed(signing_keys, content_with_newer()))
    document = listed(root)
    (client,) = document["installations"]

    assert (True, 1, NEWER, 1) == (
        client["proven"], client["knowledge"], document["proven"][-1], document["knowledge"]
    )  # fmt: skip


def test_one_that_is_newer_than_the_knowledge_asks_for_newer(tmp_path, signing_keys):
    root = make_host(tmp_path / "host")
    install(root / "usr", "0.1000.0")
    trusting(root, signing_keys).write_bytes(signed(signing_keys, content_with_newer()))
    (client,) = listed(root)["installations"]

    assert client["to_do"].startswith("install newer knowledge (this is 1)")


def test_a_version_that_the_action_log_has_seen_earlier_counts_from_then(tmp_path):
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/usr/bin", "LANG": "C"}
    install(tmp_path / "usr", "0.160.0")
    entry = Entry("enforce", f"{tmp_path}/.codex", 0, "codex", "0.160.0")
    record(env, entry, 1_700_000_000)
    done = run(
        [BIN / "tipstaff", "client", "list", "--client", "codex", "--format", "json"], env=env
    )
    (client,) = json.loads(done.stdout)["installations"]

    assert ("2023-11-14T22:13:20Z", "action log") == (client["since"], client["since_from"])


def test_each_of_several_installations_counts_from_what_the_action_log_has_seen(tmp_path):
    path = f"{tmp_path}/usr/bin:{tmp_path}/opt/bin"
    env = {"HOME": str(tmp_path), "PATH": path, "LANG": "C"}
    for folder in ("usr", "opt"):
        install(tmp_path / folder, "0.160.0")
    entry = Entry("enforce", f"{tmp_path}/.codex", 0, "codex", "0.160.0")
    record(env, entry, 1_700_000_000)
    done = run(
        [BIN / "tipstaff", "client", "list", "--client", "codex", "--format", "json"], env=env
    )

    assert ["action log", "action log"] == [
        client["since_from"] for client in json.loads(done.stdout)["installations"]
    ]
