"""CSV of every document, read back strictly."""

import csv
import io

from support.records.saved_reports import every_document
from tipstaff_reports.formats.table import COLUMNS, render


def test_every_document_is_read_back_with_a_row_a_finding():
    for document in every_document().values():
        reader = csv.DictReader(io.StringIO(render(document), newline=""), strict=True)
        rows = list(reader)

        assert list(COLUMNS) == reader.fieldnames
        message = sum(len(report.findings) for report in document.reports) + len(document.missing)
        assert max(message, 1) == len(rows)
        assert not [row for row in rows if None in row or None in row.values()]
