"""Every known client is judged, unless the command or an option says which one is meant."""

import json
import sys
import time

import pytest

from support.clients.known_clients import (
    ADAPTER,
    FIRST,
    ONLY_TEAM,
    has_login,
    make_scribe,
    run_with_both,
)
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, credential, make_host, run
from tipstaff_cli.commands.audit import _require_here
from tipstaff_cli.shared.targets import Target
from tipstaff_policy.all_users.bounds import SkippedError
from tipstaff_policy.clients import (
    CLIENTS,
    PROGRAMS,
    client_of_program,
    entry_points_of,
    load_client,
)
from tipstaff_policy.model.request import Request
from tipstaff_schemas.export import faults

CLI, GUARD = "tipstaff_cli.main", "tipstaff_policy.guard_command"


def both(folder, *, first=API_KEY, second="key", managed=FORCED_CHATGPT):
    """Lay out a host with a login of each client; both have rules that mean the same."""
    root = make_host(folder / "host", auth=first, managed=managed)
    if second is not None:
        make_scribe(root, login=second, managed=managed and ONLY_TEAM)
    return root


def left(root):
    """Return which clients still have a login."""
    first = [".codex"] if credential(root).exists() else []
    return [*first, *([".scribe"] if has_login(root) else [])]


def tipstaff(root, *words):
    return run_with_both(CLI, *words, "--system-root", root)


def guard(root, *words, front=()):
    return run_with_both(GUARD, "--system-root", root, *words, *front)


def documents(text):
    """Return the JSON documents of a text, one after the other."""
    decoder, found = json.JSONDecoder(), []
    while text.strip():
        document, end = decoder.raw_decode(text.lstrip())
        found.append(document)
        text = text.lstrip()[end:]
    return found


def test_the_guard_by_itself_logs_out_of_every_client(tmp_path):
    root = both(tmp_path)

    done = guard(root)

    assert 10 == done.returncode
    assert [] == left(root)


@pytest.mark.parametrize(
    ("program", "stays"),
    [("codex", [".scribe"]), ("/opt/bin/scribe", [".codex"]), ("make", [])],
)
def test_the_guard_judges_the_client_that_it_fronts_and_of_other_commands_all(
    program, stays, tmp_path
):
    root = both(tmp_path)

    done = guard(root, front=("--", program))

    assert 10 == done.returncode
    assert stays == left(root)


def test_the_guard_starts_nothing_where_one_of_several_clients_violates(tmp_path):
    root = both(tmp_path, first=chatgpt())

    done = guard(root, front=("--", "echo", "started"))

    assert 10 == done.returncode
    assert "" == done.stdout
    assert [".codex"] == left(root)


def test_the_guard_starts_a_command_where_every_client_complies(tmp_path):
    root = both(tmp_path, first=chatgpt(), second="team")

    done = guard(root, front=("--", "echo", "started"))

    assert 0 == done.returncode
    assert "started\n" == done.stdout


@pytest.mark.parametrize("client", ["codex", "scribe"])
def test_an_option_narrows_to_one_client(client, tmp_path):
    root = both(tmp_path)

    assert 10 == guard(root, "--client", client).returncode
    assert [f".{name}" for name in ("codex", "scribe") if name != client] == left(root)


def test_the_guards_help_shows_what_each_client_takes():
    done = run_with_both(GUARD, "--help")

    assert "every known one (codex, claude, scribe)" in done.stdout
    assert "exec, interactive, app-server, status, print, chat, batch, agent" in done.stdout
    assert "tipstaff-guard -- scribe" in done.stdout


OF_ONE_CLIENT = {
    "a folder": ("--client-home", "/srv"),
    "a version": ("--client-version", "0.169.0"),
    "an entry point": ("--entry-point", "chat"),
    "an option of the client": ("--profile", "work"),
}


@pytest.mark.parametrize("what", ["a folder", "a version"])
def test_the_guard_takes_what_any_client_may_have_only_with_its_name(what, tmp_path):
    done = guard(both(tmp_path), *OF_ONE_CLIENT[what])

    assert 2 == done.returncode
    assert "--client with one of codex, claude, scribe" in done.stderr


@pytest.mark.parametrize("what", ["a folder", "a version"])
def test_a_command_takes_what_any_client_may_have_only_with_its_name(what, tmp_path):
    done = tipstaff(both(tmp_path), "audit", *OF_ONE_CLIENT[what])

    assert 2 == done.returncode
    assert "--client with one of codex, claude, scribe" in done.stderr


OF_THE_ONLY_ONE = [("an entry point", "scribe"), ("an option of the client", "codex")]


@pytest.mark.parametrize(("what", "client"), OF_THE_ONLY_ONE)
def test_the_guard_takes_what_one_client_alone_has_as_meant_for_that_client(what, client, tmp_path):
    root = both(tmp_path)

    done = guard(root, *OF_ONE_CLIENT[what])

    assert 10 == done.returncode
    assert [f".{name}" for name in ("codex", "scribe") if name != client] == left(root)


@pytest.mark.parametrize(("what", "client"), OF_THE_ONLY_ONE)
def test_what_one_client_alone_has_means_that_client(what, client, tmp_path):
    done = tipstaff(both(tmp_path), "audit", *OF_ONE_CLIENT[what], "--format", "json")

    assert client == json.loads(done.stdout)["client"]["name"]


def test_an_entry_point_is_one_of_the_clients_own(tmp_path):
    done = tipstaff(both(tmp_path), "audit", "--client", "scribe", "--entry-point", "status")

    assert 2 == done.returncode
    assert "expected: chat, batch, agent" in done.stderr


def test_an_audit_has_a_report_for_each_client_of_the_host(tmp_path):
    done = tipstaff(both(tmp_path), "audit", "--format", "json", "--select", "TIP101")
    document = json.loads(done.stdout)

    assert ["codex", "scribe"] == [report["client"]["name"] for report in document["reports"]]
    assert [] == faults("merged-reports", document)


def test_a_client_that_the_host_does_not_have_has_no_report(tmp_path):
    done = tipstaff(both(tmp_path, second=None, managed=None), "audit", "--format", "json")

    assert "codex" == json.loads(done.stdout)["client"]["name"]


def test_one_client_that_complies_never_speaks_for_another(tmp_path):
    root = both(tmp_path, first=chatgpt())

    assert 0 == tipstaff(root, "audit", "--client", "codex", "--select", "TIP101").returncode
    assert 1 == tipstaff(root, "audit", "--select", "TIP101").returncode


@pytest.mark.parametrize(("second", "skipped"), [(None, True), ("key", False)])
def test_a_user_has_no_turn_for_a_client_that_the_user_does_not_have(second, skipped, tmp_path):
    root = both(tmp_path, second=second, managed=None)
    request = Request({}, str(root), int(time.time()), "0.169.0", str(root))
    targets = (Target(FIRST, request), Target(ADAPTER, request))

    def turn():
        _require_here(ADAPTER, request, targets)

    if skipped:
        with pytest.raises(SkippedError, match="nothing of scribe"):
            turn()
    else:
        turn()


def test_enforce_logs_out_of_every_client_in_one_report(tmp_path):
    root = both(tmp_path)

    done = tipstaff(root, "enforce", "--format", "json")
    report = json.loads(done.stdout)

    assert 10 == done.returncode
    assert [] == left(root)
    assert 2 == len([step for step in report["steps"] if step["outcome"] == "removed"])
    assert [] == faults("enforcement", report)


def test_enforce_names_the_client_that_the_worst_result_is_of(tmp_path):
    done = tipstaff(both(tmp_path, first=chatgpt()), "enforce", "--dry-run")

    assert 11 == done.returncode
    assert "(For scribe.)" in done.stdout


def test_logout_leaves_no_login_of_any_client(tmp_path):
    root = both(tmp_path)

    done = tipstaff(root, "logout")

    assert 0 == done.returncode
    assert [] == left(root)
    assert ["codex:", "scribe:"] == [
        line for line in done.stdout.splitlines() if line.endswith(":")
    ]


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("credentials", "list"), "credentials"),
        (("client", "list"), "client-list"),
        (("policy", "show"), "settings"),
        (("why",), "why"),
    ],
)
def test_a_command_that_shows_writes_a_document_for_each_client(words, schema, tmp_path):
    done = tipstaff(both(tmp_path), *words, "--format", "json")
    found = documents(done.stdout)

    assert 2 == len(found)
    assert [[], []] == [faults(schema, document) for document in found]


def test_doctor_says_of_which_client_a_diagnosis_is(tmp_path):
    done = tipstaff(both(tmp_path), "doctor", "--format", "json")
    names = [symptom["name"] for symptom in json.loads(done.stdout)["symptoms"]]

    assert {"codex: client", "scribe: client", "action log"} <= set(names)


def test_a_policy_is_simulated_for_every_client_of_a_host(tmp_path):
    root, policy = both(tmp_path, managed=None), tmp_path / "policy.toml"
    policy.write_text('schema = 1\nid = "p"\nversion = "1"\nlogin_methods = ["chatgpt"]\n')

    done = run_with_both(
        CLI, "policy", "simulate", policy, "--hosts", root, "--policy-only", "--format", "json"
    )

    assert 0 == done.returncode
    assert 2 == json.loads(done.stdout)["simulated"]


def test_the_guard_is_put_in_front_of_every_client(tmp_path):
    root = tmp_path / "tree"
    for path in ("usr/bin/codex", "usr/bin/scribe", "opt/python", "opt/tipstaff_policy/guard.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("#!/bin/sh\n")
        (root / path).chmod(0o755)
    words = ("--python", "/opt/python", "--guard", "/opt/tipstaff_policy/guard.py", "--no-units")

    done = run_with_both(CLI, "install", "--root", root, *words)

    assert 0 == done.returncode, done.stdout + done.stderr
    for name in ("codex", "scribe"):
        assert f"clients/usr/bin/{name}" in (root / "usr/bin" / name).read_text()


def test_the_status_of_one_client_shows_nothing_of_another(tmp_path):
    root = tmp_path / "tree"
    for path in ("usr/bin/codex", "usr/bin/scribe", "opt/python", "opt/tipstaff_policy/guard.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("#!/bin/sh\n")
        (root / path).chmod(0o755)
    words = ("--python", "/opt/python", "--guard", "/opt/tipstaff_policy/guard.py", "--no-units")
    run_with_both(CLI, "install", "--root", root, *words)

    done = run_with_both(CLI, "status", "--root", root, "--client", "scribe", "--verbose")

    assert (0, False) == (done.returncode, "codex" in done.stdout)
    assert "shim /usr/bin/scribe" in done.stdout


@pytest.mark.parametrize("name", CLIENTS)
def test_what_is_known_without_an_adapter_is_what_the_adapter_says(name):
    adapter = load_client(name)

    assert name == PROGRAMS[adapter.program]
    assert adapter.entry_points == entry_points_of(name)


def test_a_program_is_known_by_its_name_without_loading_an_adapter():
    code = (
        "import sys; from tipstaff_policy.clients import client_of_program as of;"
        "print(of('/usr/bin/codex'), of('make'), 'tipstaff_policy.clients.codex' in sys.modules)"
    )

    assert "codex None False" == run([sys.executable, "-c", code]).stdout.strip()
    assert client_of_program("codex") == "codex"
