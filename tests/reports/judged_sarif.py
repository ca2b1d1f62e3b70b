"""SARIF logs before Microsoft's multitool."""

import json
import os
import subprocess

import pytest

from reports.judges import PROGRAMS
from saved_reports import every_document, example
from tipstaff_reports.formats.sarif import render

TOLERATED = {
    "SARIF2005": "the project has no address of its own to point to",
    "SARIF2017": "what is said of a whole file has no region, and some places have no line",
}
"""Warnings of the judge that a report of a host cannot follow, and why; notes are not asked for."""


def judged(folder, texts):
    """Return what the judge says, by the file's name: its rules, levels and messages."""
    for name, text in texts.items():
        (folder / f"{name}.sarif").write_text(text)
    out = folder / "out.json"
    done = subprocess.run(
        [PROGRAMS / "sarif-multitool-linux", "validate", *(folder / f"{name}.sarif" for name in texts), "--output", out,  "true", "--log", "ForceOverwrite"],
        capture_output=True, text=True, check=False, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )  # fmt: skip
    found = {name: set() for name in texts}
    for run in json.loads(out.read_text("utf-8-sig"))["runs"]:
        rules = {each["id"]: each for each in run["tool"]["driver"].get("rules", [])}
        for result in run.get("results", []):
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]
            at = uri.get("uri") or run["artifacts"][uri["index"]]["location"]["uri"]
            name = at.rpartition("/")[2].removesuffix(".sarif")
            found[name].add(
                (
                    result["ruleId"],
                    result.get("level", "warning"),
                    rules[result["ruleId"]].get("name"),
                )
            )
    return found, done


def test_the_judge_has_nothing_to_say_of_any_document(tmp_path):
    found, _ = judged(tmp_path, {name: render(each) for name, each in every_document().items()})

    told = {
        name: sorted(each for each in rules if each[0] not in TOLERATED)
        for name, rules in found.items()
    }
    assert {name: [] for name in told} == told


@pytest.mark.parametrize(
    "steps", [("version",), ("runs", 0, "tool"), ("runs", 0, "results", 0, "message")]
)
def test_the_judge_refuses_a_log_that_lacks_something(steps, tmp_path):
    document = json.loads(render(example("wrong-workspace")))
    part = document
    for step in steps[:-1]:
        part = part[step]
    del part[steps[-1]]

    found, done = judged(tmp_path, {"broken": json.dumps(document)})

    assert 0 != done.returncode or any(level == "error" for _, level, _ in found["broken"])
