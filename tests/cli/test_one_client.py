"""An option that means one client alone chooses that client; what could mean several is refused."""

import json
import shutil
import sys

import pytest
from example_hosts import HERE

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY
from support.machines.hosts import FORCED_CHATGPT, credential, make_host, run, tipstaff
from tipstaff_policy import guard

OF_CLAUDE = "home/dev/.config/anthropic/credentials/default.json"


@pytest.fixture
def root(tmp_path):
    """A host with a login of each client, of which both violate."""
    host = make_host(tmp_path / "host", auth=API_KEY, managed=FORCED_CHATGPT)
    shutil.copytree(HERE / "hosts/claude-profile", host, dirs_exist_ok=True)
    return host


def home(root):
    return "--codex-home", root / "home/dev/.codex"


def run_guard(root, *words):
    return run([sys.executable, "-I", "-S", guard.__file__, "--system-root", root, *words])


COMMANDS = {
    "audit": ("audit",),
    "enforce": ("enforce", "--dry-run"),
    "why": ("why",),
    "doctor": ("doctor",),
    "logout": ("logout", "--dry-run"),
    "credentials list": ("credentials", "list"),
    "credentials find": ("credentials", "find"),
    "credentials migrate": ("credentials", "migrate", "--to", "keyring", "--dry-run"),
    "credentials revoke": ("credentials", "revoke", "--dry-run"),
    "client list": ("client", "list"),
    "policy show": ("policy", "show"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_the_folder_of_one_client_chooses_that_client(words, root):
    place = 2 if words[0] in ("credentials", "client", "policy") else 1

    done = tipstaff(*words[:place], *home(root), "--system-root", root, *words[place:])

    assert 2 != done.returncode, done.stderr
    assert "claude" not in (done.stdout + done.stderr).replace("claude-profile", "")


ONE = {
    "its folder": ("--codex-home", "{root}/home/dev/.codex"),
    "its start option": ("-c", "a=b"),
    "its entry point": ("--entry-point", "exec"),
}


@pytest.mark.parametrize("words", ONE.values(), ids=ONE)
def test_the_guard_judges_the_only_client_that_an_option_means(words, root):
    done = run_guard(root, *(word.format(root=root) for word in words))

    assert 10 == done.returncode, done.stderr
    assert (False, True) == (credential(root).exists(), (root / OF_CLAUDE).exists())


OTHERS = {
    "named": ("--client", "claude", "--codex-home", "/srv"),
    "started": ("--codex-home", "/srv", "--", "claude"),
    "two folders": ("--client-home", "/srv", "--codex-home", "/srv"),
}


@pytest.mark.parametrize("words", OTHERS.values(), ids=OTHERS)
def test_the_folder_of_one_client_is_wrong_usage_for_another(words, root):
    guarded = run_guard(root, *words)
    executed = tipstaff("exec", *words, *([] if "--" in words else ["--", "echo"]))

    assert (2, 2) == (guarded.returncode, executed.returncode)
    assert guarded.stderr.splitlines()[0] == executed.stderr.splitlines()[0]


def lint(folder, *words):
    return tipstaff("policy", "lint", folder, "--format", "json", *words)


CONCERNED = {
    "a table": ('[clients.claude]\nlogin_methods = ["claudeai"]\n', "2.1.330", "claude"),
    "keys at the top": ('login_methods = ["chatgpt"]\n', "0.150.0", "codex"),
    "other keys": ('[clients.claude.settings]\nmodel = "opus"\n', "2.1.330", "claude"),
}


@pytest.mark.parametrize(("text", "version", "client"), CONCERNED.values(), ids=CONCERNED)
def test_lint_takes_a_version_as_that_of_the_only_client_of_the_policy(
    text, version, client, tmp_path
):
    (tmp_path / "policy.toml").write_text(ROOT + text)

    document = json.loads(lint(tmp_path, "--client-version", version).stdout)

    assert (client, version) == (document["client"], document["client_version"])


def test_lint_takes_a_version_as_that_of_the_only_client_whose_file_it_reads(tmp_path):
    (tmp_path / "managed-settings.json").write_text("{}")

    document = json.loads(lint(tmp_path, "--client-version", "2.1.330").stdout)

    assert "claude" == document["client"]


BOTH = ROOT + 'login_methods = ["chatgpt"]\n[clients.claude]\nlogin_methods = ["claudeai"]\n'


def test_lint_does_not_guess_whose_version_is_meant(tmp_path):
    (tmp_path / "policy.toml").write_text(BOTH)

    done = lint(tmp_path, "--client-version", "2.1.330")

    assert 2 == done.returncode
    assert "--client-version is that of one client, and the files concern codex and claude" in (
        done.stderr
    )
    assert "expected: --client with one of codex, claude" in done.stderr


def test_lint_takes_a_version_as_that_of_the_client_that_is_named(tmp_path):
    (tmp_path / "policy.toml").write_text(BOTH)

    done = lint(tmp_path, "--client", "claude", "--client-version", "2.1.330")

    assert ("claude", "2.1.330") == tuple(
        json.loads(done.stdout)[name] for name in ("client", "client_version")
    )


def test_lint_judges_the_files_of_each_client_by_the_version_that_the_policy_allows(tmp_path):
    table = '[clients.codex]\noldest_version = "0.146.0"\n'
    (tmp_path / "policy.toml").write_text(f"{ROOT}{table}")
    (tmp_path / "requirements.toml").write_text('allowed_login_methods = ["chatgpt"]\n')

    done = lint(tmp_path, "--client", "claude", "--client-version", "2.1.330")

    assert "client 0.146.0" in done.stdout
