"""Which clients are found, and what says which version they are; no client is run."""

import json
import os

import pytest

from tipstaff_policy.clients.claude.installations import (
    find_installations,
    find_stating,
    installation_at,
)
from tipstaff_policy.clients.claude.programs import programs
from tipstaff_policy.clients.claude.versions import (
    BEHAVIOURS_IN_ORDER,
    PROVEN,
    SPANS,
    behaviours_of,
    name_of,
    version_number,
)
from tipstaff_policy.clients.program_facts import read_install_time
from tipstaff_policy.model.request import Request

MODULES = "lib/node_modules/@anthropic-ai/claude-code"
PACKAGE = {"name": "@anthropic-ai/claude-code", "version": "2.1.300"}
PLATFORM = {"name": "@anthropic-ai/claude-code-linux-x64", "version": "2.1.301"}


def program(path, content="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content + "x" * 5000)
    path.chmod(0o755)
    return path


def npm(root, prefix="usr/local"):
    package = root / prefix / MODULES
    at = program(package / "bin/claude.exe")
    (package / "package.json").write_text(json.dumps(PACKAGE))
    link(root / prefix / "bin/claude", os.path.relpath(at, root / prefix / "bin"))


def platform_package(root):
    folder = root / "usr/lib/node_modules/@anthropic-ai/claude-code-linux-x64"
    at = program(folder / "claude")
    (folder / "package.json").write_text(json.dumps(PLATFORM))
    link(root / "usr/bin/claude", os.path.relpath(at, root / "usr/bin"))


def native(root, home="home/dev"):
    program(root / home / ".local/share/claude/versions/2.1.302")
    link(root / home / ".local/bin/claude", f"/{home}/.local/share/claude/versions/2.1.302")


def homebrew(root):
    at = program(root / "opt/homebrew/Caskroom/claude-code/2.1.303/claude")
    link(root / "opt/homebrew/bin/claude", os.path.relpath(at, root / "opt/homebrew/bin"))


def old_local(root):
    modules = root / "home/dev/.claude/local/node_modules"
    program(modules / "@anthropic-ai/claude-code/bin/claude.exe")
    (modules / "@anthropic-ai/claude-code/package.json").write_text(json.dumps(PACKAGE))
    link(modules / ".bin/claude", "../@anthropic-ai/claude-code/bin/claude.exe")


def in_editor(root, editor=".vscode", content="#!/bin/sh\n"):
    folder = root / f"home/dev/{editor}/extensions/anthropic.claude-code-2.1.305-linux-x64"
    program(folder / "resources/native-binary/claude", content)


def in_editor_stated(root):
    in_editor(root, content="binary\n// Version: 2.1.306\nmore\n")


def copied(root):
    program(root / "usr/local/bin/claude", "binary\n// Version: 2.1.304\nmore\n")


def unnamed(root):
    program(root / "usr/local/bin/claude")


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


IN_EDITOR = (
    "/home/dev/.vscode/extensions/anthropic.claude-code-2.1.305-linux-x64/resources/native-binary"
)
LAYOUTS = {
    "npm": (npm, "2.1.300", "/usr/local/bin/claude"),
    "npm, platform package": (platform_package, "2.1.301", "/usr/bin/claude"),
    "native installer": (native, "2.1.302", "/home/dev/.local/bin/claude"),
    "Homebrew": (homebrew, "2.1.303", "/opt/homebrew/bin/claude"),
    "old local install": (old_local, "2.1.300", "/home/dev/.claude/local/node_modules/.bin/claude"),
    "an editor's extension": (in_editor, "2.1.305", f"{IN_EDITOR}/claude"),
    "an editor's extension whose program says more": (
        in_editor_stated,
        "2.1.306",
        f"{IN_EDITOR}/claude",
    ),
    "a copy of the program": (copied, "2.1.304", "/usr/local/bin/claude"),
}


@pytest.mark.parametrize(("lay", "version", "path"), LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_states_its_version(lay, version, path, tmp_path):
    lay(tmp_path)

    (client,) = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert (version, path) == (client.version, client.path)


def test_a_program_that_states_no_version_is_judged_as_the_newest(tmp_path):
    unnamed(tmp_path)

    (client,) = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ("2.1.332", "assumed", False) == (client.version, client.version_source, client.proven)


def test_without_any_program_the_newest_is_judged(tmp_path):
    (client,) = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ("2.1.332", None) == (client.version, client.path)


def test_a_client_of_roots_is_found_in_an_image(tmp_path):
    native(tmp_path, "root")

    (client,) = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ("2.1.302", "/root/.local/bin/claude") == (client.version, client.path)


def test_the_programs_of_the_path_and_of_the_home_are_found_once(tmp_path):
    npm(tmp_path, "prefix")
    native(tmp_path)
    (tmp_path / "home/dev/.local/bin/claude").unlink()
    link(
        tmp_path / "home/dev/.local/bin/claude",
        tmp_path / "home/dev/.local/share/claude/versions/2.1.302",
    )
    env = {
        "PATH": f"{tmp_path}/prefix/bin:{tmp_path}/home/dev/.local/bin",
        "HOME": f"{tmp_path}/home/dev",
    }

    found = find_installations(Request(env, "/", 0))

    assert ["2.1.300", "2.1.302"] == [client.version for client in found]


def test_a_program_that_is_named_is_judged_alone(tmp_path):
    npm(tmp_path, "prefix")
    path = f"{tmp_path}/prefix/bin/claude"

    assert [path] == [
        installation.path for installation in find_installations(Request({}, "/", 0, program=path))
    ]


def test_a_version_that_is_named_is_believed():
    (client,) = find_installations(Request({}, "/", 0, client_version="2.1.332"))

    assert (True, "option", "claude-2.1.330") == (
        client.proven,
        client.version_source,
        client.precedence,
    )


def test_what_others_can_write_is_not_believed(tmp_path):
    npm(tmp_path)
    (tmp_path / "usr/local" / MODULES / "package.json").chmod(0o666)

    (client,) = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ("doubted", False) == (client.version_source, client.proven)


def test_when_it_was_installed_is_known_by_its_package(tmp_path):
    npm(tmp_path)
    package = tmp_path / "usr/local" / MODULES / "package.json"

    assert int(package.stat().st_ctime) == read_install_time(
        "/usr/local/bin/claude", str(tmp_path), find_stating
    )


def test_the_newest_of_the_path_is_unguarded(tmp_path):
    npm(tmp_path)

    (found,) = programs(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ("/usr/local/bin/claude", True) == (found.path, bool(found.unguarded))


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "other", "version": "1.0.0"}', "null"])
def test_a_package_that_is_another_ones_states_nothing(text, tmp_path):
    npm(tmp_path)
    (tmp_path / "usr/local" / MODULES / "package.json").write_text(text)

    assert installation_at(f"{tmp_path}/usr/local/{MODULES}/bin/claude.exe", None).version is None


# Versions.


def test_spans_stand_in_order():
    assert [span.since for span in SPANS] == sorted({span.since for span in SPANS})


def test_every_row_but_those_in_doubt_is_one_of_the_known_ones():
    certain = [span.behaviours[0] for span in SPANS if len(span.behaviours) == 1]

    assert [row for row in certain if row not in BEHAVIOURS_IN_ORDER] == []


@pytest.mark.parametrize("version", PROVEN)
def test_a_proven_version_behaves_in_one_way(version):
    assert 1 == len(behaviours_of(".".join(map(str, version))))


NUMBERS = {"2.1.332": (2, 1, 332), "v2.1.0": (2, 1, 0), "2.1.332-dev": (2, 1, 332), "2.1": None, "latest": None, "": None}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_only_a_release_has_a_number(text, number):
    assert number == version_number(text)


def test_what_is_older_than_anything_seen_has_no_row():
    assert ((), "none") == (behaviours_of("0.2.9"), name_of("0.2.9"))


@pytest.mark.parametrize("editor", [".vscode-server", ".cursor", ".windsurf"])
def test_the_extensions_of_other_editors_are_found_too(editor, tmp_path):
    in_editor(tmp_path, editor)
    found = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ["2.1.305"] == [client.version for client in found]


def test_several_installations_are_found_each_with_its_version(tmp_path):
    for lay in (npm, homebrew, native, in_editor):
        lay(tmp_path)
    found = find_installations(Request({}, "/", 0, system_root=str(tmp_path)))

    assert ["2.1.300", "2.1.302", "2.1.303", "2.1.305"] == sorted(
        client.version for client in found
    )
