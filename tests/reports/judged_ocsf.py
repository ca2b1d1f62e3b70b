"""OCSF events before the schema of their own version, which refuses what it does not know."""

import json

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from support.records.saved_reports import every_document, example
from tipstaff_fleet.answers import lake
from tipstaff_reports.formats import load_format
from tipstaff_reports.ocsf_events import SEVERITIES

VERSIONS = {"ocsf": "1.8.0", "ocsf-1.5.0": "1.5.0"}


@pytest.fixture(params=VERSIONS)
def form(request):
    return request.param


@pytest.fixture
def judge(form):
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(VERSIONS[form]))
    return Draft202012Validator(schema.get_class_schema("compliance_finding", profiles=["host"]))


def events(form, audit):
    return json.loads(load_format(form).render(audit))


def test_every_event_of_every_document_fits(form, judge):
    faults = {
        name: sorted({f"{error.json_path}: {error.message[:200]}" for event in events(form, document) for error in judge.iter_errors(event)})
        for name, document in every_document().items()
    }  # fmt: skip

    assert {name: [] for name in faults} == faults


SPOILT = {
    "a property too many": {"surprise": 1},
    "an unknown severity": {"severity_id": 42},
    "no time": {"time": None},
    "a finding without an id": {"finding_info": {"title": "t"}},
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_the_judge_refuses_what_does_not_fit(change, form, judge):
    event = events(form, example("wrong-workspace"))[0]

    assert judge.is_valid(event)
    assert not judge.is_valid({**event, **change})


def test_every_event_of_a_lake_fits():
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(lake.VERSION))
    judge = Draft202012Validator(schema.get_class_schema("compliance_finding", profiles=["host"]))
    found = [
        lake.make_event(
            lake.Finding(
                host_id, "ws-1", "ann", "codex", "0.171.0", "/home/ann/.codex", os, 1_796_000_000,
                "1", "", "", "allow", compliant, "run", check, "file", severity, status, "x", waived,
            ),
            {"TIP101": "Login method not allowed"},
        )
        for host_id, check in (("name:ws-1", "TIP101"), ("0a1b", "TIP999"))
        for os, compliant in (("linux", 1), ("macos", 0), ("windows", -1), ("", 1))
        for severity in SEVERITIES
        for status, waived in (("pass", 0), ("fail", 0), ("fail", 1), ("error", 0), ("not_applicable", 0))
    ]  # fmt: skip

    assert {error.message[:200] for event in found for error in judge.iter_errors(event)} == set()
