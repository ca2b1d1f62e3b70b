"""SARIF logs before Microsoft's multitool, and before the schema that comes with it.

The multitool takes a word that no list of the standard has; the schema refuses it.
"""

import json
import os
import subprocess

import pytest
from jsonschema import Draft7Validator

from reports.judges import JUDGES, PROGRAMS
from support.records.saved_reports import every_document, example, waived
from tipstaff_reports.formats import sarif, sarif_all

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
        rules = {rule["id"]: rule for rule in run["tool"]["driver"].get("rules", [])}
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


RENDERS = {"sarif": sarif.render, "sarif-all": sarif_all.render}
SCHEMA = JUDGES / "node_modules/@microsoft/sarif-multitool-linux/sarif-2.1.0.json"


def refused(document):
    """Return where the schema refuses a log."""
    schema = json.loads(SCHEMA.read_text("utf-8-sig"))
    return [error.json_path for error in Draft7Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("render", RENDERS.values(), ids=RENDERS)
def test_the_judges_have_nothing_to_say_of_any_document(render, tmp_path):
    documents = {name: render(document) for name, document in every_document().items()}
    found, _ = judged(tmp_path, documents)

    message = {
        name: sorted(rule for rule in rules if rule[0] not in TOLERATED)
        for name, rules in found.items()
    }
    assert {name: [] for name in message} == message
    assert {name: [] for name in message} == {
        name: refused(json.loads(text)) for name, text in documents.items()
    }


INVENTED = {
    "level": ("level",),
    "kind": ("kind",),
    "state against a baseline": ("baselineState",),
    "kind of suppression": ("suppressions", 0, "kind"),
    "status of a suppression": ("suppressions", 0, "status"),
}


@pytest.mark.parametrize("steps", INVENTED.values(), ids=INVENTED)
def test_the_schema_refuses_a_word_that_the_standard_does_not_have(steps):
    document = json.loads(sarif.render(waived()))
    part = document["runs"][0]["results"][0]
    for step in steps[:-1]:
        part = part[step]
    part[steps[-1]] = "invented"

    assert refused(document)


@pytest.mark.parametrize(
    "steps", [("version",), ("runs", 0, "tool"), ("runs", 0, "results", 0, "message")]
)
def test_the_judge_refuses_a_log_that_lacks_something(steps, tmp_path):
    document = json.loads(sarif.render(example("wrong-workspace")))
    part = document
    for step in steps[:-1]:
        part = part[step]
    del part[steps[-1]]

    found, done = judged(tmp_path, {"broken": json.dumps(document)})

    assert 0 != done.returncode or any(level == "error" for _, level, _ in found["broken"])
