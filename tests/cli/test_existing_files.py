"""What an administrator does whose hosts have a client's file already, by the commands themselves."""

import json
import os
import re
import tomllib

import pytest

from support.machines import hosts

POLICY = """\
schema = 1
id = "p"
version = "1"
contact = "x"
oldest_client = "0.160.0"
login_methods = ["chatgpt"]
"""
OTHERS = """\
allowed_sandbox_modes = ["read-only"]

[features]
x = true
"""
TABLES = {
    "no tables yet": "",
    "a table of its own": "[clients.codex.requirements]\nallow_appshots = false\n",
    "of another file": "[clients.codex.config]\ncheck_for_update_on_startup = false\n",
}


def tipstaff(*words, cwd):
    return hosts.tipstaff(*words, cwd=cwd, env={"PATH": os.environ["PATH"], "HOME": str(cwd)})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "requirements.toml").write_text(OTHERS)
    return tmp_path


@pytest.mark.parametrize("tables", TABLES.values(), ids=TABLES)
def test_a_policy_takes_the_keys_of_a_file_and_ships_them(folder, tables):
    (folder / "policy.toml").write_text(POLICY + tables)
    words = ("policy", "render", "policy.toml", "--merge-into", "requirements.toml")

    done = tipstaff(*words, "--to", "policy", "--out", "new.toml", cwd=folder)
    tipstaff(*words, "--to", "requirements", "--out", "shipped.toml", cwd=folder)
    tipstaff("policy", "render", "new.toml", "--to", "requirements", "--out", "x.toml", cwd=folder)

    assert 0 == done.returncode, done.stderr
    assert "requirements.toml:1: clients.codex.requirements.allowed_sandbox_modes" in done.stderr
    shipped = tomllib.loads((folder / "shipped.toml").read_text())
    assert {**shipped, **tomllib.loads(OTHERS)} == shipped
    assert (folder / "shipped.toml").read_bytes() == (folder / "x.toml").read_bytes()
    assert (folder / "new.toml").read_text().startswith(POLICY.rstrip())


def test_a_key_that_contradicts_the_policy_is_named_with_both_places(folder):
    (folder / "requirements.toml").write_text('x = 1\nallowed_login_methods = ["api"]\n')

    done = tipstaff(
        *("policy", "render", "policy.toml", "--merge-into", "requirements.toml"),
        *("--to", "policy", "--out", "new.toml"),
        cwd=folder,
    )

    assert 3 == done.returncode
    assert "requirements.toml:2 and policy.toml:6" in done.stderr
    assert not (folder / "new.toml").exists()


def test_a_simulation_names_every_key_that_a_host_would_lose(folder):
    host = folder / "host"
    (host / "etc/codex").mkdir(parents=True)
    (host / "home/dev/.codex").mkdir(parents=True)
    (host / "etc/codex/requirements.toml").write_text(OTHERS)
    words = (
        "policy",
        "simulate",
        "policy.toml",
        "--hosts",
        "host",
        "--client",
        "codex",
        "--client-version",
        "0.169.0",
    )

    text = tipstaff(*words, cwd=folder).stdout
    found = json.loads(tipstaff(*words, "--format", "json", cwd=folder).stdout)["takes_away"]

    assert "allowed_sandbox_modes  /etc/codex/requirements.toml:1  (1 host)" in text
    assert [("allowed_sandbox_modes", 1, 1), ("features.x", 4, 1)] == [
        (key_taken["key"], key_taken["line"], key_taken["hosts"]) for key_taken in found
    ]


@pytest.mark.parametrize(
    ("files", "more", "number"),
    [
        ({"requirements.toml": OTHERS}, (), 1),
        ({"config.toml": "model = 'm'\n"}, (), 0),
        ({}, (), 0),
        ({"requirements.toml": OTHERS}, ("--policy-only",), 0),
    ],
)
def test_a_simulation_of_reports_says_how_many_may_lose_keys_that_reports_do_not_hold(
    files, more, number, folder
):
    (folder / "policy.toml").write_text(POLICY)
    host = folder / "host"
    (host / "etc/codex").mkdir(parents=True)
    (host / "home/dev/.codex").mkdir(parents=True)
    for name, text in files.items():
        (host / "etc/codex" / name).write_text(text)
    version = ("--client", "codex", "--client-version", "0.169.0")
    report = tipstaff("audit", "--system-root", "host", *version, "--format", "json", cwd=folder)
    (folder / "report.json").write_text(report.stdout)
    words = ("policy", "simulate", "policy.toml", "--reports", "report.json", *more)

    text = tipstaff(*words, cwd=folder).stdout
    found = json.loads(tipstaff(*words, "--format", "json", cwd=folder).stdout)

    assert number == found["keys_not_seen"]
    assert [] == found["takes_away"]
    assert ("1 may lose keys of the client" in text) == bool(number), text


def test_what_holds_a_secret_is_written_for_its_author_alone_and_said_to_hold_one(folder):
    (folder / "policy.toml").write_text(POLICY + 'fleet_key = "0123456789abcdefghij"\n')

    done = tipstaff("policy", "render", "policy.toml", "--to", "all", "--out", "out", cwd=folder)

    assert 0 == done.returncode, done.stderr
    assert re.search(r"policy\.toml:7: fleet_key is a secret", done.stderr)
    assert "0123456789abcdefghij" not in done.stdout + done.stderr
    modes = {path.stat().st_mode & 0o077 for path in (folder / "out").rglob("*") if path.is_file()}
    assert {0} == modes


def test_a_channel_that_carries_no_secret_is_not_said_to(folder):
    (folder / "policy.toml").write_text(POLICY + 'fleet_key = "0123456789abcdefghij"\n')

    done = tipstaff("policy", "render", "policy.toml", "--to", "gpo", "--out", "g", cwd=folder)

    assert "is a secret" not in done.stderr
    assert "gpo does not carry fleet_key" in done.stderr


def test_lint_fails_on_warnings_or_on_errors_alone_as_it_is_told(folder):
    (folder / "policy.toml").write_text(POLICY + 'fleet_key = "0123456789abcdefghij"\n')
    words = ("policy", "lint", "policy.toml")
    (folder / "policy.toml").chmod(0o644)

    codes = [
        tipstaff(*words, *more, cwd=folder).returncode for more in ((), ("--fail-on", "error"))
    ]

    assert [1, 0] == codes


FAULTS = {
    "an unknown client": ("[clients.other.config]\nx = 1\n", 7, "clients.other is unknown"),
    "an unknown table": ("[clients.codex.rules]\nx = 1\n", 7, "clients.codex.rules is unknown"),
    "no table": ('[clients.codex]\nconfig = "x"\n', 8, "clients.codex.config is a single value"),
    "a key of no client": (
        "[clients.codex.requirements]\nalowed_sandbox_mode = 1\n",
        8,
        "alowed_sandbox_mode is no key of client",
    ),
    "a value of the wrong kind": (
        '[clients.codex.config]\ncheck_for_update_on_startup = "no"\n',
        8,
        "check_for_update_on_startup is",
    ),
    "a sign-in key among others": (
        '[clients.codex.config]\nforced_login_method = "chatgpt"\n',
        8,
        "is a sign-in key",
    ),
    "in the wrong kind of file": (
        '[clients.codex.requirements]\nforced_login_method = "chatgpt"\n',
        8,
        "forced_login_method is ignored: wrong kind of file",
    ),
    "an item of a list": (
        'not_waivable = ["TIP102", "TIP101\\n"]\n',
        7,
        r'not_waivable, item 2, is "TIP101\n"',
    ),
}


@pytest.mark.parametrize(("text", "line", "what"), FAULTS.values(), ids=FAULTS)
def test_lint_names_the_line_and_the_fault(folder, text, line, what):
    (folder / "policy.toml").write_text(POLICY + text)

    done = tipstaff("policy", "lint", "policy.toml", cwd=folder)

    assert re.search(rf"^policy\.toml:{line}: \w+: .*{re.escape(what)}", done.stdout, re.MULTILINE)
    assert done.returncode in (1, 3)


CARRIED = """\
[clients.codex.requirements]
allowed_approval_policies = ["never"]
[clients.codex.config.mcp_servers.x]
command = "hush"
args = ["hush"]
"""


def test_an_audit_compares_what_is_deployed_with_every_key_and_shows_no_value(folder):
    host = folder / "host"
    for made_folder in ("etc/codex", "etc/tipstaff", "home/dev/.codex"):
        (host / made_folder).mkdir(parents=True)
    (host / "etc/tipstaff/policy.toml").write_text(POLICY + CARRIED)
    (host / "etc/codex/requirements.toml").write_text(
        'allowed_login_methods = ["chatgpt"]\nallowed_approval_policies = ["never"]\n'
    )
    (host / "etc/codex/managed_config.toml").write_text(
        'forced_login_method = "chatgpt"\n[mcp_servers.x]\ncommand = "another hush"\n'
    )
    words = (
        "audit",
        "--system-root",
        "host",
        "--client",
        "codex",
        "--client-version",
        "0.169.0",
        "--select",
        "TIP308",
    )

    done = tipstaff(*words, "--format", "json", cwd=folder)

    found = {load["subject"]: load for load in json.loads(done.stdout)["findings"]}
    other, missing = (
        found[f"clients.codex.config.mcp_servers.x.{name}"] for name in ("command", "args")
    )
    assert "fail" == other["status"]
    assert "fail" == missing["status"]
    assert "pass" == found["other keys"]["status"]
    assert ["/etc/codex/managed_config.toml", "/etc/tipstaff/policy.toml"] == [
        evidence["path"] for evidence in other["evidence"]
    ]
    assert [3, 10] == [evidence["line"] for evidence in other["evidence"]]
    assert "hush" not in done.stdout
