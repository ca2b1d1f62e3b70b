"""What the program loads: no more than the command needs that is asked for."""

import inspect
import os
import re
import subprocess
import sys

import pytest
import typer

from support.machines.hosts import BIN, make_host
from tipstaff_cli.main import COMMANDS, app, load_command

BY_TYPER = ("typer", "rich")
LIBRARIES = ("pydantic", "jsonschema", "tomlkit", "keyring", "cryptography", "jinja2")
ROOMS = ("tipstaff_schemas", "tipstaff_reports", "tipstaff_rollout")
COMPLETE = {"_TIPSTAFF_COMPLETE": "complete_bash"}

STARTS = {
    "the version": (("--version",), {}, (*BY_TYPER, *LIBRARIES, *ROOMS, "tipstaff_cli.main")),
    "the list of commands": (
        ("--help",),
        {},
        (*LIBRARIES, *ROOMS, "tipstaff_policy.clients", "rich.console"),
    ),
    "no command": ((), {}, (*LIBRARIES, *ROOMS, "tipstaff_policy.clients")),
    "completing a command": (
        (),
        {**COMPLETE, "COMP_WORDS": "tipstaff aud", "COMP_CWORD": "1"},
        (*LIBRARIES, *ROOMS, "tipstaff_policy.clients", "rich.console"),
    ),
    "completing an option of a command": (
        (),
        {**COMPLETE, "COMP_WORDS": "tipstaff watch --", "COMP_CWORD": "2"},
        ("jsonschema", "tomlkit", "keyring", *ROOMS),
    ),
    "an audit": (
        ("audit", "--system-root", "."),
        {},
        ("jsonschema", "tomlkit", "keyring", "cryptography", "jinja2", "tipstaff_rollout"),
    ),
    "an audit as JSON": (
        ("audit", "--system-root", ".", "--format", "json"),
        {},
        (
            *("jsonschema", "tomlkit", "keyring", "cryptography", "jinja2", "tipstaff_rollout"),
            *("typer._adapters", "importlib.metadata", "tomli", "tipstaff_schemas.users"),
        ),
    ),
    "standing in front of a command": (
        ("exec", "--", "true"),
        {},
        ("jsonschema", "tomlkit", "keyring", "pydantic", *ROOMS),
    ),
}
"""Each: the command line, further variables, and what must not be loaded."""


def loaded_by(words, variables, folder):
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", BIN / "tipstaff", *words],
        env=env, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return set(re.findall(r"^import time: .*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize(("words", "variables", "spared"), STARTS.values(), ids=STARTS)
def test_a_start_loads_no_library_or_room_that_it_does_not_need(words, variables, spared, tmp_path):
    root = make_host(tmp_path / "host")

    loaded = loaded_by(words, variables, root)

    assert "tipstaff_cli.__main__" in loaded
    assert set() == loaded & set(spared)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_list_shows_each_command_by_its_own_first_words(name):
    first = inspect.cleandoc(load_command(name).help).partition("\n\n")[0]

    assert " ".join(first.split()) == COMMANDS[name].help


WHOLE = """
import sys
from tipstaff_cli import main
program = main.typer.main.get_command(main.app)
program.commands = {name: main.load_command(name) for name in main.COMMANDS}
program(["--help"], prog_name="tipstaff")
"""


def test_the_list_of_commands_is_what_loading_all_of_them_would_draw():
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    whole = subprocess.run([sys.executable, "-c", WHOLE], env=env, capture_output=True, check=True)

    lazy = subprocess.run([BIN / "tipstaff", "--help"], env=env, capture_output=True, check=True)

    assert whole.stdout == lazy.stdout


COMPLETIONS = {
    "commands": ("tipstaff lo", ["login", "logout"]),
    "all commands": ("tipstaff ", list(COMMANDS)),
    "the program's options": ("tipstaff --ver", ["--version"]),
    "commands of a group": ("tipstaff policy l", ["lint"]),
    "options of a command": ("tipstaff audit --form", ["--format"]),
    "values of an option": ("tipstaff audit --format js", ["json"]),
    "behind no command": ("tipstaff nothing lo", ["login", "logout"]),
}


@pytest.mark.parametrize(("line", "expected"), COMPLETIONS.values(), ids=COMPLETIONS)
def test_a_word_is_completed(line, expected):
    env = {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", **COMPLETE,
        "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1),
    }  # fmt: skip

    done = subprocess.run([BIN / "tipstaff"], env=env, capture_output=True, text=True, check=False)

    assert 0 == done.returncode
    assert expected == done.stdout.split()


def test_a_misspelt_command_is_answered_by_the_likely_one():
    done = subprocess.run([BIN / "tipstaff", "audti"], capture_output=True, text=True, check=False)

    assert 2 == done.returncode
    assert "Did you mean 'audit'?" in done.stderr


def test_the_program_has_every_command_and_no_other():
    assert list(COMMANDS) == list(typer.main.get_command(app).commands)


FOUND_BY = """
import re, sys
sys.argv = ["tipstaff", "audit", "--help"]
from tipstaff_cli.__main__ import main
main()
from tipstaff_cli.commands import audit
from tipstaff_schemas import report
loaders = {type(each.__loader__).__module__ for each in (audit, report)}
print(*loaders, type(re.compile("a")).__name__, file=sys.stderr)
"""


def test_a_command_finds_modules_without_a_search_and_leaves_patterns_to_python():
    done = subprocess.run(
        [sys.executable, "-c", FOUND_BY], capture_output=True, text=True, check=True
    )

    assert "tipstaff_policy.finder Pattern" == done.stderr.strip()
