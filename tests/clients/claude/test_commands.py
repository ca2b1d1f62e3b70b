"""Every command serves the client on a whole host, in its own words, without a secret."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from example_hosts import copy_host

from support.clients.claude_hosts import make_claude
from support.clients.slot_contract import SECRET
from support.machines.hosts import run, tipstaff
from tipstaff_policy.clients import load_client
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.model.request import Request
from tipstaff_policy.watch import in_a_line
from tipstaff_schemas.export import faults

RUN = """
import sys
from tipstaff_policy import clients
clients.CLIENTS.clear(); clients.PROGRAMS.clear()
clients.CLIENTS["claude"] = "tipstaff_policy.clients.claude.adapter"
clients.PROGRAMS["claude"] = "claude"
from {module} import main
sys.exit(main())
"""
CLI, GUARD = "tipstaff_cli.main", "tipstaff_policy.guard_command"
OTHERS_WORDS = re.compile(
    r"codex(?!-home)|openai|chatgpt|auth\.json|forced_|requirements\.toml", re.IGNORECASE
)
RULES = {"enforceAnthropicSignIn": True, "forceLoginOrgUUID": ["org-a"]}


def host(root, managed=RULES):
    make_claude(root, managed=managed)
    path = Path(root) / "home/dev/.claude.json"
    path.write_text(json.dumps({"primaryApiKey": SECRET, "theme": "dark"}))
    path.chmod(0o600)
    return root


def started(module, *words):
    return run([sys.executable, "-c", RUN.format(module=module), *words], env={**os.environ})


COMMANDS = {
    "audit": ((CLI, "audit"), 1),
    "enforce": ((CLI, "enforce"), 10),
    "logout": ((CLI, "logout"), 0),
    "why": ((CLI, "why"), 0),
    "doctor": ((CLI, "doctor"), 4),
    "credentials list": ((CLI, "credentials", "list"), 0),
    "policy show": ((CLI, "policy", "show"), 0),
    "policy explain": ((CLI, "policy", "explain", "forceLoginOrgUUID"), 0),
    "client list": ((CLI, "client", "list"), 0),
    "client diff": ((CLI, "client", "diff", "2.1.75", "2.1.332"), 1),
    "guard": ((GUARD,), 10),
}


@pytest.mark.parametrize(("words", "code"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_serves_it_in_its_own_words(words, code, tmp_path):
    done = started(*words, "--system-root", host(tmp_path))
    said = done.stdout + done.stderr

    assert (code, [], False) == (done.returncode, OTHERS_WORDS.findall(said), SECRET in said), said


@pytest.mark.parametrize("managed", ["{", '{"forceLoginOrgUUID": []}'])
def test_rules_that_cannot_be_used_remove_nothing(managed, tmp_path):
    root = host(tmp_path, managed)

    done = started(CLI, "enforce", "--system-root", root)

    assert 3 == done.returncode
    assert SECRET in (root / "home/dev/.claude.json").read_text()


def test_its_report_fits_the_schema(tmp_path):
    done = started(CLI, "audit", "--format", "json", "--system-root", host(tmp_path))
    report = json.loads(done.stdout)

    assert [] == faults("report", report)
    assert ("block", "violates") == (report["decision"]["verdict"], report["sign_in"]["verdict"])


ON_A_KEY = {
    "enforce": ("enforce", "removed   "),
    "enforce --dry-run": ("enforce --dry-run", "dry run   would be logged out: "),
    "logout": ("logout", "removed   "),
    "logout --dry-run": ("logout --dry-run", "would be removed: "),
}


@pytest.mark.parametrize(("words", "says"), ON_A_KEY.values(), ids=ON_A_KEY)
def test_it_says_that_a_login_goes_and_not_the_file_that_holds_it(words, says, tmp_path):
    root = copy_host("claude-console-key", tmp_path)

    done = tipstaff(*words.split(), "--client", "claude", "--system-root", root)

    assert f"{says}the login in {root}/home/dev/.claude.json\n" in done.stdout
    assert (root / "home/dev/.claude.json").exists()


def test_the_guard_and_watch_say_that_a_login_goes_too(tmp_path):
    root = copy_host("claude-console-key", tmp_path)
    adapter = load_client("claude")
    request = Request({}, str(root), 1_800_000_000, "2.1.332", str(root))

    result = enforce(adapter, request, lock_timeout_s=0)

    assert f"removed the login in {root}/home/dev/.claude.json" in in_a_line(result)
