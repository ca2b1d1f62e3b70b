"""A version counts as installed once package and program state it; nothing is run for that."""

import json

import pytest

from conformance_claude import install

VERSION = "9.8.7"


def make(folder, *, in_package=VERSION, in_program=VERSION):
    package = folder / "node_modules/@anthropic-ai/claude-code"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": in_package}))
    (package / "cli.js").write_text(f"#!/usr/bin/env node\n// Version: {in_program}\nexit(1)\n")
    return folder


def test_the_version_is_read_from_the_program(tmp_path):
    program = install.program_of(make(tmp_path))

    assert install.stated_version(program) == VERSION


def test_a_program_that_states_no_version_has_none(tmp_path):
    (tmp_path / "program").write_bytes(b"\x7fELF" + b"x" * 100)

    assert install.stated_version(tmp_path / "program") is None


@pytest.mark.parametrize("other", ["in_package", "in_program"])
def test_another_version_is_an_error(tmp_path, other):
    folder = make(tmp_path, **{other: "1.0.0"})

    with pytest.raises(OSError, match=r"states version 1\.0\.0, expected 9\.8\.7"):
        install.verify(VERSION, folder)


def test_a_folder_without_a_program_is_an_error(tmp_path):
    with pytest.raises(OSError, match="no program for this processor"):
        install.verify(VERSION, tmp_path)


def test_what_was_not_verified_does_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "CLIENTS", tmp_path)
    make(tmp_path / VERSION)

    assert install.find_client(VERSION) is None


def test_a_program_for_node_is_started_by_node(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "CLIENTS", tmp_path)
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/bin/{name}")
    make(tmp_path / VERSION)
    install.stamp_of(VERSION).touch()

    program = tmp_path / VERSION / "node_modules/@anthropic-ai/claude-code/cli.js"
    assert install.find_client(VERSION) == ["/bin/node", str(program)]
