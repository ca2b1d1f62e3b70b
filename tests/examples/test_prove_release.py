"""The scheduled job proves what is new, reports it, and publishes only what is proven."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "examples/ci"
SCRIPT = RECIPE / "prove-release.sh"
PROVE = """#!/bin/sh
for word; do case $word in STATE=*) state=${word#STATE=} ;; VERSION=*) version=${word#VERSION=} ;; esac; done
mkdir -p "$state/codex-$version"
for name in sarif xml md; do echo "$version" >"$state/codex-$version/report.$name"; done
echo "make $*" >>"$CALLS"
echo "the proof said this"
exit "$ENDS"
"""
NOTE = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout with the script, data of a proven version, and programs that note their calls."""
    root = tmp_path / "checkout"
    shutil.copytree(RECIPE, root / "examples/ci")
    knowledge = root / "policy/tipstaff_policy/clients/codex/knowledge"
    knowledge.mkdir(parents=True)
    document = {"proven": {"0.169.0": "2026-11-24"}, "rows": {"0.170.0": {}}}
    (knowledge / "versions.json").write_text(json.dumps(document, indent=1))
    programs = {
        "bin/npm": "#!/bin/sh\necho $NEWEST\n",
        "bin/make": PROVE,
        "bin/git": NOTE,
        "bin/publish": NOTE,
        ".venv/bin/tipstaff": NOTE,
    }
    for name, text in programs.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    return root


def run(checkout, tmp_path, *words, newest="0.170.0", ends=0, **env):
    calls = tmp_path / "calls"
    calls.touch()
    done = subprocess.run(
        [checkout / "examples/ci/prove-release.sh", *words],
        env={
            "PATH": f"{checkout}/bin:{os.defpath}",
            "NEWEST": newest,
            "ENDS": str(ends),
            "CALLS": str(calls),
            **env,
        },
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    return done, calls.read_text()


SIGNED = {"KNOWLEDGE_KEY": "/key", "PUBLISH": "publish"}


def test_a_version_that_is_proven_is_not_proven_again(checkout, tmp_path):
    done, calls = run(checkout, tmp_path, "codex", "out", newest="0.169.0", **SIGNED)

    assert (0, "") == (done.returncode, calls)
    assert "0.169.0 is proven already" in done.stdout


def test_a_new_version_is_proven_and_its_reports_are_kept(checkout, tmp_path):
    done, calls = run(checkout, tmp_path, "codex", "out")

    assert 0 == done.returncode, done.stderr
    assert "make prove CLIENT=codex VERSION=0.170.0" in calls
    assert {"report.sarif", "report.xml", "report.md", "proof.log", "changes.patch"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }


def test_what_is_known_is_signed_and_published(checkout, tmp_path):
    _, calls = run(checkout, tmp_path, "codex", "out", **SIGNED)

    document = tmp_path / "out/knowledge.json"
    assert f"tipstaff client knowledge export {document} --key /key\n" in calls
    assert calls.endswith(f"publish {document}\n")


def test_nothing_is_published_without_a_key(checkout, tmp_path):
    _, calls = run(checkout, tmp_path, "codex", "out", PUBLISH="publish")

    assert "knowledge" not in calls
    assert "publish /" not in calls


def test_nothing_of_a_version_that_is_not_proven_is_published(checkout, tmp_path):
    done, calls = run(checkout, tmp_path, "codex", "out", ends=1, **SIGNED)

    assert 1 == done.returncode
    assert "the proof said this" in done.stderr
    assert "knowledge" not in calls
    assert (tmp_path / "out/report.sarif").exists()


def test_a_version_can_be_named(checkout, tmp_path):
    _, calls = run(checkout, tmp_path, "codex", "out", VERSION="0.163.0")

    assert "VERSION=0.163.0" in calls


@pytest.mark.parametrize("words", [(), ("gemini", "out"), ("codex",)])
def test_a_wrong_command_is_a_usage_error(words, checkout, tmp_path):
    assert 2 == run(checkout, tmp_path, *words)[0].returncode


def test_npm_without_an_answer_is_an_error(checkout, tmp_path):
    assert 4 == run(checkout, tmp_path, "codex", "out", newest="")[0].returncode


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_has_nothing_against_the_script():
    done = subprocess.run(["shellcheck", SCRIPT], check=False, capture_output=True, text=True)

    assert (0, "") == (done.returncode, done.stdout)


def test_the_workflow_and_the_schedule_start_the_script():
    workflow = yaml.safe_load((RECIPE / "prove-release.yml").read_text())
    steps = workflow["jobs"]["prove"]["steps"]

    assert any("examples/ci/prove-release.sh" in step.get("run", "") for step in steps)
    assert 2 == (RECIPE / "prove-release.cron").read_text().count("examples/ci/prove-release.sh")
