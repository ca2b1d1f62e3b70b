"""What came of a proof stands in its three documents, each as its readers want it."""

import json
from xml.etree import ElementTree as ET

import pytest

from proving import reports
from proving.clock import Clock
from proving.hosts import AGREED, DISAGREED, NO_VERDICT, OUTSIDE, Answer
from proving.state import State

LINES = ["These hosts do not end as Tipstaff foretells:", "  allow (1)"]
ANSWERS = {
    "rules: a": Answer(AGREED, ["allow", []], ["allow", []], client_s=1.5),
    "rules: b": Answer(DISAGREED, ["allow", []], ["log_out", ["file"]]),
    "rules: c": Answer(NO_VERDICT, why="ended with 101"),
    "rules: d": Answer(OUTSIDE, why="the service has a policy of its own"),
}


class Part:
    NAME = "codex"


class Run:
    version = "0.999.0"
    part = Part

    def __init__(self, folder):
        self.state = State(folder)
        self.clock = Clock(self.state, 2)
        self.found = {"table": ({}, ANSWERS)}


@pytest.fixture
def written(tmp_path):
    paths = reports.write(Run(tmp_path), LINES, is_proven=False)
    return {path.name: path.read_text() for path in paths}


def test_code_scanning_gets_what_is_no_agreement_and_why_the_proof_stopped(written):
    (run,) = json.loads(written["report.sarif"])["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}

    assert ["disagreed", "no-verdict", "not-proven"] == [r["ruleId"] for r in run["results"]]
    assert {result["ruleId"] for result in run["results"]} <= rules


def test_a_result_says_how_the_host_ends_and_what_was_foretold(written):
    (run,) = json.loads(written["report.sarif"])["runs"]

    assert (
        "rules: b: the client: allow; Tipstaff foretells: log_out and removes file"
        == run["results"][0]["message"]["text"]
    )


def test_the_page_of_a_run_has_every_host_as_a_case(written):
    suite = ET.fromstring(written["report.xml"]).find("testsuite[@name='table']")
    ends = {case.get("name"): [child.tag for child in case] for case in suite}

    assert {
        "rules: a": [],
        "rules: b": ["failure"],
        "rules: c": ["failure"],
        "rules: d": ["skipped"],
    } == ends


def test_a_person_reads_first_whether_it_is_proven(written):
    assert written["report.md"].startswith("# Not proven: codex 0.999.0\n")
    assert "| table | 4 | 1 | 2 | 1 |" in written["report.md"]
    assert LINES[0] in written["report.md"]
