"""A client's file that is there already: which of its keys would be lost, and by whom it is kept."""

import json
import os
import subprocess

import pytest

from rollout.drafts import DOCUMENT, draft
from support.machines.private_etc import in_private_etc
from tipstaff_policy.clients import CLIENTS
from tipstaff_policy.clients.interface.deployment import ClientFile
from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.artefacts.places import place_payloads
from tipstaff_rollout.artefacts.policy_package import scripts_of
from tipstaff_rollout.artefacts.powershell_text import detection
from tipstaff_rollout.artefacts.shell_text import read_part, script
from tipstaff_rollout.lint import lint
from tipstaff_rollout.lint.reading import read_files
from tipstaff_rollout.taking_away import find_lost_keys
from tipstaff_rollout.taking_over import take_over

THEIRS = 'allowed_sandbox_modes = ["read-only"]\nallow_appshots = false\n'
CARRIED = "[clients.codex.requirements]\nallow_appshots = false\n"
ALL_CARRIED = CARRIED + 'allowed_sandbox_modes = ["read-only"]\n'
NOT_OURS = 3
LOST = "contains allowed_sandbox_modes at {}:1, which would be lost"
NONE_LOST = "each of its keys is in the file of the policy too"
SOFT = "enforce_from = 2099-01-01\n"


def run(words, **more):
    words = list(map(str, words))
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, **more)


def before_install(made, root):
    """Run what a package runs before it is installed, on a host with another's file."""
    place = root / "etc/codex/requirements.toml"
    place.parent.mkdir(parents=True)
    place.write_text(THEIRS)
    env = {"DPKG_ROOT": str(root), "PATH": os.environ["PATH"]}
    return run(["sh", "-c", scripts_of(made).before_install], env=env)


def test_a_package_names_only_the_keys_that_would_be_lost(tmp_path):
    done = before_install(compile_policy(draft(DOCUMENT + CARRIED)), tmp_path)

    assert NOT_OURS == done.returncode
    assert LOST.format(f"{tmp_path}/etc/codex/requirements.toml") in done.stderr
    assert "allow_appshots" not in done.stderr


def test_a_package_says_where_no_key_would_be_lost(tmp_path):
    done = before_install(compile_policy(draft(DOCUMENT + ALL_CARRIED)), tmp_path)

    assert NOT_OURS == done.returncode
    assert NONE_LOST in done.stderr


def test_a_package_without_that_file_is_installed_next_to_it(tmp_path):
    done = before_install(compile_policy(draft(DOCUMENT + SOFT)), tmp_path)

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.skipif(os.geteuid() != 0, reason="the scripts are for root")
@pytest.mark.parametrize(
    ("text", "shown"),
    [(CARRIED, LOST.format("/etc/codex/requirements.toml")), (ALL_CARRIED, NONE_LOST)],
)
@pytest.mark.parametrize("action", ["check", "install"])
def test_a_script_names_only_the_keys_that_would_be_lost(action, text, shown, tmp_path):
    made = compile_policy(draft(DOCUMENT + text))
    etc, before = in_private_etc(tmp_path)
    (etc / "codex/requirements.toml").write_text(THEIRS)
    (tmp_path / "policy.sh").write_bytes(script(made, place_payloads(made, "linux"), action))

    done = run([*before, "sh", tmp_path / "policy.sh"])

    assert NOT_OURS == done.returncode, done.stdout + done.stderr
    assert shown in done.stdout
    assert "allow_appshots" not in done.stdout


def test_a_script_for_windows_knows_the_keys_of_the_policys_file():
    text = detection(compile_policy(draft(DOCUMENT + CARRIED)))

    assert "allow_appshots'" in text
    assert "Get-Lost $Place $File.Keys" in text


DOCUMENTS = {
    "nested": {"a": 1, "b": {"c": "x", "d": {"e": None}}},
    "of lists": {"a": [1, {"b": 2}, ["c", ":"]], "d": []},
    "empty": {},
    "of empty ones": {"a": {}, "b": {"c": {}}},
    "of marks in texts": {"a": 'x": {', "b": "\\", "c": {"d": "}]"}},
}


def leaves(value, above=()):
    if isinstance(value, dict) and (value or not above):
        return [leaf for name, member in value.items() for leaf in leaves(member, (*above, name))]
    return [".".join(above)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_keys_of_json_are_named_as_a_reader_of_json_finds_them(name, indent, tmp_path):
    place = tmp_path / "x.json"
    place.write_text(json.dumps(DOCUMENTS[name], indent=indent))

    done = run(["sh", "-c", f"{read_part('naming')}\nkeys_in '{place}' ''"])

    named = [line.split()[1] for line in done.stdout.splitlines()]
    assert leaves(DOCUMENTS[name]) == named, done.stderr


def test_a_key_of_json_that_the_policy_ships_is_not_named(tmp_path):
    place = tmp_path / "x.json"
    place.write_text('{"env": {"A": "1", "B": "2"}}')

    done = run(["sh", "-c", f"{read_part('naming')}\nkeys_in '{place}' 'env.A env'"])

    assert f"  contains env.B at {place}:1, which would be lost\n" == done.stdout


SETTINGS = '{"permissions": {"deny": ["WebFetch"]}, "cleanupPeriodDays": 20}\n'
FOR_CLAUDE = DOCUMENT + '[clients.claude]\nlogin_methods = ["claudeai"]\n'
SETTINGS_PLACE = "etc/claude-code/managed-settings.json"


@pytest.fixture
def with_claude(monkeypatch):
    """Know the client of the JSON file too."""
    monkeypatch.setitem(CLIENTS, "claude", "tipstaff_policy.clients.claude.adapter")


@pytest.mark.usefixtures("with_claude")
def test_the_settings_of_claude_code_are_taken_into_the_policy_and_shipped(tmp_path):
    given = (Given(SETTINGS_PLACE, SETTINGS.encode(), "claude_managed_settings"),)

    made = compile_policy(take_over(draft(FOR_CLAUDE), given).draft)

    shipped = json.loads(made.data("claude_managed_settings"))
    assert {**shipped, **json.loads(SETTINGS)} == shipped
    assert "claudeai" == shipped["forceLoginMethod"]


@pytest.mark.usefixtures("with_claude")
def test_lint_and_simulation_name_the_settings_of_claude_code_that_would_be_lost(tmp_path):
    place = tmp_path / SETTINGS_PLACE
    place.parent.mkdir(parents=True)
    place.write_text(SETTINGS)
    given = (
        Given("policy.toml", FOR_CLAUDE.encode(), "policy"),
        Given(SETTINGS_PLACE, SETTINGS.encode(), "claude_managed_settings"),
    )
    made = compile_policy(draft(FOR_CLAUDE))
    files = (ClientFile("claude_managed_settings", made.data("claude_managed_settings").decode()),)

    linted = lint(read_files(given).files, Aim("0.160.0", 0))
    lost = list(find_lost_keys(str(tmp_path), "linux", files, "files"))

    said = " ".join(finding.what for finding in linted if finding.rule == "key-lost")
    assert {"permissions.deny", "cleanupPeriodDays"} == {key.key for key in lost}
    assert all(key.key in said for key in lost)
