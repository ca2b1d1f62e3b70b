"""CSV: what is read back is what the report says, and no sheet takes a cell for a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from support.records.saved_reports import example, hostile, nobody, of_users, waived
from tipstaff_reports.formats.table import render
from tipstaff_reports.model import as_audit
from tipstaff_reports.text import clean


def rows(audit):
    """Return the rows as a reader has them that takes the apostrophe off."""
    found = csv.DictReader(io.StringIO(render(audit), newline=""), strict=True)
    return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in found]


def test_a_row_says_what_the_finding_says():
    report = example("wrong-workspace").reports[0]

    found = rows(as_audit(report))

    message = [
        (finding.check, finding.subject, finding.status, finding.severity, finding.observed)
        for finding in report.findings
    ]
    assert message == [
        tuple(row[name] for name in ("check", "subject", "status", "severity", "observed"))
        for row in found
    ]
    assert {("wrong-workspace", "no", "log_out")} == {
        (row["host"], row["compliant"], row["verdict"]) for row in found
    }


def test_a_waiver_stands_beside_the_raw_status():
    found = [row for row in rows(waived()) if row["waiver"]]

    assert [("fail", "active"), ("fail", "expired"), ("fail", "not_waivable")] == [
        (row["status"], row["waiver"]) for row in found
    ]
    assert {"ciso@example.com"} == {row["waiver_approver"] for row in found}


def test_who_is_missing_is_a_row_with_an_error():
    found = [row for row in rows(of_users()) if not row["check"]]

    assert [("many", "ops", "error"), ("many", "", "error")] == [
        (row["host"], row["user"], row["status"]) for row in found
    ]


def test_nobody_audited_is_a_row_with_an_error():
    (row,) = rows(nobody())

    assert "no" == row["compliant"]
    assert "error" == row["status"]
    assert "nothing was audited" == row["observed"]


def test_evidence_names_file_and_line():
    (row,) = [row for row in rows(example("wrong-workspace")) if row["check"] == "TIP102"]

    assert row["evidence"].endswith("/home/dev/.codex/auth.json | /etc/codex/managed_config.toml:3")


DANGEROUS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["", " ", "\u00a0", *DANGEROUS]),
)
def test_no_cell_is_a_formula_and_each_is_read_back(text, front):
    report = example("wrong-workspace").reports[0]
    value = front + text
    first = report.findings[0].model_copy(update={"observed": value})
    audit = as_audit(report.model_copy(update={"findings": [first]}))

    (raw,) = csv.DictReader(io.StringIO(render(audit), newline=""), strict=True)
    assert not raw["observed"].strip().startswith(tuple(DANGEROUS))
    assert [clean(value)] == [row["observed"] for row in rows(audit)]


def test_no_line_break_of_a_value_is_a_line_of_the_file():
    audit = hostile()

    assert 1 + len(audit.reports[0].findings) == len(render(audit).splitlines())
    assert render(audit).endswith("\r\n")
