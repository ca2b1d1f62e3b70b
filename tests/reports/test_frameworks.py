"""Controls: every check evidences some, each with a reason, and nothing unseen is a pass."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts import tipstaff
from saved_reports import example, merged, of_users, waive
from tipstaff_policy.checks import MODULES as CHECKS
from tipstaff_reports.frameworks import MODULES, grouped, load_framework, with_frameworks
from tipstaff_reports.model import audited

IDS = {
    "nist-800-53r5": r"[A-Z]{2}-\d+(\(\d+\))?",
    "cis-v8": r"\d+\.\d+",
    "iso-27001-2022": r"[58]\.\d+",
    "soc2": r"CC\d\.\d",
}
REPORT = example("wrong-workspace").reports[0]
NIST = load_framework("nist-800-53r5")
STATUSES = ("pass", "fail", "error", "not_applicable")


@pytest.fixture(params=MODULES)
def framework(request):
    return load_framework(request.param)


def test_an_unknown_framework_is_refused_with_those_there_are():
    done = tipstaff("audit", "--framework", "hipaa")

    assert list(IDS) == list(MODULES)
    assert (2, "") == (done.returncode, done.stdout)
    assert "expected: nist-800-53r5, cis-v8, iso-27001-2022, soc2" in done.stderr


def test_every_check_evidences_something_and_nothing_else_does(framework):
    named = {
        check
        for control in framework.controls
        for each in control.evidence
        for check in each.checks
    }

    assert set(CHECKS) == named


def test_every_mapping_has_a_reason_of_its_own(framework):
    reasons = [each.why for control in framework.controls for each in control.evidence]

    assert len(reasons) == len(set(reasons))
    assert [] == [each for each in reasons if len(each.split()) < 6 or not each.endswith(".")]


def test_no_check_stands_twice_under_a_control(framework):
    for control in framework.controls:
        named = [check for each in control.evidence for check in each.checks]

        assert len(named) == len(set(named))


def natural(text):
    return [int(each) if each.isdigit() else each for each in re.findall(r"\d+|[A-Z]+", text)]


def test_controls_are_named_as_the_framework_names_them_and_sorted(framework):
    names = [each.id for each in framework.controls]

    assert [] == [each for each in names if not re.fullmatch(IDS[framework.id], each)]
    assert sorted(set(names), key=natural) == names


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(CHECKS)), st.sampled_from(STATUSES), st.booleans()),
        max_size=12,
    )
)
def test_a_control_is_what_its_findings_come_to(drawn):
    """Law: it fails if one fails; else it passes only if one passes and none is an error."""
    base = REPORT.findings[0]
    findings = [
        (waive if waived else lambda each: each)(base.model_copy(update={"check": check, "status": status, "fingerprint": str(number)}))
        for number, (check, status, waived) in enumerate(drawn)
    ]  # fmt: skip

    made = grouped(REPORT.model_copy(update={"findings": findings}), NIST)

    for control, entry in zip(NIST.controls, made.controls, strict=True):
        checks = {check for each in control.evidence for check in each.checks}
        mine = [each for each in findings if each.check in checks]
        statuses = {each.status for each in mine} - {"not_applicable"}
        expected = (
            "fail"
            if "fail" in statuses
            else "not_evidenced"
            if "error" in statuses or not statuses
            else "pass"
        )
        assert (control.id, expected) == (entry.id, entry.status)
        assert entry.waived == (
            "fail" in statuses and all(each.waiver for each in mine if each.status == "fail")
        )
        assert [
            each.fingerprint for each in mine if each.status != "not_applicable"
        ] == entry.findings


@pytest.mark.parametrize("make", [merged, of_users])
def test_every_report_of_a_document_is_grouped_and_the_rest_stays(make):
    before = make().document

    after = with_frameworks(before, ["soc2", "cis-v8"])

    assert [["cis-v8", "soc2"]] == [
        list(each)
        for each in {
            tuple(one.id for one in report.frameworks) for report in audited(after).reports
        }
    ]
    assert before == with_frameworks(after, [])


def test_a_check_says_what_it_evidences_and_why():
    said = tipstaff("checks", "show", "TIP402").stdout

    assert (
        "evidences: nist-800-53r5 SC-8 Transmission Confidentiality and Integrity: The certificates"
        in said
    )
    assert 4 == said.count("evidences: ")


def test_the_text_shows_what_stands_in_the_way():
    from tipstaff_reports.formats import load_format

    document = with_frameworks(REPORT, ["nist-800-53r5"])

    text = load_format("text").render(audited(document))

    assert (
        "  FAIL           AC-3      Access Enforcement\n        FAIL  TIP102 Workspace not allowed (file)\n"
        in text
    )
    assert "  not evidenced  SC-28     Protection of Information at Rest\n" in text
