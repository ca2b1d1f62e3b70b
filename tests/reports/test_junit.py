"""JUnit reports: counts that fit, and a status for each case that is never better than the raw one."""

import xml.etree.ElementTree as ET

import pytest

from support.records.saved_reports import example, merged, nobody, of_users, some_documents, waived
from tipstaff_reports.formats.junit import render
from tipstaff_reports.model import as_audit


def suites(audit):
    return ET.fromstring(render(audit)).findall("testsuite")


def outcome(case):
    return next((element.tag for element in case if element.tag != "system-out"), "passed")


def test_the_counts_are_those_of_the_cases():
    for document in some_documents().values():
        for suite in suites(document):
            outcomes = [outcome(case) for case in suite.findall("testcase")]
            message = tuple(
                int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
            )

            counted = [outcomes.count(name) for name in ("failure", "error", "skipped")]
            assert (len(outcomes), *counted) == message


@pytest.mark.parametrize("host", ["wrong-workspace", "broken-credential", "policy-drift"])
def test_a_case_is_what_its_finding_is(host):
    report = example(host).reports[0]
    (suite,) = suites(example(host))

    words = {"pass": "passed", "fail": "failure", "error": "error", "not_applicable": "skipped"}
    whose = f"tipstaff.{report.run.host.name}/{report.run.user}"
    expected = [(f"{whose}.{finding.check}", words[finding.status]) for finding in report.findings]
    decision, *cases = suite.findall("testcase")
    assert "decision" == decision.get("name")
    assert expected == [(case.get("classname"), outcome(case)) for case in cases]


def test_a_waived_failure_is_skipped_and_says_that_it_fails():
    (suite,) = suites(waived())

    _, first, second, third, *_ = suite.findall("testcase")
    assert ["skipped", "failure", "failure"] == [outcome(case) for case in (first, second, third)]
    assert (
        first[0]
        .get("message")
        .startswith("fails and is waived: TIP102 active, ends in 6 days (dev@example.com")
    )
    assert "waiver: TIP406 expired, ended 2 days ago" in second[0].text


def test_who_is_missing_is_an_error():
    *_, suite = suites(of_users())

    assert ["ops on many", "an unknown user on many"] == [
        case.get("name") for case in suite.findall("testcase")
    ]
    assert "2" == suite.get("errors")


def test_no_two_cases_of_a_document_have_one_identity():
    again = example("wrong-workspace").reports[0]
    doubled = as_audit(
        merged().document.model_copy(update={"reports": [*merged().reports, again, again]})
    )
    for name, document in {**some_documents(), "doubled": doubled}.items():
        found = [
            (case.get("classname"), case.get("name"))
            for suite in suites(document)
            for case in suite.findall("testcase")
        ]

        assert len(found) == len(set(found)), name


def test_a_failing_host_is_told_from_a_passing_one_by_its_class():
    failing = {
        case.get("classname").rpartition(".")[0]
        for suite in suites(merged())
        for case in suite.findall("testcase")
        if "TIP102" in case.get("classname") and outcome(case) == "failure"
    }

    (report,) = example("wrong-workspace").reports
    assert {f"tipstaff.{report.run.host.name}/{report.run.user}"} == failing


def test_nobody_audited_is_red():
    (suite,) = suites(nobody())

    assert "1" == suite.get("errors")


def test_a_failure_says_what_where_and_what_to_do():
    (suite,) = suites(example("wrong-workspace"))
    (failure,) = [
        case[0] for case in suite.findall("testcase") if case.get("classname").endswith(".TIP102")
    ]

    assert "critical" == failure.get("type")
    assert "workspace ws-private" == failure.get("message")
    assert "see: /etc/codex/managed_config.toml:3" in failure.text.splitlines()
    assert "expected: ws-example" in failure.text.splitlines()
