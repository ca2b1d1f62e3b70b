"""What holds for every report format, whatever it is."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tipstaff_reports.formats
from support.records.saved_reports import SPECIAL, example
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.export import faults
from tipstaff_schemas.saved import read_saved

DOCUMENTS = {
    **SPECIAL,
    **{name: lambda name=name: example(name) for name in ("compliant-chatgpt", "wrong-workspace", "broken-credential", "malformed-policy")},
}  # fmt: skip
SCHEMAS = {"Report": "report", "AuditOfUsers": "users-report", "MergedReports": "merged-reports"}


def test_every_file_of_the_folder_is_a_format_of_the_table():
    folder = Path(tipstaff_reports.formats.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert files == set(MODULES.values())


@pytest.mark.parametrize("form", MODULES)
def test_a_format_is_called_as_the_table_calls_it(form):
    assert form == load_format(form).name


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("form", MODULES)
def test_nothing_moves_a_cursor_or_turns_text_around(form, document):
    text = load_format(form).render(DOCUMENTS[document]())

    assert not [
        character for character in text if not (character.isprintable() or character in "\r\n")
    ]
    assert text.count("\r") == (text.count("\r\n") if form == "csv" else 0)
    assert text.endswith("\n") or not text  # no line of ndjson where there is no report


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("form", MODULES)
def test_the_same_report_gives_the_same_bytes(form, document):
    once = DOCUMENTS[document]()
    saved = read_saved(load_format("json").render(once).encode(), "saved")

    assert load_format(form).render(once) == load_format(form).render(as_audit(saved))


@pytest.mark.parametrize("form", MODULES)
def test_who_is_missing_is_in_every_format(form):
    text = load_format(form).render(DOCUMENTS["of-users"]())

    message = (
        ("tipstaff_missing",) if form == "prom" else ("no answer within 60 s", "permission denied")
    )
    assert [] == [said for said in message if said not in text]


@pytest.mark.parametrize("form", MODULES)
def test_what_fails_is_in_every_format(form):
    text = load_format(form).render(DOCUMENTS["waived"]())

    failing = {
        finding.check
        for finding in DOCUMENTS["waived"]().reports[0].findings
        if finding.status == "fail"
    }
    assert [] == [check for check in failing if check not in text]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_json_fits_its_schema(document):
    audit = DOCUMENTS[document]()

    name = SCHEMAS[type(audit.document).__name__]
    assert [] == faults(name, json.loads(load_format("json").render(audit)))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_ndjson_is_a_report_a_line(document):
    audit = DOCUMENTS[document]()

    lines = [json.loads(line) for line in load_format("ndjson").render(audit).splitlines()]
    reports, missing = lines[: len(audit.reports)], lines[len(audit.reports) :]
    nobody = (
        [{"host": "", "user": None, "reason": "nothing was audited"}]
        if not lines[1:] and missing
        else []
    )
    assert [] == [fault for report in reports for fault in faults("report", report)]
    assert ([report.model_dump() for report in audit.missing] or nobody) == missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_ndjson_is_read_back(document):
    audit = DOCUMENTS[document]()

    found = as_audit(read_saved(load_format("ndjson").render(audit).encode(), "saved"))

    assert audit.reports == found.reports
    assert audit.missing == found.missing or not (audit.reports or audit.missing)


@pytest.mark.parametrize("verdict", ["refuse", "unknown"])
@pytest.mark.parametrize("form", MODULES)
def test_what_nobody_could_decide_is_green_in_no_format(form, verdict):
    """Though every check that was selected passes."""
    report = DOCUMENTS["compliant-chatgpt"]().reports[0]
    passing = [finding for finding in report.findings if finding.status == "pass"]
    decision = report.decision._replace(verdict=verdict, reason="because of the moon")
    summary = report.summary.model_copy(update={"compliant": False})
    update = {"findings": passing, "decision": decision, "summary": summary}

    made = load_format(form).render(as_audit(report.model_copy(update=update)))

    assert RED[form](made)


RED = {
    "text": lambda text: text.startswith("NOT COMPLIANT"),
    "json": lambda text: json.loads(text)["summary"]["compliant"] is False,
    "ndjson": lambda text: json.loads(text)["summary"]["compliant"] is False,
    "sarif": lambda text: not json.loads(text)["runs"][0]["invocations"][0]["executionSuccessful"],
    "sarif-all": lambda text: (
        not json.loads(text)["runs"][0]["invocations"][0]["executionSuccessful"]
    ),
    "junit": lambda text: ET.fromstring(text)[0].get("errors") == "1",
    "ocsf": lambda text: 0 in {load["compliance"]["status_id"] for load in json.loads(text)},
    "ocsf-1.5.0": lambda text: 0 in {load["compliance"]["status_id"] for load in json.loads(text)},
    "oscal": lambda text: '"not-satisfied"' in text,
    "csv": lambda text: ",no,medium," in text and ",yes,medium," not in text,
    "prom": lambda text: re.search(r"(?m)^tipstaff_compliant\{.*\} 0$", text),
    "md": lambda text: "## NOT COMPLIANT" in text,
    "github": lambda text: text.startswith("::error title=Tipstaff::not compliant"),
    "html": lambda text: "NOT COMPLIANT" in text,
}


READERS = {
    "json": json.loads,
    "sarif": json.loads,
    "sarif-all": json.loads,
    "ocsf": json.loads,
    "oscal": json.loads,
    "junit": ET.fromstring,
}


@settings(max_examples=30)
@pytest.mark.parametrize("form", MODULES)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_out_harmless(form, text):
    report = DOCUMENTS["wrong-workspace"]().reports[0]
    findings = [
        finding.model_copy(update={"observed": text, "subject": text, "remedy": text})
        for finding in report.findings
    ]
    host = report.run.host.model_copy(update={"name": text})
    run = report.run.model_copy(update={"host": host, "user": text})
    poisoned = report.model_copy(update={"findings": findings, "run": run})

    made = load_format(form).render(as_audit(poisoned))

    assert not [
        character for character in made if not (character.isprintable() or character in "\r\n")
    ]
    if form in READERS:
        READERS[form](made)


def test_plain_text_has_a_line_for_each_thing_and_none_that_a_value_made():
    clean, hostile = (
        load_format("text").render(DOCUMENTS[name]()) for name in ("wrong-workspace", "hostile")
    )

    forged = [line for line in hostile.splitlines() if line.startswith(("::", "line two"))]
    assert [] == forged
    assert "FAIL  TIP102" in clean
