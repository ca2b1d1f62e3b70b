"""The version comes from the package around the program; the program is never run."""

import json
import os

import pytest

from support.clients.installed_clients import install, install_bare
from tipstaff_policy.clients.codex.installations import find_installations
from tipstaff_policy.clients.codex.versions import PROVEN
from tipstaff_policy.model.request import Request

TRUSTED = "package" if os.getuid() == 0 else "doubted"
"""What an ordinary user installs is his own, and no administrators'."""
STRANGER = 4321
OLDEST, NEWEST = (".".join(map(str, PROVEN[place])) for place in (0, -1))
NEWER = f"{PROVEN[-1][0]}.{PROVEN[-1][1] + 1}.0"


def every(*folders, **more):
    path = ":".join(["/nowhere", *(f"{folder}/bin" for folder in folders)])
    return find_installations(Request({"PATH": path}, "/", 0, **more))


def found(folder, **more):
    return every(folder, **more)[0]


def in_image(root):
    return find_installations(Request({}, "/", 0, system_root=str(root)))


@pytest.mark.parametrize(
    ("version", "shown"), [("0.160.0", "0.160.0"), ("0.169.0-linux-x64", "0.169.0")]
)
def test_the_package_tells_the_version(version, shown, tmp_path):
    program = install(tmp_path / "usr", version)

    client = found(tmp_path / "usr")

    assert shown == client.version
    assert TRUSTED == client.version_source
    assert str(program) == client.path


def test_a_program_named_by_its_path_is_the_only_one(tmp_path):
    install(tmp_path / "other", "0.150.0")
    program = install(tmp_path / "named", "0.155.0")

    clients = every(tmp_path / "other", program=str(program))

    assert ["0.155.0"] == [client.version for client in clients]


def test_a_program_named_by_its_name_is_the_first_on_the_path(tmp_path):
    install(tmp_path / "first", "0.150.0")
    install(tmp_path / "second", "0.155.0")

    clients = every(tmp_path / "first", tmp_path / "second", program="codex")

    assert ["0.150.0"] == [client.version for client in clients]


@pytest.mark.parametrize("entry", ["", ".", "relative"])
def test_folders_of_the_path_are_taken_as_a_start_takes_them(entry, tmp_path, monkeypatch):
    install(tmp_path / "usr", "0.150.0")
    (tmp_path / "relative").mkdir()
    for place in (tmp_path, tmp_path / "relative"):
        (place / "codex").symlink_to(tmp_path / "usr/bin/codex")
    monkeypatch.chdir(tmp_path)

    clients = find_installations(Request({"PATH": f"{entry}:/nowhere"}, "/", 0, program="codex"))

    assert [str(tmp_path / entry / "codex")] == [client.path for client in clients]


def test_every_program_on_the_path_is_found_in_its_order_and_once(tmp_path):
    install(tmp_path / "first", "0.150.0")
    install(tmp_path / "second", "0.155.0")
    (tmp_path / "third/bin").mkdir(parents=True)
    (tmp_path / "third/bin/codex").symlink_to(tmp_path / "first/bin/codex")

    clients = every(tmp_path / "second", tmp_path / "first", tmp_path / "third")

    assert [
        ("0.155.0", f"{tmp_path}/second/bin/codex"),
        ("0.150.0", f"{tmp_path}/first/bin/codex"),
    ] == [(client.version, client.path) for client in clients]


def test_an_option_beats_the_package(tmp_path):
    install(tmp_path / "usr")

    clients = every(tmp_path / "usr", client_version="0.169.0")

    assert [("0.169.0", "option", None)] == [client[1:4] for client in clients]


@pytest.mark.parametrize("name", ["@else/codex", 5])
def test_a_foreign_package_tells_nothing(name, tmp_path):
    install(tmp_path / "usr", name=name)

    assert "assumed" == found(tmp_path / "usr").version_source


def test_an_image_is_searched_where_programs_and_packages_are_installed(tmp_path):
    install(tmp_path / "usr", "0.160.0")
    install(tmp_path / "usr/local", "0.150.0")
    (tmp_path / "usr/local/bin/codex").unlink()
    install_bare(tmp_path / "opt/homebrew")

    assert [
        ("/usr/bin/codex", "0.160.0", "package"),
        ("/opt/homebrew/bin/codex", NEWEST, "assumed"),
        ("/usr/local/lib/node_modules/@openai/codex", "0.150.0", "package"),
    ] == [
        (installed.path, installed.version, installed.version_source)
        for installed in in_image(tmp_path)
    ]


def test_links_of_an_image_lead_into_it(tmp_path):
    install(tmp_path / "outside", "0.150.0")
    (tmp_path / "root/usr/bin").mkdir(parents=True)
    (tmp_path / "root/usr/bin/codex").symlink_to(tmp_path / "outside/bin/codex")

    assert [(NEWEST, "assumed", None)] == [
        installation[1:4] for installation in in_image(tmp_path / "root")
    ]


def test_where_none_is_found_the_newest_is_judged_alone(tmp_path):
    (client,) = in_image(tmp_path)

    assert (NEWEST, "assumed", None, True, ()) == (*client[1:5], client.may_be)


@pytest.mark.parametrize(
    ("version", "proven", "may_be"),
    [
        ("0.129.0", False, ()),
        ("0.130.0", True, ()),
        ("0.145.0", False, ()),
        ("0.146.0", True, ()),
        ("0.150.0", True, ()),
        ("0.160.0", True, ()),
        ("0.169.0", True, ()),
        ("0.170.0", False, ()),
        (NEWEST, True, ()),
        (NEWER, False, ()),
        ("99.0.0", False, ()),
    ],
)
def test_a_number_is_judged_by_its_row_and_a_newer_one_by_the_newest(version, proven, may_be):
    (client,) = find_installations(Request({}, "/", 0, version))

    assert proven == client.proven
    assert may_be == client.may_be


def test_a_program_without_a_package_may_be_the_newest_or_the_oldest(tmp_path):
    install_bare(tmp_path / "usr")

    (client,) = in_image(tmp_path)

    assert NEWEST == client.version
    assert client.proven is False
    assert (OLDEST,) == client.may_be


PACKAGE = "usr/lib/node_modules/@openai/codex"
PLACES = (
    "usr", "usr/lib/node_modules", PACKAGE, f"{PACKAGE}/package.json",
    f"{PACKAGE}/bin", f"{PACKAGE}/bin/codex.js",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_others_can_write_is_not_believed(place, tmp_path):
    install(tmp_path / "usr", "0.150.0")
    (tmp_path / place).chmod(0o775)

    (client,) = in_image(tmp_path)

    assert "0.150.0" == client.version
    assert "doubted" == client.version_source
    assert client.proven is False
    assert (NEWEST, OLDEST) == client.may_be
    assert f"/{place} is writable by others (mode 0775)" == client.writable_at


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("place", PLACES)
def test_what_belongs_to_another_is_not_believed(place, tmp_path):
    install(tmp_path / "usr", "0.169.0")
    os.chown(tmp_path / place, STRANGER, -1)

    (client,) = in_image(tmp_path)
    live = found(tmp_path / "usr")

    assert "doubted" == client.version_source
    assert f"/{place} belongs to user {STRANGER}" == client.writable_at
    assert (NEWEST, OLDEST) == client.may_be
    assert f"{tmp_path}{client.writable_at}" == live.writable_at


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_owner_of_an_image_is_believed_in_it(tmp_path):
    root = tmp_path / "root"
    install(root / "usr", "0.150.0")
    for place in (root, *root.rglob("*")):
        os.chown(place, STRANGER, -1, follow_symlinks=False)

    assert ["package"] == [installation.version_source for installation in in_image(root)]
    assert "doubted" == found(root / "usr").version_source


def behind_shim(folder, program):
    """Put a shim of this release in front of a program; return it."""
    from tipstaff_policy.clients.shim import Shim, render_shim

    (folder / "bin").mkdir(parents=True)
    shim = folder / "bin/codex"
    guard = "/opt/tipstaff/tipstaff_policy/guard.py"
    shim.write_text(render_shim(Shim("0.1.0", "/usr/bin/python3", guard, str(program))))
    for place in (folder, folder / "bin", shim):
        place.chmod(0o755)
    return shim


def test_a_shim_stands_for_the_client_behind_it(tmp_path):
    shim = behind_shim(tmp_path / "shims", install(tmp_path / "usr", "0.150.0"))

    client = found(tmp_path / "shims")

    assert "0.150.0" == client.version
    assert TRUSTED == client.version_source
    assert str(shim) == client.path


def test_a_client_and_its_shim_are_one(tmp_path):
    behind_shim(tmp_path / "shims", install(tmp_path / "usr", "0.150.0"))

    assert 1 == len(every(tmp_path / "shims", tmp_path / "usr"))


def test_a_shim_that_others_can_change_vouches_for_no_version(tmp_path):
    shim = behind_shim(tmp_path / "shims", install(tmp_path / "usr", "0.150.0"))
    shim.chmod(0o777)

    client = found(tmp_path / "shims")

    assert "doubted" == client.version_source
    assert str(shim) in client.writable_at


def test_in_an_image_a_shim_leads_inside(tmp_path):
    install(tmp_path / "usr", "0.150.0")
    (tmp_path / "usr/bin/codex").unlink()
    shim = behind_shim(tmp_path / "usr/local", "/usr/lib/node_modules/@openai/codex/bin/codex.js")

    clients = in_image(tmp_path)

    assert ["0.150.0"] == [client.version for client in clients]
    assert f"/{shim.relative_to(tmp_path)}" == clients[0].path


# Other ways in which people get the client.


def program(path, content="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content + "x" * 5000)
    path.chmod(0o755)
    return path


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def stand_alone(root):
    """As the vendor's installer puts it: releases in the client's folder, and a link to one."""
    release = "0.171.0-x86_64-unknown-linux-musl"
    packages = root / "home/dev/.codex/packages/standalone"
    program(packages / "releases" / release / "bin/codex")
    stated = {"layoutVersion": 1, "version": "0.171.0", "entrypoint": "bin/codex"}
    (packages / "releases" / release / "codex-package.json").write_text(json.dumps(stated))
    link(packages / "current", f"releases/{release}")


def cask(root):
    at = program(root / "opt/homebrew/Caskroom/codex/0.169.0/codex-aarch64-apple-darwin")
    link(root / "opt/homebrew/bin/codex", os.path.relpath(at, root / "opt/homebrew/bin"))


def formula(root):
    at = program(root / "usr/local/Cellar/codex/0.160.0/bin/codex")
    link(root / "usr/local/bin/codex", os.path.relpath(at, root / "usr/local/bin"))


def in_editor(root, editor=".vscode", version="0.146.0"):
    folder = root / f"home/dev/{editor}/extensions/openai.chatgpt-26.1.0-linux-x64"
    return program(folder / "bin/linux-x86_64/codex", f"binary codex-mcp-client/{version} more\n")


def native_package(root):
    """The platform's package, called by its program itself."""
    folder = root / "usr/lib/node_modules/@openai/codex-linux-x64"
    program(folder / "vendor/x86_64-unknown-linux-musl/bin/codex")
    (folder / "package.json").write_text(
        '{"name": "@openai/codex", "version": "0.150.0-linux-x64"}'
    )
    link(
        root / "usr/bin/codex",
        "../lib/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
    )


def copied(root):
    program(root / "usr/local/bin/codex", "binary codex-mcp-client/0.169.0 more\n")


LAYOUTS = {
    "the vendor's installer": (stand_alone, "0.171.0", "/home/dev/.codex/packages/standalone/current/bin/codex"),
    "Homebrew, cask": (cask, "0.169.0", "/opt/homebrew/bin/codex"),
    "Homebrew, formula": (formula, "0.160.0", "/usr/local/bin/codex"),
    "an editor's extension": (
        in_editor, "0.146.0",
        "/home/dev/.vscode/extensions/openai.chatgpt-26.1.0-linux-x64/bin/linux-x86_64/codex",
    ),
    "the platform's package": (native_package, "0.150.0", "/usr/bin/codex"),
    "a copy of the program": (copied, "0.169.0", "/usr/local/bin/codex"),
}  # fmt: skip


@pytest.mark.parametrize(("lay", "version", "path"), LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_states_its_version(lay, version, path, tmp_path):
    lay(tmp_path)

    (client,) = in_image(tmp_path)

    assert (version, path) == (client.version, client.path)


def test_several_installations_are_found_each_with_its_version(tmp_path):
    for lay in (cask, formula, stand_alone, in_editor):
        lay(tmp_path)

    assert ["0.146.0", "0.160.0", "0.169.0", "0.171.0"] == sorted(
        client.version for client in in_image(tmp_path)
    )


def test_the_first_is_the_one_that_a_person_starts_by_its_name(tmp_path):
    for lay in (in_editor, stand_alone, copied):
        lay(tmp_path)

    assert "/usr/local/bin/codex" == in_image(tmp_path)[0].path


@pytest.mark.parametrize("editor", [".vscode-server", ".cursor", ".windsurf"])
def test_the_extensions_of_other_editors_are_found_too(editor, tmp_path):
    in_editor(tmp_path, editor)

    assert ["0.146.0"] == [client.version for client in in_image(tmp_path)]


def test_every_version_of_an_extension_is_judged(tmp_path):
    in_editor(tmp_path)
    folder = tmp_path / "home/dev/.vscode/extensions/openai.chatgpt-26.2.0-linux-x64"
    program(folder / "bin/linux-x86_64/codex", "codex-mcp-client/0.169.0\n")

    assert ["0.146.0", "0.169.0"] == [client.version for client in in_image(tmp_path)]


def test_another_extension_is_none_of_the_clients(tmp_path):
    program(tmp_path / "home/dev/.vscode/extensions/other.tool-1.0.0/bin/linux-x86_64/codex")

    assert [None] == [client.path for client in in_image(tmp_path)]


def test_a_mac_s_application_brings_a_client_along(tmp_path):
    program(
        tmp_path / "Applications/ChatGPT.app/Contents/Resources/codex", "codex-mcp-client/0.171.0\n"
    )
    found = find_installations(Request({}, "/", 0, system_root=str(tmp_path), platform="macos"))

    assert [("0.171.0", "/Applications/ChatGPT.app/Contents/Resources/codex")] == [
        (client.version, client.path) for client in found
    ]


def test_on_a_live_host_the_own_home_is_searched_off_the_path(tmp_path):
    in_editor(tmp_path)
    env = {"PATH": "/nowhere", "HOME": f"{tmp_path}/home/dev"}

    assert ["0.146.0"] == [client.version for client in find_installations(Request(env, "/", 0))]


def test_a_program_that_is_named_is_not_searched_in_a_home(tmp_path):
    in_editor(tmp_path)
    named = program(tmp_path / "other/codex", "codex-mcp-client/0.171.0\n")
    env = {"PATH": "/nowhere", "HOME": f"{tmp_path}/home/dev"}

    found = find_installations(Request(env, "/", 0, program=str(named)))

    assert ["0.171.0"] == [client.version for client in found]


def test_what_its_user_can_write_in_an_editor_is_not_believed(tmp_path):
    in_editor(tmp_path).chmod(0o777)

    (client,) = in_image(tmp_path)

    assert ("doubted", False) == (client.version_source, client.proven)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 5}', "null", '{"version": "x"}'])
def test_a_package_of_the_vendors_that_states_nothing_leaves_the_version_open(text, tmp_path):
    stand_alone(tmp_path)
    place = tmp_path / "home/dev/.codex/packages/standalone/current/codex-package.json"
    place.write_text(text)

    assert "assumed" == in_image(tmp_path)[0].version_source


def test_a_link_out_of_an_image_is_not_followed_to_extensions(tmp_path):
    in_editor(tmp_path / "outside")
    home = tmp_path / "image/home/dev/.vscode"
    home.mkdir(parents=True)
    (home / "extensions").symlink_to(tmp_path / "outside/home/dev/.vscode/extensions")

    assert [None] == [client.path for client in in_image(tmp_path / "image")]
