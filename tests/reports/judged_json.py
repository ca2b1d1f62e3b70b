"""Tipstaff's own JSON before its shipped schemas, of every document."""

import json

from support.records.saved_reports import every_document
from tipstaff_reports.formats import load_format
from tipstaff_schemas.export import faults

SCHEMAS = {"Report": "report", "AuditOfUsers": "users-report", "MergedReports": "merged-reports"}


def test_every_document_fits_its_schema():
    found = {
        name: faults(SCHEMAS[type(document.document).__name__], json.loads(load_format("json").render(document)))
        for name, document in every_document().items()
    }  # fmt: skip

    assert {name: [] for name in found} == found


def test_every_line_fits_the_schema_of_a_report():
    for document in every_document().values():
        lines = load_format("ndjson").render(document).splitlines()

        assert max(len(document.reports) + len(document.missing), 1) == len(lines)
        assert [] == [
            fault
            for line in lines[: len(document.reports)]
            for fault in faults("report", json.loads(line))
        ]
