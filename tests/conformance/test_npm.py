"""What npm does to a shim in the place of its link, with a package of the client's name."""

import json
import shutil
import subprocess

import pytest

from support.machines.setups import ENTRY, make_tree, started, wanted
from tipstaff_policy.installation.commands import install, look
from tipstaff_policy.installation.status import diagnose_status

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
QUIET = ("--offline", "--no-audit", "--no-fund", "--silent")


def npm(*words, cwd):
    done = subprocess.run(
        ["npm", *words, *QUIET, "--cache", cwd / "cache"],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode


def package(folder, version):
    """Pack a package of the client's name; return the file."""
    place = folder / version
    (place / "bin").mkdir(parents=True)
    (place / "bin/codex.js").write_text(f"#!/usr/bin/env node\nconsole.log('{version}')\n")
    facts = {"name": "@openai/codex", "version": version, "bin": {"codex": "bin/codex.js"}}
    (place / "package.json").write_text(json.dumps(facts))
    assert 0 == npm("pack", place, "--pack-destination", folder, cwd=folder)
    return folder / f"openai-codex-{version}.tgz"


def bad(root):
    symptoms = diagnose_status(look(str(root), wanted(), ()))
    return [symptom.observed for symptom in symptoms if symptom.mark == "bad"]


def test_npm_replaces_and_removes_the_shim_and_an_installation_follows(tmp_path):
    root = make_tree(tmp_path / "root")
    prefix = ("--global", "--prefix", root / "usr")
    npm("install", *prefix, package(tmp_path, "0.160.0"), cwd=tmp_path)
    install(str(root), wanted(), dry_run=False)
    first = started(root)

    npm("install", *prefix, package(tmp_path, "0.169.0"), cwd=tmp_path)
    updated, seen = started(root), bad(root)
    install(str(root), wanted(), dry_run=False)
    mended, well = started(root), bad(root)

    npm("uninstall", *prefix, "@openai/codex", cwd=tmp_path)
    gone, missing = started(root), bad(root)
    install(str(root), wanted(), dry_run=False)

    assert "0.160.0" == first[0].split("'")[1]
    assert "guarded" == first[1]
    assert "0.169.0" == updated[0].split("'")[1]
    assert "bare" == updated[1]
    assert ["was replaced by a client, as `npm update -g` does: the guard stands aside"] == seen
    assert "0.169.0" == mended[0].split("'")[1]
    assert "guarded" == mended[1]
    assert [] == well
    assert gone is None
    assert ["is gone, as after `npm uninstall -g`"] == missing
    assert [] == bad(root)
    assert not (root / ENTRY[1:]).exists()
