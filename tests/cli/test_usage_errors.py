"""A command line that does not work is answered in plain words, with the help that says more."""

import re
from itertools import chain

import pytest

from support.machines.hosts import tipstaff
from tipstaff_cli.main import COMMANDS, load_command
from tipstaff_cli.shared.usage_errors import GROUPS

WRONG = {
    "policy render": ("policy render", "--to is missing"),
    "policy render policy.toml --to": ("policy render", "Option '--to' requires an argument."),
    "policy rendr": ("policy", "No such command 'rendr'. Did you mean 'render'?"),
    "polcy": ("", "No such command 'polcy'. Did you mean 'policy'?"),
    "report diff a.json": ("report diff", "NEW is missing"),
    "audit --format xml": ("audit", "--format 'xml' is not known"),
    "audit --fromat json": ("audit", "unknown option --fromat"),
    "audit --process x": ("audit", "the value of --process cannot be used"),
    "enforce --lock-timeout soon": ("enforce", "the value of --lock-timeout cannot be used"),
    "enforce --lock-timeout -1": ("enforce", "the value of --lock-timeout cannot be used"),
    "enforce --dry-run=1": ("enforce", "Option '--dry-run' does not take a value."),
    "credentials migrate": ("credentials migrate", "--to is missing"),
    "policy publish init": ("policy publish init", "DIR is missing"),
    "policy publish rotate": ("policy publish rotate", "DIR is missing"),
    "report convert audit.json": ("report convert", "no format given"),
    "audit -c x": ("audit", "-c 'x' has no key or no value"),
}
"""Each command line: the command whose help is named, and what is wrong."""


@pytest.mark.parametrize("line", WRONG)
def test_a_usage_error_names_what_is_wrong_and_the_help_of_its_own_command(line):
    done = tipstaff(*line.split())

    command, what = WRONG[line]
    first, *_, last = done.stderr.splitlines()
    assert 2 == done.returncode
    assert f"error: {what}" == first
    assert f"  to do:    see `{' '.join(('tipstaff', *command.split()))} --help`" == last


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("audit --entry-point zz", "exec, interactive, app-server, status, print"),
        ("audit --fromat json", "--format or --report"),
        ("audit --process x", "a whole number"),
        ("enforce --lock-timeout soon", "a number"),
        ("enforce --lock-timeout -1", "greater than or equal to 0"),
        ("credentials migrate", "file, keyring"),
    ],
)
def test_a_usage_error_says_what_was_expected(line, expected):
    assert f"  expected: {expected}" in tipstaff(*line.split()).stderr.splitlines()


@pytest.mark.parametrize("line", WRONG)
def test_a_usage_error_holds_no_words_of_a_library(line):
    said = tipstaff(*line.split()).stderr

    assert [] == re.findall(r"Value error|Input should|unable to parse|validation", said)


def test_the_groups_whose_commands_are_named_are_those_of_the_program():
    def groups(command, path):
        if hasattr(command, "commands"):
            yield path
            for name, member in command.commands.items():
                yield from groups(member, (*path, name))

    loaded = (groups(load_command(name), (name,)) for name in COMMANDS)
    assert set(GROUPS) == {(), *chain.from_iterable(loaded)}
    assert {group for (group, *_) in filter(None, GROUPS)} <= set(COMMANDS)
