"""Prometheus' own judge of metrics, and the parser of its Python client."""

import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.records.saved_reports import every_document
from tipstaff_reports.formats.prometheus import render


def promtool(text):
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_promtool_has_nothing_to_say_of_any_document():
    found = {name: promtool(render(document)) for name, document in every_document().items()}

    assert dict.fromkeys(found, (0, "")) == found


def test_every_sample_is_read_back_once():
    for document in every_document().values():
        text = render(document)
        read = [
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

        assert (
            len(read)
            == len(set(read))
            == sum(not line.startswith("#") for line in text.splitlines())
        )


@pytest.mark.parametrize(
    "spoilt", ['a{b="c} 1\n', "tipstaff-x 1\n", "# TYPE a gauge\n# TYPE a gauge\n"]
)
def test_the_judge_refuses_what_is_wrong(spoilt):
    assert 0 != promtool(spoilt)[0]
