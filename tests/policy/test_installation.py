"""The version comes from the package beside the program; the program is never run."""

import json

import pytest

from tipstaff_policy.clients.codex.installation import find_client
from tipstaff_policy.clients.model import Request


def install(folder, version="0.160.0", name="@openai/codex"):
    package = folder / "lib/node_modules/@openai/codex"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "version": version}))
    program = package / "bin/codex.js"
    program.write_text("#!/bin/sh\nexit 99\n")
    program.chmod(0o755)
    (folder / "bin").mkdir()
    (folder / "bin/codex").symlink_to(program)
    return folder / "bin/codex"


def found(folder, **more):
    return find_client(Request({"PATH": f"/nowhere:{folder}/bin"}, "/", 0, **more))


@pytest.mark.parametrize(
    ("version", "shown"), [("0.160.0", "0.160.0"), ("0.169.0-linux-x64", "0.169.0")]
)
def test_the_package_tells_the_version(version, shown, tmp_path):
    program = install(tmp_path, version)

    client = found(tmp_path)

    assert (shown, "package", str(program)) == (client.version, client.version_source, client.path)


def test_a_program_named_by_its_path_is_asked_before_the_path(tmp_path):
    install(tmp_path / "other", "0.150.0")
    program = install(tmp_path / "named", "0.155.0")

    assert "0.155.0" == found(tmp_path / "other", program=str(program)).version


def test_an_option_beats_the_package(tmp_path):
    install(tmp_path)

    assert ("0.169.0", "option") == found(tmp_path, client_version="0.169.0")[1:3]


@pytest.mark.parametrize("name", ["@else/codex", 5])
def test_a_foreign_package_tells_nothing(name, tmp_path):
    install(tmp_path, name=name)

    assert "assumed" == found(tmp_path).version_source


def test_an_image_is_searched_where_packages_are_installed(tmp_path):
    install(tmp_path / "usr")

    client = found("/nowhere", system_root=str(tmp_path))

    assert ("0.160.0", "package") == (client.version, client.version_source)


@pytest.mark.parametrize(
    ("version", "proven"),
    [
        ("0.130.0", True),
        ("0.145.0", False),
        ("0.146.0", True),
        ("0.150.0", True),
        ("0.160.0", True),
        ("0.169.0", True),
        ("0.170.0", False),
    ],
)
def test_a_version_outside_the_proven_ones_says_so(version, proven):
    assert proven == find_client(Request({}, "/", 0, version)).proven
