"""Every command as a process of its own, and the same by the program that tests have running."""

import json
import os
import re
import shlex
import shutil
import subprocess

import pytest

from support.artefacts.signers import ssh_key
from support.machines.hosts import BIN, FORCED_CHATGPT, make_host, run, tipstaff
from support.machines.warm import NeedsItsOwnStartError
from tipstaff_cli.main import COMMANDS, load_command

IMAGE = "--client codex --client-version 0.169.0 --system-root host"
RISK = "--owner o --approver a --ticket t --reason r"
LINES = {
    "audit": (f"audit {IMAGE}", 1),
    "enforce": (f"enforce {IMAGE}", 10),
    "why": (f"why {IMAGE}", 0),
    "login": ("login --program nowhere", 2),
    "logout": (f"logout {IMAGE}", 0),
    "watch": ("watch --no-such-option", 2),
    "exec": ("exec --client codex --client-version 0.169.0 -- sh -c 'exit 7'", 7),
    "doctor": (f"doctor {IMAGE}", 1),
    "install": ("install --root host --dry-run --python /usr/bin/python3 --guard /g.py", 4),
    "uninstall": ("uninstall --root host --dry-run", 0),
    "status": ("status --root host", 1),
    "policy show": (f"policy show {IMAGE}", 0),
    "policy explain": (f"policy explain forced_login_method {IMAGE}", 0),
    "policy init": ("policy init new.toml --id p --method chatgpt --contact c", 0),
    "policy lint": ("policy lint policy.toml", 0),
    "policy diff": ("policy diff policy.toml policy.toml", 0),
    "policy simulate": ("policy simulate policy.toml --hosts host", 0),
    "policy render": ("policy render policy.toml --to all --out out", 0),
    "policy verify": ("policy verify policy.toml --against policy.toml", 0),
    "policy sign": ("policy sign policy.toml --key key", 0),
    "policy waive": (f"policy waive TIP102 {RISK} --into policy.toml", 0),
    "policy sync": ("policy sync --system-root host --url https://127.0.0.1:1/x --root site/metadata/1.root.json", 4),
    "policy publish init": (
        "policy publish init new --root key.pub --targets key.pub --snapshot key.pub --sign-with key", 0,
    ),
    "policy publish add": ("policy publish add site policy.toml --sign-with key", 0),
    "policy publish sign": ("policy publish sign site --sign-with key", 2),
    "policy publish rotate": ("policy publish rotate site root --threshold 1 --sign-with key", 0),
    "policy publish refresh": ("policy publish refresh site --sign-with key", 0),
    "policy publish status": ("policy publish status site", 0),
    "report convert": ("report convert report.json --to html", 0),
    "report merge": ("report merge report.json --to csv", 0),
    "report diff": ("report diff report.json report.json", 0),
    "report verify": ("report verify report.json --trusted-key key.pub", 6),
    "fleet ingest": ("fleet ingest no-report.json --store store", 2),
    "fleet report": ("fleet report --store fleet", 5),
    "fleet diff": ("fleet diff --store fleet --since 2026-01-01", 5),
    "fleet duplicates": ("fleet duplicates --store fleet", 5),
    "fleet rejected": ("fleet rejected --store fleet", 0),
    "fleet simulate": ("fleet simulate policy.toml --store fleet", 5),
    "fleet export": ("fleet export --store fleet --to lake", 5),
    "waiver use": ("waiver use no-waiver", 3),
    "waiver list": (f"waiver list {IMAGE}", 0),
    "credentials list": (f"credentials list {IMAGE}", 0),
    "credentials find": (f"credentials find {IMAGE}", 0),
    "credentials migrate": (f"credentials migrate --to keyring {IMAGE}", 3),
    "credentials revoke": (f"credentials revoke --dry-run {IMAGE}", 11),
    "client list": ("client list --system-root host", 0),
    "client diff": (f"client diff 0.150.0 0.169.0 {IMAGE}", 0),
    "client knowledge show": ("client knowledge show --system-root host", 0),
    "client knowledge verify": ("client knowledge verify report.json --trusted-key key.pub", 6),
    "client knowledge export": ("client knowledge export known.json --counter 3 --key key", 0),
    "client knowledge install": ("client knowledge install report.json --system-root host", 6),
    "checks list": ("checks list", 0),
    "checks show": ("checks show TIP102", 0),
    "schema": ("schema report", 0),
}  # fmt: skip
"""Each command: a line that needs no network, and how it ends."""
PASSING = r"[0-9a-f-]{36}|\d{4}-\d\d-\d\d[T ][\d:]+Z?|\d+ (?:ms|seconds)"
"""What differs between two runs of the same line."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Return a folder with a host, a policy, a report, a key and a publisher's folder."""
    folder = tmp_path_factory.mktemp("every") / "desk"
    make_host(folder / "host", user=FORCED_CHATGPT)
    ssh_key(folder, "key")
    for words in (
        "policy init policy.toml --id p --method chatgpt --contact c",
        f"audit {IMAGE} --report json:report.json",
        "fleet ingest report.json --store fleet",
        "policy publish init site --root key.pub --targets key.pub --snapshot key.pub --sign-with key",
        "policy publish add site policy.toml --sign-with key",
    ):
        tipstaff(*words.split(), cwd=folder)
    return folder


def answer(start, line, desk, folder):
    """Return what a line prints and how it ends, in a copy of the folder that is always the same."""
    place = folder / "desk"
    shutil.copytree(desk, place)
    env = {"HOME": str(place / "host/home/dev"), "PATH": os.environ["PATH"]}
    done = start(*shlex.split(line), cwd=place, env=env)
    made = sorted(str(path.relative_to(place)) for path in place.rglob("*"))
    shutil.rmtree(place)
    return (
        done.returncode,
        re.sub(PASSING, "-", done.stdout),
        re.sub(PASSING, "-", done.stderr),
        made,
    )


def in_its_own(*words, **options):
    return run([BIN / "tipstaff", *words], **options)


@pytest.mark.parametrize("name", LINES)
def test_a_command_started_as_a_process_does_what_the_running_program_does(name, desk, tmp_path):
    line, code = LINES[name]

    alone = answer(in_its_own, line, desk, tmp_path)

    assert code == alone[0], alone
    assert alone == answer(tipstaff, line, desk, tmp_path)


def test_every_command_of_the_program_is_started_here():
    def leaves(command, path):
        if not hasattr(command, "commands"):
            yield path
        for name, member in getattr(command, "commands", {}).items():
            yield from leaves(member, f"{path} {name}")

    found = {path for name in COMMANDS for path in leaves(load_command(name), name)}

    assert {*LINES} == found


def test_the_running_program_keeps_nothing_from_one_line_to_the_next(tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)
    audit = (
        "audit",
        "--system-root",
        root,
        "--client",
        "codex",
        "--client-version",
        "0.169.0",
        "--format",
        "json",
    )
    before = tipstaff(*audit).stdout

    (root / "home/dev/.codex/config.toml").unlink()
    changed = tipstaff(*audit).stdout
    (root / "home/dev/.codex/config.toml").write_text(FORCED_CHATGPT)

    assert "log_out" == json.loads(before)["decision"]["verdict"]
    assert "allow" == json.loads(changed)["decision"]["verdict"]
    assert "log_out" == json.loads(tipstaff(*audit).stdout)["decision"]["verdict"]


def test_the_running_program_has_the_environment_and_the_folder_of_its_line(tmp_path):
    words = (
        "exec",
        "--client",
        "codex",
        "--client-version",
        "0.169.0",
        "--",
        "sh",
        "-c",
        "pwd; env",
    )
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "MADE_UP": "one"}

    first = tipstaff(*words, cwd=tmp_path, env=env).stdout.splitlines()
    second = tipstaff(*words, cwd="/", env={**env, "MADE_UP": "two"}).stdout.splitlines()

    assert str(tmp_path) == first[0]
    assert "/" == second[0]
    assert "MADE_UP=one" in first
    assert "MADE_UP=two" in second
    assert set(env) >= {line.partition("=")[0] for line in first[1:]} - {
        "PWD",
        "SHLVL",
        "_",
        "OLDPWD",
    }


def test_the_running_program_has_the_mask_of_its_test(tmp_path):
    words = ("--system-root", make_host(tmp_path / "host"), "--report", f"json:{tmp_path / 'a'}")
    before = os.umask(0o027)
    try:
        tipstaff("audit", *words)
    finally:
        os.umask(before)

    assert 0o640 == (tmp_path / "a").stat().st_mode & 0o777


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "LC_ALL", "FORCE_COLOR"])
def test_a_variable_that_is_read_before_any_command_needs_a_start_of_its_own(name):
    with pytest.raises(NeedsItsOwnStartError, match=name):
        tipstaff("--version", env={**os.environ, name: "7"})


def test_a_line_that_does_not_end_is_stopped_and_the_next_one_runs():
    with pytest.raises(subprocess.TimeoutExpired):
        tipstaff(
            "exec",
            "--client",
            "codex",
            "--client-version",
            "0.169.0",
            "--",
            "sleep",
            "60",
            timeout=3,
        )

    assert 0 == tipstaff("--version").returncode
