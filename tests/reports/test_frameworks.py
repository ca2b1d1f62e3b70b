"""Controls: every check evidences some, each with a reason, and nothing unseen is a pass."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.machines.hosts import tipstaff
from support.records.saved_reports import example, merged, of_users, waive
from tipstaff_policy.checks import MODULES as CHECKS
from tipstaff_reports.frameworks import MODULES, group_by_control, load_framework, with_frameworks
from tipstaff_reports.model import as_audit

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
    assert 2 == done.returncode
    assert "" == done.stdout
    assert "expected: nist-800-53r5, cis-v8, iso-27001-2022, soc2" in done.stderr


def checks_of(framework):
    return {
        check
        for control in framework.controls
        for evidence in control.evidence
        for check in evidence.checks
    }


def test_every_check_evidences_something_and_nothing_else_does(framework):
    assert set(CHECKS) == checks_of(NIST)
    assert checks_of(framework) <= set(CHECKS)


def test_every_mapping_has_a_reason_of_its_own(framework):
    reasons = [evidence.why for control in framework.controls for evidence in control.evidence]

    assert len(reasons) == len(set(reasons))
    assert [] == [
        reason for reason in reasons if len(reason.split()) < 6 or not reason.endswith(".")
    ]


def test_no_check_stands_twice_under_a_control(framework):
    for control in framework.controls:
        named = [check for evidence in control.evidence for check in evidence.checks]

        assert len(named) == len(set(named))


def natural(text):
    return [int(part) if part.isdigit() else part for part in re.findall(r"\d+|[A-Z]+", text)]


def test_controls_are_named_as_the_framework_names_them_and_sorted(framework):
    names = [control.id for control in framework.controls]

    assert [] == [name for name in names if not re.fullmatch(IDS[framework.id], name)]
    assert sorted(set(names), key=natural) == names


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(CHECKS)), st.sampled_from(STATUSES), st.booleans()),
        max_size=12,
    ),
    st.none() | st.sets(st.sampled_from(sorted(CHECKS))),
)
def test_a_control_is_what_its_findings_come_to(drawn, selected):
    """Law: it fails if one fails; it passes only if all ran, none is an error, and its first passes."""
    base = REPORT.findings[0]
    findings = [
        (waive if waived else lambda finding: finding)(base.model_copy(update={"check": check, "status": status, "fingerprint": str(number)}))
        for number, (check, status, waived) in enumerate(drawn)
        if selected is None or check in selected
    ]  # fmt: skip
    run = REPORT.run.model_copy(update={"selected": None if selected is None else sorted(selected)})

    made = group_by_control(REPORT.model_copy(update={"findings": findings, "run": run}), NIST)

    for control, entry in zip(NIST.controls, made.controls, strict=True):
        checks = {check for evidence in control.evidence for check in evidence.checks}
        mine = [finding for finding in findings if finding.check in checks]
        statuses = {finding.status for finding in mine}
        ran = selected is None or checks <= selected
        first = any(
            finding.check in control.evidence[0].checks and finding.status == "pass"
            for finding in mine
        )
        shown = ran and first and "error" not in statuses
        expected = "fail" if "fail" in statuses else "pass" if shown else "not_evidenced"
        assert control.id == entry.id
        assert expected == entry.status
        assert entry.waived == (
            "fail" in statuses
            and all(finding.waiver for finding in mine if finding.status == "fail")
        )
        assert [
            finding.fingerprint for finding in mine if finding.status != "not_applicable"
        ] == entry.findings


def test_leaving_a_check_out_makes_no_pass():
    findings = [finding for finding in REPORT.findings if finding.check not in ("TIP102", "TIP103")]
    ran = sorted(set(CHECKS) - {"TIP102", "TIP103"})
    run = REPORT.run.model_copy(update={"selected": ran})

    made = group_by_control(REPORT.model_copy(update={"findings": findings, "run": run}), NIST)

    assert {"AC-3": "not_evidenced", "AC-20": "not_evidenced"} == {
        control.id: control.status for control in made.controls if control.id in ("AC-3", "AC-20")
    }


def test_no_rule_in_force_is_no_evidence_of_rules():
    made = {
        name: group_by_control(example("unmanaged").reports[0], load_framework(name))
        for name in MODULES
    }

    passing = {
        control.id
        for entry in made.values()
        for control in entry.controls
        if control.status == "pass"
    }
    assert set() == passing & {
        "AC-2",
        "AC-3",
        "IA-2",
        "SC-28",
        "CM-6",
        "3.11",
        "4.1",
        "6.7",
        "5.15",
        "5.36",
        "8.24",
        "CC5.3",
        "CC6.1",
    }


@pytest.mark.parametrize("make", [merged, of_users])
def test_every_report_of_a_document_is_grouped_and_the_rest_stays(make):
    before = make().document

    after = with_frameworks(before, ["soc2", "cis-v8"])

    assert [["cis-v8", "soc2"]] == [
        list(ids)
        for ids in {
            tuple(one.id for one in report.frameworks) for report in as_audit(after).reports
        }
    ]
    assert before == with_frameworks(after, [])


def test_a_check_says_what_it_evidences_and_why():
    said = tipstaff("checks", "show", "TIP403").stdout

    assert (
        "evidence for: soc2 CC6.7 Information on the move: Logs that may be sent along for support"
        in said
    )
    assert 4 == said.count("evidence for: ")


def test_the_text_shows_what_stands_in_the_way():
    from tipstaff_reports.formats import load_format

    document = with_frameworks(REPORT, ["nist-800-53r5"])

    text = load_format("text").render(as_audit(document))

    assert (
        "  FAIL           AC-3      Access Enforcement\n        FAIL  TIP102 Workspace not allowed (file)\n"
        in text
    )
    assert "  not evidenced  SC-28     Protection of Information at Rest\n" in text
