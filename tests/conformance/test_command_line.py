"""The command line is read as the real client reads it.

A value that no key takes stops the client, which then names it: so it shows which of several
overrides counted, whose profile and which folder. A start that goes on has none of them.
"""

import re
from pathlib import Path

import pytest

from conformance.client import VERSION, Case
from conformance.measure_command_lines import as_text, measure
from tipstaff_policy.clients.codex import command_lines
from tipstaff_policy.clients.codex.command_line import readings
from tipstaff_policy.clients.codex.versions import version_number

FOLDER = "/mnt/host/cwd"
KEY = "forced_login_method"
SWITCH = "secret_auth_storage"
A, B, C = (f"{KEY}={value}" for value in ("one", "two", "three"))
FIVE = f"features.{SWITCH}=5"
EXEC = "exec --skip-git-repo-check"
LINES = {
    "before the command": f"-c {A} {EXEC} hi",
    "before and behind": f"-c {A} {EXEC} -c {B} hi",
    "only before counts, and is not forgotten": f"-c {A} {EXEC} -c model=x hi",
    "on three levels": f"-c {A} {EXEC} -c {B} resume --last -c {C}",
    "glued": f"{EXEC} -c{A} hi",
    "glued with equals": f"{EXEC} -c={A} hi",
    "long with equals": f"{EXEC} --config={A} hi",
    "in a group of letters": f"{EXEC} -mx -c {A} hi",
    "behind the prompt": f"{EXEC} hi -c {A}",
    "from standard input": f"{EXEC} - -c {A}",
    "a prompt before the command": f"hi {EXEC} -c {A}",
    "values that look like commands": f"{EXEC} -i x login -c {A}",
    "an image takes the next words": f"-i x login -c {A}",
    "a command behind an option behind images": f"-i x -c model=x login status -c {A}",
    "a glued image is the only one": f"-ix login -c {A} status",
    "of login": f"login -c {A} status",
    "of login status": f"-c {A} login -c {B} status -c {C}",
    "of review": f"review --uncommitted -c {A}",
    "of the app-server": f"app-server --print-startup-config -c {A}",
    "a value that is a command": f"-m exec login -c {A} status",
    "short and long": f"{EXEC} --config {A} -c {B} hi",
    "a spelling that no help shows": f"--dangerously-bypass-approvals-and-sandbox {EXEC} -c {A}",
    "a switch before an override": f"{EXEC} --enable {SWITCH} -c {FIVE} hi",
    "an override before a switch": f"{EXEC} -c {FIVE} --disable {SWITCH} hi",
    "a switch of the outer level": f"--enable {SWITCH} {EXEC} -c {FIVE} hi",
    "an override alone": f"{EXEC} -c {FIVE} hi",
    "profile": f"{EXEC} -p a hi",
    "profile before the command": f"-p a {EXEC} hi",
    "the inner profile": f"-p a {EXEC} -p b hi",
    "profile of review": "-p a review --uncommitted",
    "folder": f"{EXEC} -C a hi",
    "folder before the command": f"-C a {EXEC} hi",
    "the inner folder": f"-C a {EXEC} -C b hi",
    "folder of review": "-C a review --uncommitted",
    "a folder that nobody goes to": "-C a login status",
    "without the user's file": f"{EXEC} --ignore-user-config hi",
}
PROJECT = "[projects]\n" + "".join(
    f'"{FOLDER}/{folder}" = {{ trust_level = "trusted" }}\n' for folder in "ab"
)
CASE = Case(
    home={"config.toml": PROJECT, **{f"{e}.config.toml": f'{KEY} = "profile-{e}"\n' for e in "ab"}},
    cwd={f"{folder}/.codex/config.toml": f'{KEY} = "folder-{folder}"\n' for folder in "ab"},
)
BAD_USER = Case(home={"config.toml": f'{KEY} = "user"\n'})


def expected(invocation):
    """Return the wrong value that the client stops at by a reading; None where it starts."""
    flags = {}
    for override in invocation.overrides:
        key, _, value = override.partition("=")
        flags[key] = value
    if flags.get(f"features.{SWITCH}", "true") not in ("true", "false"):
        return "5"
    if KEY in flags:
        return flags[KEY]
    if invocation.cwd:
        return f"folder-{invocation.cwd}"
    return f"profile-{invocation.profile}" if invocation.profile else None


def stops_at(namespace, client, line, case):
    out = namespace.run([client, *line.split()], case, until_banner=True)["out"]
    found = re.search(r"unknown variant `([^`]*)`|invalid type: integer `(5)`", out)
    return found and (found[1] or found[2])


@pytest.mark.parametrize("name", LINES)
def test_the_client_stops_at_the_value_that_the_reading_has(name, namespace, client):
    (invocation,) = readings(tuple(LINES[name].split()), (version_number(VERSION),))
    if invocation.ignore_user_config:
        assert stops_at(namespace, client, LINES[name], BAD_USER) is None
        return

    assert expected(invocation) == stops_at(namespace, client, LINES[name], CASE)


def test_the_table_of_this_version_is_what_its_own_help_says(client):
    kept = Path(command_lines.__file__).with_name(f"{VERSION}.json")

    assert as_text(measure(client)) == kept.read_text()


def test_a_relative_folder_of_the_clients_counts_from_where_it_is_started(namespace, client):
    """`-C` moves the work alone: the login is searched where the process was started."""
    bad = Case(
        cwd={"h/config.toml": f'{KEY} = "started"\n', "o/h/config.toml": f'{KEY} = "worked"\n'},
        env={"CODEX_HOME": "h"},
    )

    assert "started" == stops_at(namespace, client, f"{EXEC} -C o hi", bad)


@pytest.mark.parametrize("line", ["exec --no-such-option", "--no-such-option", "exec -Q"])
def test_an_option_that_it_does_not_know_ends_the_client(line, namespace, client):
    assert 2 == namespace.run([client, *line.split()], Case())["code"]
