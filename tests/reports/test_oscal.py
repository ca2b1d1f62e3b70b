"""OSCAL: only a pass is satisfied, and the owner of a failure is named."""

import json
from collections import Counter

import pytest

from support.records.saved_reports import example, nobody, of_users, some_documents, waived
from tipstaff_reports.analysis.merge import merge
from tipstaff_reports.formats.oscal import render
from tipstaff_reports.model import as_audit


def results(audit):
    return json.loads(render(audit))["assessment-results"]["results"]


def props(part):
    return {prop["name"]: prop["value"] for prop in part["props"]}


@pytest.mark.parametrize("host", ["wrong-workspace", "broken-credential"])
def test_only_a_pass_is_satisfied(host):
    (result,) = results(example(host))

    states = {
        "pass": ("satisfied", "pass"),
        "fail": ("not-satisfied", "fail"),
        "error": ("not-satisfied", "other"),
        "not_applicable": ("not-satisfied", "other"),
    }
    expected = [
        (finding.check, *states[finding.status]) for finding in example(host).reports[0].findings
    ]
    message = [
        (props(finding)["check"], finding["target"]["status"]) for finding in result["findings"]
    ]
    assert expected == [(check, status["state"], status["reason"]) for check, status in message]


def test_a_waived_failure_is_an_approved_deviation_with_a_deadline():
    first, second, third = results(waived())[0]["risks"]

    assert ["deviation-approved", "open", "open"] == [
        risk["status"] for risk in (first, second, third)
    ]
    assert "2027-01-15T08:00:00+00:00" == first["deadline"]
    assert "ciso@example.com" == props(first)["waiver-approver"]
    assert "expired" == props(second)["waiver-standing"]


@pytest.mark.parametrize(("audit", "count"), [(of_users, 2), (nobody, 1)])
def test_who_is_missing_is_not_satisfied(audit, count):
    *_, result = results(audit())

    assert ["not-satisfied"] * count == [
        finding["target"]["status"]["state"] for finding in result["findings"]
    ]


def test_every_reference_leads_somewhere():
    for document in some_documents().values():
        for result in results(document):
            there = {
                entry["uuid"]
                for name in ("observations", "risks")
                for entry in result.get(name, [])
            }
            there |= {
                component["uuid"]
                for component in result.get("local-definitions", {}).get("components", [])
            }
            named = [
                link
                for part in (*result["findings"], *result.get("risks", []), *result["observations"])
                for name in ("related-observations", "related-risks", "subjects")
                for finding in part.get(name, [])
                for link in finding.values()
                if link != "component"
            ]

            assert set(named) <= there


def test_controls_are_named_as_the_catalogue_names_them():
    (result,) = results(example("wrong-workspace"))

    (selection,) = result["reviewed-controls"]["control-selections"]
    reviewed = [control["control-id"] for control in selection["include-controls"]]
    assert ["ac-2", "ac-3"] == reviewed[:2]
    assert "ia-5.7" in reviewed
    (finding,) = [entry for entry in result["findings"] if props(entry)["check"] == "TIP102"]
    assert ["ac-3", "ac-20"] == [
        prop["value"] for prop in finding["props"] if prop["name"] == "evidences-control"
    ]


def uuids(part):
    """Return every id that a document defines, however deep."""
    if isinstance(part, dict):
        found = [part["uuid"]] if "uuid" in part else []
        return found + [uuid for value in part.values() for uuid in uuids(value)]
    return [uuid for value in part for uuid in uuids(value)] if isinstance(part, list) else []


def twice(document):
    """Return the ids that stand twice, which OSCAL forbids and its readers do not notice."""
    return sorted(uuid for uuid, count in Counter(uuids(document)).items() if count > 1)


def doubled():
    """Return two runs on one host, with a check that fails twice on one subject."""
    report = example("wrong-workspace").reports[0]
    failing = [finding for finding in report.findings if finding.status == "fail"]
    first = report.model_copy(update={"findings": [*report.findings, *failing]})
    second = report.model_copy(update={"run": report.run.model_copy(update={"id": "later"})})
    return as_audit(merge([as_audit(first), as_audit(second)]))


def test_no_two_parts_have_one_uuid():
    for name, document in {**some_documents(), "doubled": doubled()}.items():
        assert [] == twice(json.loads(render(document))), name


def test_a_uuid_that_stands_twice_is_found():
    document = json.loads(render(example("wrong-workspace")))
    (result,) = document["assessment-results"]["results"]
    result["risks"][0]["uuid"] = result["findings"][0]["uuid"]

    assert [result["findings"][0]["uuid"]] == twice(document)
