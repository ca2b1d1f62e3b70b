"""Every command serves the client on a whole host, in its own words, without a secret."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from example_hosts import HERE, copy_host

from support.artefacts.policies import ROOT
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
PROFILE = HERE / "hosts/claude-profile"
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


NAMED = '[clients.claude]\norganisations = ["org-b"]\n[clients.claude.names]\norg-b = "Acme"\n'
SHOWS_NAMES = {
    "audit": (("audit", "--select", "TIP102"), "expected: org-b (Acme)"),
    "why": (("why",), "sign in to organisation org-b (Acme) by"),
    "enforce": (("enforce", "--dry-run"), 'allows "org-b" (Acme).'),
    "report as a page": (("audit", "--format", "html"), "(<bdi>Acme</bdi>)"),
}
OWN = {
    "credentials list": (("credentials", "list"), "organisation org-b (Acme)"),
    "text": (("audit",), "profiles: user_oauth, organisation org-b (Acme)"),
    "Markdown": (("audit", "--format", "md"), "organisation org-b (Acme)"),
    "page": (("audit", "--format", "html"), "organisation org-b (Acme)"),
}


def with_policy(root, text):
    policy = root / "etc/tipstaff/policy.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text(ROOT + text)
    return root


def profile(root, owner="org-a"):
    """Lay out a login that states whose it is, beside a policy that allows one organisation."""
    shutil.copytree(PROFILE, root, dirs_exist_ok=True)
    (root / "etc/claude-code/managed-settings.json").unlink()
    config = root / "home/dev/.config/anthropic/configs/default.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "organization_uuid": owner}))
    return with_policy(root, NAMED)


@pytest.mark.parametrize(("words", "shown"), SHOWS_NAMES.values(), ids=SHOWS_NAMES)
def test_an_organisation_is_shown_with_its_name(words, shown, tmp_path):
    done = tipstaff(*words, "--client", "claude", "--system-root", profile(tmp_path / "host"))

    assert shown in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("words", "shown"), OWN.values(), ids=OWN)
def test_a_login_is_listed_with_the_name_of_its_organisation(words, shown, tmp_path):
    root = profile(tmp_path / "host", "org-b")

    done = tipstaff(*words, "--client", "claude", "--system-root", root)

    assert shown in done.stdout, done.stdout + done.stderr


def test_a_person_who_is_stopped_reads_the_name_of_the_organisation(tmp_path):
    done = started(GUARD, "--system-root", profile(tmp_path / "host"))

    assert "sign in as the policy allows, to organisation org-b (Acme):" in done.stderr


WHOSE_VARIABLES = {"its own": ("claude", 1), "another client's": ("codex", 0)}


@pytest.mark.parametrize(("client", "code"), WHOSE_VARIABLES.values(), ids=WHOSE_VARIABLES)
def test_a_key_of_its_settings_fails_where_its_own_table_forbids_it(client, code, tmp_path):
    make_claude(tmp_path, home={"env": {"ANTHROPIC_API_KEY": SECRET}})
    root = with_policy(tmp_path, f'[clients.{client}]\nenvironment_credentials = "forbid"\n')

    words = ("--client", "claude", "--select", "TIP104", "--system-root", root)
    done = tipstaff("audit", *words)

    assert code == done.returncode, done.stdout + done.stderr


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
