"""Prometheus metrics: an alert on them is never silent where something is wrong."""

import re

import pytest

from support.records.saved_reports import example, hostile, merged, nobody, of_users, waived
from tipstaff_reports.analysis.merge import merge
from tipstaff_reports.formats.prometheus import render
from tipstaff_reports.model import as_audit

SAMPLE = re.compile(
    r'(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (?P<value>\S+)'
)


def samples(text, name):
    """Return the labels and values of a metric."""
    read = [SAMPLE.fullmatch(line) for line in text.splitlines() if not line.startswith("#")]
    assert all(read)
    return [
        (
            dict(re.findall(r'([a-z_]+)="((?:[^"\\\n]|\\.)*)"', sample["labels"] or "")),
            float(sample["value"]),
        )
        for sample in read
        if sample["name"] == name
    ]


COMPLIANT = {True: 1.0, False: 0.0, None: 0.0}


@pytest.mark.parametrize("compliant", COMPLIANT)
def test_only_compliant_is_one(compliant):
    report = example("compliant-chatgpt").reports[0]
    summary = report.summary.model_copy(update={"compliant": compliant})

    text = render(as_audit(report.model_copy(update={"summary": summary})))

    assert [COMPLIANT[compliant]] == [value for _, value in samples(text, "tipstaff_compliant")]


def test_a_waived_failure_is_counted_apart():
    text = render(waived())

    counted = {
        (labels["severity"], labels["status"]): value
        for labels, value in samples(text, "tipstaff_findings")
    }
    assert (1.0, 0.0, 2.0) == tuple(
        counted[labels]
        for labels in (("critical", "waived"), ("critical", "fail"), ("high", "fail"))
    )
    assert ["yes", "no", "no"] == [
        labels["waived"] for labels, _ in samples(text, "tipstaff_failing")
    ]


def test_who_is_missing_is_counted_and_nobody_is_not_compliant():
    found = {
        labels["user"]: value
        for labels, value in samples(render(of_users()), "tipstaff_missing_reports")
    }
    assert {"ops": 1.0, "": 1.0} == {user: value for user, value in found.items() if value}
    assert [] == samples(render(nobody()), "tipstaff_compliant")
    assert [({"host": "", "user": ""}, 0.0)] == samples(render(nobody()), "tipstaff_reports")


def test_every_series_names_its_host_and_user():
    for document in (of_users(), merged(), nobody(), waived()):
        lines = [line for line in render(document).splitlines() if not line.startswith("#")]

        assert [] == [line for line in lines if 'host="' not in line or 'user="' not in line]


def test_of_two_reports_of_one_home_the_newest_counts():
    old = example("wrong-workspace").reports[0]
    summary = old.summary.model_copy(update={"compliant": True})
    run = old.run.model_copy(update={"id": "later", "finished_at": "2999-01-01T00:00:00.000Z"})
    new = old.model_copy(update={"run": run, "summary": summary})

    text = render(as_audit(merge([as_audit(new), as_audit(old)])))

    assert [1.0] == [value for _, value in samples(text, "tipstaff_compliant")]


def of_two(first, second):
    """Return a document of two reports, the second one a day younger and compliant."""
    old, young = example("wrong-workspace").reports[0], example("compliant-chatgpt").reports[0]
    home = young.state.home
    old = old.model_copy(update={"state": old.state._replace(home=home)})
    reports = []
    for report, changed, day in ((old, first, "24"), (young, second, "25")):
        host = report.run.host.model_copy(update={"name": "h", "id": None, **changed})
        time = f"2026-11-{day}T00:00:00.000Z"
        run = report.run.model_copy(update={"id": day, "finished_at": time, "host": host})
        reports.append(as_audit(report.model_copy(update={"run": run})))
    return as_audit(merge(reports))


def test_a_clone_with_the_same_name_hides_no_other():
    found = samples(render(of_two({"id": "a"}, {"id": "b"})), "tipstaff_compliant")

    assert {"a": 0.0, "b": 1.0} == {labels["host_id"]: value for labels, value in found}


def test_of_names_that_are_written_alike_the_failing_one_counts():
    found = samples(render(of_two({"name": "h\x00"}, {"name": "h\x01"})), "tipstaff_compliant")

    assert [("h\ufffd", 0.0)] == [(labels["host"], value) for labels, value in found]


def test_subjects_that_are_written_alike_are_one_series():
    report = example("wrong-workspace").reports[0]
    first = next(finding for finding in report.findings if finding.status == "fail")
    findings = [first.model_copy(update={"subject": f"s{character}"}) for character in "\x00\x01"]

    text = render(as_audit(report.model_copy(update={"findings": findings})))

    assert ["s\ufffd"] == [labels["subject"] for labels, _ in samples(text, "tipstaff_failing")]


def test_every_host_has_its_own_series():
    assert 4 == len(samples(render(merged()), "tipstaff_compliant"))


def test_there_are_no_moments_beside_the_values_and_every_line_is_read():
    text = render(hostile())

    assert samples(text, "tipstaff_info")
    assert text.endswith("\n")
