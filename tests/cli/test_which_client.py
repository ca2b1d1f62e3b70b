"""Commands for one person where several clients are known: what needs no client takes none."""

import pytest
from example_hosts import copy_host

from support.machines.hosts import tipstaff


@pytest.fixture
def installed(tmp_path):
    """Return what runs the program on a machine with some clients on its path."""

    def run_with(*names, words):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(f"#!/bin/sh\necho started {name}\nexit 7\n")
            (folder / name).chmod(0o755)
        env = {"HOME": str(tmp_path), "PATH": str(folder)}
        return tipstaff("login", *words, env=env, input="")

    return run_with


def test_a_sign_in_goes_to_the_only_client_that_is_installed(installed):
    assert "claude auth login ended with 7" in installed("claude", words=()).stdout


def test_a_sign_in_goes_to_the_only_client_that_has_the_way(installed):
    done = installed("claude", "codex", words=("--with-api-key",))

    assert "started codex" in done.stderr, done


def test_a_sign_in_to_one_of_several_clients_names_the_commands_to_type(installed):
    done = installed("claude", "codex", words=())

    assert (2, "") == (done.returncode, done.stdout)
    assert "expected: `tipstaff login --client codex` or `tipstaff login --client claude`" in (
        done.stderr
    )


def test_a_sign_in_without_any_client_names_those_that_are_missing(installed):
    done = installed(words=())

    assert (2, True) == (
        done.returncode,
        "no program of codex or claude was found" in done.stderr,
    ), done


def test_a_sign_in_to_a_client_that_is_missing_names_it(installed):
    done = installed("codex", words=("--client", "claude"))

    assert "no program of claude was found" in done.stderr


def test_the_help_of_a_sign_in_lists_no_option_that_it_refuses():
    text = tipstaff("login", "--help").stdout

    assert "--program" in text
    assert [] == [
        option for option in ("--system-root", "--client-version", "--platform") if option in text
    ]


@pytest.mark.parametrize("words", [("use", "tipstaff-waiver-1.x"), ("list",)], ids=["use", "list"])
def test_a_waiver_is_for_no_single_client(words, tmp_path):
    root = copy_host("both-clients", tmp_path)

    done = tipstaff("waiver", *words, "--system-root", root)

    assert 2 != done.returncode, done
