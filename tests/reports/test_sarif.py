"""SARIF: every finding is a result, and none is better than its raw status."""

import json

import pytest

from support.records.saved_reports import example, merged, nobody, of_users, some_documents, waived
from tipstaff_reports.formats.sarif import render
from tipstaff_reports.formats.sarif_all import render as render_all
from tipstaff_reports.model import as_audit
from tipstaff_schemas.report import ControlEntry, FrameworkEntry


def runs(audit):
    return json.loads(render_all(audit))["runs"]


@pytest.mark.parametrize("host", ["wrong-workspace", "broken-credential", "compliant-chatgpt"])
def test_what_readers_take_for_an_alert_is_one(host):
    (run,) = json.loads(render(example(host)))["runs"]
    findings = example(host).reports[0].findings

    expected = [finding.fingerprint for finding in findings if finding.status in ("fail", "error")]
    assert expected == [result["partialFingerprints"]["tipstaff/v1"] for result in run["results"]]
    assert example(host).reports[0].summary.passed == run["properties"]["summary"]["pass"]
    assert {finding.check for finding in findings} == {
        rule["id"] for rule in run["tool"]["driver"]["rules"]
    }


def test_a_compliant_host_has_no_result():
    (run,) = json.loads(render(example("compliant-chatgpt")))["runs"]

    assert [] == run["results"]


def test_a_location_is_a_path_and_the_key_inside_it_stands_apart():
    (run,) = runs(example("macos-not-forced"))
    places = [result["locations"][0] for result in run["results"] if result["ruleId"] == "TIP306"]

    assert places
    for place in places:
        assert place["physicalLocation"]["artifactLocation"]["uri"].endswith(".plist")
        assert "region" not in place["physicalLocation"]
        assert "_toml_base64" in place["logicalLocations"][1]["name"]


def test_no_file_of_the_policy_is_named_with_a_key_glued_to_it():
    report = example("macos-forced").reports[0]

    assert report.policy.files
    assert all(file.path.endswith((".plist", ".toml")) for file in report.policy.files)
    assert [file for file in report.policy.files if file.key]


@pytest.mark.parametrize("host", ["wrong-workspace", "broken-credential", "compliant-chatgpt"])
def test_a_result_is_what_its_finding_is(host):
    (run,) = runs(example(host))

    kinds = {"pass": "pass", "fail": "fail", "error": "review", "not_applicable": "notApplicable"}
    levels = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
    expected = [
        (finding.check, kinds[finding.status], levels[finding.severity] if finding.status == "fail" else "none", finding.fingerprint)
        for finding in example(host).reports[0].findings
    ]  # fmt: skip
    assert expected == [
        (
            result["ruleId"],
            result["kind"],
            result["level"],
            result["partialFingerprints"]["tipstaff/v1"],
        )
        for result in run["results"]
    ]


def test_every_rule_index_names_its_rule():
    for document in some_documents().values():
        for run in runs(document):
            rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

            assert [] == [
                result
                for result in run["results"]
                if rules[result["ruleIndex"]] != result["ruleId"]
            ]


def test_an_error_is_an_invocation_that_did_not_succeed():
    (invocation,) = runs(example("broken-credential"))[0]["invocations"]

    assert not invocation["executionSuccessful"]
    assert "TIP205" in {
        notification["associatedRule"]["id"]
        for notification in invocation["toolExecutionNotifications"]
    }
    assert runs(example("wrong-workspace"))[0]["invocations"][0]["executionSuccessful"]


def test_only_an_active_waiver_suppresses():
    failing = [run for run in runs(waived())[0]["results"] if run["kind"] == "fail"]

    assert [1, 0, 0] == [len(result["suppressions"]) for result in failing]
    (suppression,) = failing[0]["suppressions"]
    assert "external" == suppression["kind"]
    assert "accepted" == suppression["status"]
    assert "ciso@example.com" in suppression["justification"]


@pytest.mark.parametrize("audit", [of_users, nobody])
def test_who_is_missing_makes_a_run_that_did_not_succeed(audit):
    *_, run = runs(audit())

    assert [] == run["results"]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_several_reports_are_several_runs():
    assert 5 == len(runs(merged()))


BASELINES = {None: None, "2000-01-01T00:00:00.000Z": "unchanged", "now": "new"}


@pytest.mark.parametrize("since", BASELINES)
def test_a_failure_is_new_where_an_earlier_report_told(since):
    report = example("wrong-workspace").reports[0]
    known = report.run.finished_at if since == "now" else since
    findings = [
        finding.model_copy(update={"first_failed_at": known}) for finding in report.findings
    ]

    found = runs(as_audit(report.model_copy(update={"findings": findings})))[0]["results"]

    assert {BASELINES[since]} == {
        result.get("baselineState") for result in found if result["kind"] == "fail"
    }
    assert {None} == {result.get("baselineState") for result in found if result["kind"] != "fail"}


def test_a_place_is_a_uri_with_its_line():
    (found,) = [
        run for run in runs(example("wrong-workspace"))[0]["results"] if run["ruleId"] == "TIP102"
    ]

    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith(
        "file:///"
    )
    related = found["relatedLocations"][0]["physicalLocation"]
    assert {
        "artifactLocation": {"uri": "file:///etc/codex/managed_config.toml"},
        "region": {"startLine": 3},
    } == related


def test_controls_are_taxa():
    report = example("wrong-workspace").reports[0]
    first = report.findings[0].fingerprint
    controls = [
        ControlEntry(id="AC-1", title="One", status="not_evidenced", waived=False, findings=[]),
        ControlEntry(id="AC-2", title="Two", status="pass", waived=False, findings=[first]),
    ]
    framework = FrameworkEntry(id="nist-800-53r5", title="NIST", controls=controls)

    (run,) = runs(as_audit(report.model_copy(update={"frameworks": [framework]})))

    assert ["AC-1", "AC-2"] == [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]]
    assert [
        {"id": "AC-2", "index": 1, "toolComponent": {"name": "nist-800-53r5", "index": 0}}
    ] == run["results"][0]["taxa"]
