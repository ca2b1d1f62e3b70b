"""The shipped schemas are those of the models, and refuse what the models refuse."""

import json
from typing import get_args

import pytest

from support.machines.hosts import audit, enforce, make_host, tipstaff
from support.records.saved_reports import example
from tipstaff_cli.shared.report_files import FormatName
from tipstaff_policy.model.state import Client
from tipstaff_reports.formats import MODULES
from tipstaff_schemas.export import DOCUMENTS, faults, read_shipped_schema, schema_text
from tipstaff_schemas.report import ClientEntry


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_shipped_schema_is_the_models(name):
    assert schema_text(name) == read_shipped_schema(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_program_prints_it(name):
    assert read_shipped_schema(name) == tipstaff("schema", name).stdout


@pytest.fixture
def report(tmp_path):
    return json.loads(audit(make_host(tmp_path / "host"), "--format", "json").stdout)


def test_a_report_fits_its_schema(report):
    assert [] == faults("report", report)


def test_an_enforcement_fits_its_schema(tmp_path):
    root = make_host(tmp_path / "host", managed='forced_login_method = "chatgpt"\n')

    assert [] == faults("enforcement", json.loads(enforce(root, "--format", "json").stdout))


@pytest.mark.parametrize("part", ["run", "decision", "state", "summary"])
def test_a_field_too_many_is_refused(report, part):
    report[part]["surprise"] = 1

    assert faults("report", report)


def test_an_entry_of_the_clients_is_the_engines_value_with_its_verdict():
    assert [*Client._fields, "verdict"] == list(ClientEntry.model_fields)


@pytest.mark.parametrize("field", ["verdict", "reason"])
def test_a_field_too_few_is_refused(report, field):
    del report["decision"][field]

    assert faults("report", report)


def test_the_choices_of_format_are_the_formats_there_are():
    assert list(get_args(FormatName)) == list(MODULES)


PLATFORMS = {
    "compliant-chatgpt": "linux",
    "macos-forced": "macos",
    "windows-user-managed": "windows",
}


@pytest.mark.parametrize(("host", "expected"), PLATFORMS.items())
def test_a_report_names_the_system_of_the_host_and_not_of_the_auditor(host, expected):
    assert expected == example(host).reports[0].run.host.os
