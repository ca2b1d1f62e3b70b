"""JUnit reports before the schema of Jenkins."""

import pytest
import xmlschema

from reports.judges import JUDGES
from support.records.saved_reports import every_document
from tipstaff_reports.formats.junit import render


@pytest.fixture(scope="module")
def schema():
    return xmlschema.XMLSchema(JUDGES / "junit-10.xsd")


def test_every_document_fits_the_schema(schema):
    faults = {
        name: [f"{error.path}: {error.reason}" for error in schema.iter_errors(render(document))]
        for name, document in every_document().items()
    }

    assert {name: [] for name in faults} == faults


@pytest.mark.parametrize("spoilt", ['<testsuite name="x"/>', "<testcase/>", "<verdict/>"])
def test_the_judge_refuses_what_the_schema_does_not_know(schema, spoilt):
    assert not schema.is_valid(f"<testsuites>{spoilt}</testsuites>")
