"""The programs explain themselves."""

import re

import pytest

from support.machines.hosts import live_guard, make_host, tipstaff
from tipstaff_cli.main import COMMANDS, load_command
from tipstaff_policy import __version__
from tipstaff_policy.checks import MODULES


def paths_in(command, path=()):
    """Every command, as the words by which it is called."""
    inside = getattr(command, "commands", {})
    yield from [path] if not inside else []
    for name, subcommand in inside.items():
        yield from paths_in(subcommand, (*path, name))


COMMANDS_WITH_HELP = [(name, *path) for name in COMMANDS for path in paths_in(load_command(name))]


def help_of(*path):
    """Help as the program prints it; in this process, because there are some forty."""
    command = load_command(path[0])
    context = command.make_context("tipstaff " + path[0], [], resilient_parsing=True)
    for name in path[1:]:
        command = command.commands[name]
        context = command.make_context(name, [], parent=context, resilient_parsing=True)
    return command.get_help(context)


@pytest.mark.parametrize("path", COMMANDS_WITH_HELP, ids=" ".join)
def test_help_gives_an_example_and_exit_codes(path):
    text = help_of(*path)

    assert f"Examples:\n    tipstaff {' '.join(path)}" in text.replace("sudo ", "").replace(
        "printenv OPENAI_API_KEY | ", ""
    )
    assert "Exit codes: " in text


@pytest.mark.parametrize("path", COMMANDS_WITH_HELP, ids=" ".join)
def test_help_fits_into_80_columns(path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    assert [] == [line for line in help_of(*path).splitlines() if len(line) > 80]


@pytest.mark.parametrize("path", COMMANDS_WITH_HELP, ids=" ".join)
def test_an_option_in_an_example_is_one_of_the_command(path):
    text = help_of(*path)
    examples = text.partition("Examples:\n")[2].partition("\n\n")[0]
    examples = re.sub(r'"[^"]*"| -- .*', "", examples)

    named = set(re.findall(r"(?<= )--[a-z][a-z-]*", examples))
    assert set() == {option for option in named if f" {option}" not in text.split("Options:")[1]}


def test_the_help_of_the_program_lists_every_command():
    listed = tipstaff("--help").stdout.partition("Your sign-in:\n")[2]

    assert sorted(COMMANDS) == sorted(re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_the_program_lists_a_command_under_whom_it_is_for(name):
    text = tipstaff("--help").stdout
    sections = dict(re.findall(r"^(\w[\w -]+):\n((?:  .*\n)+)", text, re.MULTILINE))

    assert re.search(rf"^  {name} ", sections[COMMANDS[name].reader], re.MULTILINE)


@pytest.mark.parametrize("words", [(), ("policy",), ("policy", "publish")], ids=str)
def test_a_group_without_a_command_prints_its_help_and_is_wrong_usage(words):
    done = tipstaff(*words)

    assert 2 == done.returncode
    assert done.stdout == tipstaff(*words, "--help").stdout


def test_a_long_example_is_continued_so_that_a_shell_takes_it():
    lines = help_of("policy", "waive").partition("Examples:\n")[2].splitlines()

    assert lines[0].endswith(" \\")
    assert lines[1].startswith("      --")


def test_a_quoted_part_of_an_example_stays_on_one_line():
    assert '"ssh-keygen -Y sign -n tipstaff -f hsm.pub"' in help_of("policy", "sign")


def test_the_version_is_printed(tmp_path):
    root = make_host(tmp_path / "host")

    assert f"tipstaff {__version__}\n" == tipstaff("--version").stdout
    assert f"tipstaff-guard {__version__}\n" == live_guard(root, "--version").stdout
    assert "exit codes" in live_guard(root, "--help").stdout


def test_the_checks_describe_themselves():
    assert len(MODULES) == len(tipstaff("checks", "list").stdout.splitlines())
    assert "remedy: " in tipstaff("checks", "show", "tip101").stdout
    assert 2 == tipstaff("checks", "show", "TIP999").returncode


def test_checks_say_in_words_what_is_special_about_them():
    listed = {line[:6]: line for line in tipstaff("checks", "list").stdout.splitlines()}
    shown = tipstaff("checks", "show", "TIP309").stdout

    assert listed["TIP101"].endswith("(logs out, reads policy)")
    assert listed["TIP303"].endswith("(not waivable)")
    assert listed["TIP204"].endswith("no regular file")
    for line in ("logs out: no", "waivable: no", "reads policy: yes"):
        assert line in shown.splitlines()


def test_colour_is_off_in_a_pipe():
    assert "\x1b" not in tipstaff("--help").stdout


def test_the_help_of_enforce_names_every_exit_code_that_it_has():
    text = " ".join(tipstaff("enforce", "--help").stdout.split())

    message = text.partition("Exit codes:")[2].partition("The issuer")[0]
    assert ["0", "1", "2", "3", "4", "10", "11"] == sorted(
        set(re.findall(r"\b\d+\b", message)), key=int
    )
    assert "A dry run that would log out ends with 11" in message
