"""The programs explain themselves."""

import re

import pytest

from hosts import live_guard, make_host, tipstaff
from tipstaff_policy import __version__
from tipstaff_policy.checks import MODULES


@pytest.mark.parametrize(
    "command",
    [
        "audit",
        "doctor",
        "enforce",
        "exec",
        "login",
        "logout",
        "credentials",
        "watch",
        "schema",
        "checks",
    ],
)
def test_every_command_has_help(command):
    done = tipstaff(command, "--help")

    assert 0 == done.returncode
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        "audit",
        "doctor",
        "enforce",
        "exec",
        "install",
        "login",
        "logout",
        "status",
        "why",
        "uninstall",
        "watch",
    ]
    + [f"credentials {each}" for each in ("list", "find", "migrate", "revoke")]
    + [f"report {each}" for each in ("convert", "merge", "diff", "verify")]
    + [
        f"policy {each}"
        for each in (
            "diff",
            "explain",
            "init",
            "lint",
            "render",
            "show",
            "sign",
            "simulate",
            "sync",
            "verify",
            "waive",
        )
    ],
)
def test_help_gives_examples_and_exit_codes(command):
    text = tipstaff(*command.split(), "--help").stdout

    assert "Example" in text
    assert "Exit codes" in text


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

    told = text.partition("Exit codes:")[2].partition("What the issuer")[0]
    assert ["0", "1", "2", "3", "4", "10", "11"] == sorted(
        set(re.findall(r"\b\d+\b", told)), key=int
    )
    assert "A dry run that would log out ends with 11" in told
