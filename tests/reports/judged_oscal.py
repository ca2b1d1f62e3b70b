"""OSCAL documents before NIST's own model, as compliance-trestle has it."""

import json
import subprocess
import sys

import pytest

from support.records.saved_reports import every_document, example
from tipstaff_reports.formats.oscal import render

READ = """
import pathlib, sys, warnings
warnings.simplefilter("ignore")
from trestle.oscal.assessment_results import AssessmentResults
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        read = AssessmentResults.oscal_read(path)
        print(path.stem, len(read.results))
    except Exception as error:
        print(path.stem, "refused:", str(error)[:600].replace(chr(10), " "))
"""
"""In a process of its own, because the library warns of its own dependencies."""


def judged(folder, texts):
    """Return by name how many results the judge reads, or why it refuses."""
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", READ, folder], capture_output=True, text=True, check=True
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_the_judge_reads_every_document(tmp_path):
    documents = every_document()

    found = judged(tmp_path, {name: render(document) for name, document in documents.items()})

    expected = {
        name: str(len(document.reports) + bool(document.missing or not document.reports))
        for name, document in documents.items()
    }
    assert expected == found


SPOILT = {
    "no plan": ("import-ap",),
    "no title": ("metadata", "title"),
    "no controls": ("results", 0, "reviewed-controls"),
    "a finding without a target": ("results", 0, "findings", 0, "target"),
}


@pytest.mark.parametrize("steps", SPOILT.values(), ids=SPOILT)
def test_the_judge_refuses_what_lacks_something(steps, tmp_path):
    document = json.loads(render(example("wrong-workspace")))
    part = document["assessment-results"]
    for step in steps[:-1]:
        part = part[step]
    del part[steps[-1]]

    assert judged(tmp_path, {"broken": json.dumps(document)})["broken"].startswith("refused")
