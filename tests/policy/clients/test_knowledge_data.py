"""What is known of the clients' versions is JSON, and the modules that a start loads are made from it."""

import importlib
import json
import sys
from pathlib import Path

import pytest

from tipstaff_policy.clients import CLIENTS

ROOT = Path(__file__).resolve().parents[3]


def of_client(name, module):
    return importlib.import_module(f"tipstaff_policy.clients.{name}.{module}")


def source_of(name):
    folder = Path(of_client(name, "knowledge").__file__).parent
    return json.loads((folder / "versions.json").read_text())


@pytest.mark.parametrize("name", CLIENTS)
def test_a_row_has_every_field_of_a_behaviour_and_no_other(name):
    behaviour = of_client(name, "versions").Behaviour

    assert behaviour._fields[1:] == of_client(name, "knowledge").FIELDS


@pytest.mark.parametrize("name", CLIENTS)
def test_a_value_of_a_row_that_is_like_another_is_not_repeated(name):
    rows = source_of(name)["rows"]
    knowledge = of_client(name, "knowledge")
    whole = {row: dict(zip(knowledge.FIELDS, knowledge.ROWS[row], strict=True)) for row in rows}
    given = {
        (row, field): value
        for row, changes in rows.items() if "like" in changes
        for field, value in changes.items() if field != "like"
    }  # fmt: skip

    assert [] == [
        (row, field) for row, field in given
        if whole[rows[row]["like"]][field] == whole[row][field]
    ]  # fmt: skip


@pytest.mark.parametrize("name", CLIENTS)
def test_every_row_is_the_one_of_some_span(name):
    document = source_of(name)
    used = {row for span in document["spans"] for row in span["rows"]}
    # What is known of one version alone also stands for what came between two versions.
    bases = {changes["like"] for changes in document["rows"].values() if "like" in changes}

    assert set(document["rows"]) == used | (bases & set(document["rows"]))


def test_the_modules_that_a_start_loads_say_what_the_json_says():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        from knowledge_modules import knowledge_modules
    finally:
        sys.path.remove(str(ROOT / "docs"))

    assert [] == [
        path.name for path, text in knowledge_modules().items() if path.read_text() != text
    ]
