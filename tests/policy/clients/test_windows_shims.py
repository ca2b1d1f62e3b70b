"""The shims for Windows: what they say to each interpreter, and what they start."""

import os
import re
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell

from tipstaff_policy.clients.shim import Shim
from tipstaff_policy.clients.windows_shims import (
    ENDINGS,
    entry_behind,
    is_marked,
    parse_windows_shim,
    render_windows_shim,
)
from tipstaff_policy.errors import UsageError
from tipstaff_policy.system.windows import child_process

PYTHON = "C:\\Program Files\\Tipstaff\\python\\python.exe"
GUARD = "C:\\Program Files\\Tipstaff\\packages\\tipstaff_policy\\guard.py"
FOLDER = "C:\\Program Files\\Tipstaff\\clients\\Program Files\\nodejs"
LAUNCHER = b"MZ launcher #!not a line"
BY_ENDING = pytest.mark.parametrize("ending", ENDINGS, ids=[ending or "sh" for ending in ENDINGS])
TEXTS = pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending != ".exe"])


def shim(ending, version="0.1.0", name="codex"):
    return Shim(version, PYTHON, GUARD, f"{FOLDER}\\{name}{ending}")


def rendered(ending):
    return render_windows_shim(shim(ending), LAUNCHER)


@BY_ENDING
def test_a_shim_reads_back_as_what_was_written(ending):
    assert shim(ending) == parse_windows_shim(rendered(ending), ending)


@BY_ENDING
def test_an_edited_shim_is_none_but_is_recognised(ending):
    edited = rendered(ending).replace(b"tipstaff shim 0.1.0", b"tipstaff shim 0.1.0 edited")
    if ending == ".exe":
        edited = rendered(ending).replace(b"-IS\r\n", b"-IS\r\n ")

    assert parse_windows_shim(edited, ending) is None


@BY_ENDING
def test_an_edited_text_is_still_marked(ending):
    edited = rendered(ending) + (b"" if ending == ".exe" else b"echo more\n")

    assert is_marked(edited, ending)


@BY_ENDING
def test_a_shim_of_one_kind_is_none_of_another(ending):
    others = [other for other in ENDINGS if other != ending]

    assert [None] * len(others) == [parse_windows_shim(rendered(ending), other) for other in others]


@BY_ENDING
def test_a_client_is_no_shim(ending):
    assert parse_windows_shim(b"MZ\0\0 a program", ending) is None


ODD = {
    "a percent sign": "C:\\Program Files\\100%\\codex",
    "a quote": "C:\\it's\\codex",
    "an ampersand": "C:\\a & b\\codex",
    "a dollar": "C:\\$x\\codex",
    "a backquote": "C:\\`x\\codex",
    "an exclamation mark": "C:\\x!\\codex",
    "a caret": "C:\\x^y\\codex",
    "no drive": "\\Program Files\\codex",
    "a share": "\\\\server\\share\\codex",
    "a line break": "C:\\x\ny\\codex",
    "letters that the console may not have": "C:\\Prográm\\codex",
}


@pytest.mark.parametrize("path", ODD.values(), ids=ODD)
@BY_ENDING
def test_a_path_that_an_interpreter_would_change_is_refused(ending, path):
    with pytest.raises(UsageError, match="cannot stand in a shim"):
        render_windows_shim(Shim("0.1.0", PYTHON, GUARD, path + ending), LAUNCHER)


@BY_ENDING
def test_a_shim_without_its_parts_says_which_and_how_to_go_on(ending):
    text = rendered(ending) if ending != ".exe" else program_of(rendered(ending))

    for part in (PYTHON, GUARD, f"{FOLDER}\\codex{ending}", "tipstaff install", "move /y"):
        assert part.encode() in text


def program_of(content):
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return packed.read("__main__.py")


# for cmd.exe


def test_cmd_gets_the_lines_and_no_other():
    lines = rendered(".cmd").decode("ascii").split("\r\n")

    assert ["@echo off", "rem tipstaff shim 0.1.0", "setlocal DisableDelayedExpansion"] == lines[:3]
    assert f'"{PYTHON}" -IS "{GUARD}" -- "{FOLDER}\\codex.cmd" %*' == lines[-2]
    assert "" == lines[-1]


def test_cmd_ends_with_the_guards_exit_code_because_nothing_follows_it():
    lines = rendered(".cmd").decode("ascii").split("\r\n")

    assert ["%*"] == re.findall(r"%[^%\s]*%?", "\n".join(lines))
    assert lines[-2].endswith("%*")


def test_no_variable_of_the_users_stands_in_the_shim_for_cmd():
    assert b"%" not in rendered(".cmd").replace(b"%*", b"")


# for PowerShell


def parsed(text):
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    return parser.parse(text).root_node


def nodes_of(node, kind):
    found = [node] if node.type == kind else []
    return found + [inner for child in node.children for inner in nodes_of(child, kind)]


def test_powershell_parses_its_shim():
    assert not parsed(rendered(".ps1")).has_error


def test_powershell_starts_the_guard_by_the_call_operator_and_passes_the_arguments_on():
    commands = [node.text.decode() for node in nodes_of(parsed(rendered(".ps1")), "command")]
    guard = f"& '{PYTHON}' -IS '{GUARD}' -- '{FOLDER}\\codex.ps1' @args"

    assert 2 == sum(guard in command for command in commands)


def test_no_text_of_the_shim_for_powershell_is_expanded():
    assert [] == nodes_of(parsed(rendered(".ps1")), "expandable_string_literal")


# for Git Bash


def test_the_shell_parses_its_shim(tmp_path):
    file = tmp_path / "codex"
    file.write_bytes(rendered(""))

    assert 0 == subprocess.run(["sh", "-n", file], check=False).returncode


def test_the_shell_passes_every_argument_on_as_it_is(tmp_path):
    seen = tmp_path / "seen"
    tool = tmp_path / "python.exe"
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\nexit 7\n')
    tool.chmod(0o755)
    for name in ("guard.py", "codex"):
        (tmp_path / name).write_text("")
    text = rendered("").decode()
    for there, here in (
        (PYTHON, tool),
        (GUARD, tmp_path / "guard.py"),
        (f"{FOLDER}\\codex", tmp_path / "codex"),
    ):
        text = text.replace(f"'{there}'", f"'{here}'")
    words = ["a b", "100%", "$HOME", "`x`", 'say "hi"', "", "x!", "a&b"]

    done = subprocess.run(["sh", "-c", text, "codex", *words], check=False)

    assert 7 == done.returncode
    assert words == seen.read_text().split("\n")[4:-1]


def test_the_shell_says_what_is_missing(tmp_path):
    done = subprocess.run(["sh", "-c", rendered("").decode()], check=False, capture_output=True)

    assert 4 == done.returncode
    assert b"not started: a part of Tipstaff or the client is missing" in done.stderr


# as a program


def test_a_program_is_the_launcher_then_the_line_it_reads_then_what_python_runs():
    content = rendered(".exe")

    assert content.startswith(LAUNCHER + f'#!"{PYTHON}" -IS\r\n'.encode() + b"PK")


def test_a_program_runs_the_guard_in_the_same_process(tmp_path):
    guard = tmp_path / "guard.py"
    guard.write_text("import sys, json\nprint(json.dumps([__name__, __file__, *sys.argv]))\n")
    client = tmp_path / "codex.exe"
    client.write_text("")
    text = program_of(rendered(".exe")).decode()
    text = text.replace(GUARD, str(guard)).replace(f"{FOLDER}\\codex.exe", str(client))

    done = subprocess.run(
        ["python3", "-IS", "-c", text, "a b", "%x%"], check=False, capture_output=True, text=True
    )

    expected = f'["__main__", "{guard}", "{guard}", "--", "{client}", "a b", "%x%"]'
    assert expected == done.stdout.strip()


def test_without_a_launcher_there_is_no_shim_that_is_a_program():
    with pytest.raises(UsageError, match="no launcher"):
        render_windows_shim(shim(".exe"))


def test_the_same_shim_is_the_same_bytes():
    assert rendered(".exe") == rendered(".exe")


# behind a shim

BEHIND = {
    "a client aside": (f"{FOLDER}\\codex.cmd", "C:/Program Files/nodejs/codex.cmd"),
    "in another case": (f"{FOLDER}\\codex.cmd".upper(), "C:/PROGRAM FILES/NODEJS/CODEX.CMD"),
    "any other program": ("C:\\tools\\codex.exe", "C:\\tools\\codex.exe"),
}


@pytest.mark.parametrize(("client", "entry"), BEHIND.values(), ids=BEHIND)
def test_a_client_is_named_by_the_place_it_was_taken_from(client, entry):
    assert entry == entry_behind(client)


NPM = Path(__file__).with_name("npm_launchers")
LAUNCHERS = pytest.mark.parametrize("name", ["codex", "codex.cmd", "codex.ps1"])


@LAUNCHERS
def test_the_script_of_a_launcher_of_npm_is_found(name):
    found = child_process.npm_script(str(NPM / name), "/nodejs")

    assert "/nodejs/node_modules/@openai/codex/bin/codex.js" == found


@LAUNCHERS
def test_a_launcher_of_npm_starts_as_node_with_its_script(name, tmp_path):
    (tmp_path / "node.exe").write_text("")
    words = ("exec", "a b", "%PATH%", "x^y", "x & calc", '"')

    found = child_process.resolve((str(NPM / name), *words), {}, str(tmp_path))

    script = f"{tmp_path}/node_modules/@openai/codex/bin/codex.js"
    assert (f"{tmp_path}/node.exe", script, *words) == found


def test_node_comes_from_the_path_where_it_is_not_next_to_the_launcher(tmp_path):
    (tmp_path / "node.exe").write_text("")

    found = child_process.resolve((str(NPM / "codex.cmd"),), {"Path": str(tmp_path)}, "/nodejs")

    assert f"{tmp_path}/node.exe" == found[0]


def test_node_is_never_taken_from_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "node.exe").write_text("")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match="no folder of PATH"):
        child_process.resolve((str(NPM / "codex.cmd"),), {"PATH": "." + os.pathsep}, "/nodejs")


BATCHES = {
    "any batch file": "@echo off\r\nstart calc %*\r\n",
    "one with a second command": '\r\n"%_prog%"  "%dp0%\\a.js" %* & calc\r\n',
    "nothing": "",
}


@pytest.mark.parametrize("text", BATCHES.values(), ids=BATCHES)
def test_a_batch_file_that_npm_has_not_written_is_not_started(text, tmp_path):
    file = tmp_path / "codex.cmd"
    file.write_text(text, newline="")

    with pytest.raises(UsageError, match="neither a program nor a launcher"):
        child_process.resolve((str(file), "x"), {})


def test_a_program_is_started_as_it_is():
    command = ("C:/tools/codex.exe", "exec", "a b")

    assert command == child_process.resolve(command, {})


def test_a_name_is_looked_up_as_a_program_first(tmp_path):
    for name in ("codex.cmd", "codex.exe"):
        (tmp_path / name).write_text("")

    found = child_process.resolve(("codex", "x"), {"PATH": str(tmp_path)})

    assert (f"{tmp_path}/codex.exe", "x") == found


def test_a_name_that_is_nowhere_is_an_error():
    with pytest.raises(UsageError, match="on no folder of PATH"):
        child_process.resolve(("codex",), {"PATH": ""})


def test_the_exit_code_of_what_was_started_is_returned(tmp_path, monkeypatch):
    program = tmp_path / "codex.exe"
    program.write_text("#!/bin/sh\nexit 23\n")
    program.chmod(0o755)

    assert 23 == child_process.start((str(program),), dict(os.environ))
