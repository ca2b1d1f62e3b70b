"""A document is written without its model being made ready, and as its model would write it."""

import pytest

from support.machines.hosts import FORCED_CHATGPT, audit, make_host
from support.records.saved_reports import every_document
from tipstaff_reports import json_report
from tipstaff_schemas.report import Report
from tipstaff_schemas.values import json_text

DOCUMENTS = every_document()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_text_is_the_models_own(name):
    document = DOCUMENTS[name].document

    assert document.model_dump_json(by_alias=True, indent=2) == json_text(document, indent=2)


def test_what_an_audit_writes_its_model_reads_and_writes_again(tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)

    text = audit(root, "--format", "json").stdout

    assert text == json_report.render(Report.model_validate_json(text))
