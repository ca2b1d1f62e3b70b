"""What the program keeps its libraries from doing, and that they still do all else."""

import sys
import types

import pytest

from support.machines.hosts import make_host, tipstaff
from tipstaff_cli.main import load_command
from tipstaff_cli.shared import lean_libraries

STAND_IN = lean_libraries.PLUGINS


def parsed(words):
    """Return what an audit takes from a command line, by the names of its parameters."""
    command = load_command("audit")
    return command.make_context("audit", list(words)).params


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ([], "report_format", "text"),
        (["--format", "json"], "report_format", "json"),
        (["--client-version", "0.1.0"], "client_version", "0.1.0"),
        ([], "client_version", None),
        ([], "select", []),
        (["--select", "TIP1", "--select", "TIP2"], "select", ["TIP1", "TIP2"]),
        (["--exit-zero"], "exit_zero", True),
        ([], "exit_zero", False),
    ],
)
def test_a_value_is_read_as_typer_reads_it(words, name, value):
    found = parsed(words)[name]

    assert value == (list(found) if isinstance(found, tuple) else found)


def test_a_folder_is_a_path(tmp_path):
    assert tmp_path == parsed(["--system-root", str(tmp_path)])["system_root"]


@pytest.mark.parametrize(
    "words", [("--format", "xml"), ("--fail-on", "grave"), ("--process", "many")]
)
def test_a_value_that_is_none_is_still_refused(words, tmp_path):
    done = tipstaff("audit", "--system-root", str(make_host(tmp_path / "host")), *words)

    assert (2, "") == (done.returncode, done.stdout)


def test_no_plugin_of_another_program_is_looked_for(monkeypatch):
    monkeypatch.delitem(sys.modules, STAND_IN, raising=False)

    lean_libraries.load_no_plugins()

    assert () == sys.modules[STAND_IN].get_plugins()


def test_what_else_the_module_has_is_the_librarys_own(monkeypatch):
    monkeypatch.delitem(sys.modules, STAND_IN, raising=False)
    lean_libraries.load_no_plugins()
    stand_in = sys.modules[STAND_IN]

    assert isinstance(stand_in, types.ModuleType)
    assert "pydantic" == stand_in.PYDANTIC_ENTRY_POINT_GROUP
