"""OCSF events before the schema of their own version, which refuses what it does not know."""

import json

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from saved_reports import every_document, example
from tipstaff_reports.formats import load_format

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
