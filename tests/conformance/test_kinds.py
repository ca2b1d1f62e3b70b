"""What a version takes for its keys is what its neighbour takes, but for what was measured again."""

import json

import pytest

from conformance.key_probes import probes
from conformance.kind_rows import dangling, merged
from conformance.kinds import DATA, measured_versions, neighbour_of, sizes_of
from conformance.oracle import PLACES
from conformance.verdicts import NEWEST_NAME

KNOWN = {
    "": {"boolean": "a", "text date": "b c", "map": "d"},
    "d": {"text date": "*"},
    "e.x": {"like": "d"},
}


def test_a_key_that_takes_something_else_moves_to_its_cell():
    rows = merged(KNOWN, {"b"}, {"": {"boolean": ["b"]}})

    assert {"boolean": "a b", "map": "d", "text date": "c"} == rows[""]


def test_a_key_that_is_gone_is_in_no_cell():
    assert {"map": "d", "text date": "b c"} == merged(KNOWN, {"a"}, {})[""]


def test_what_was_below_a_key_goes_with_it():
    rows = merged(KNOWN, {"d"}, {"": {"boolean": ["d"]}})

    assert "d" not in rows
    assert ["e.x"] == dangling(rows)


def test_nothing_that_was_not_measured_changes():
    assert KNOWN == merged(KNOWN, set(), {})


PROBES = {
    "boolean": {("x", False), (50, False), (True, True), (False, True)},
    "text date": {("x", True), (" ", True), (50, False), (True, False)},
    "words:a|b": {("a", True), ("b", True), ("zz_made_up", False), (50, False), (True, False)},
    "integer:1:256": {
        ("x", False),
        (1, True),
        (0, False),
        (255, True),
        (256, False),
        (True, False),
    },
    "nothing": {("x", False), (50, False), (True, False)},
    "unsure": set(),
}


@pytest.mark.parametrize("takes", PROBES)
def test_a_cell_says_which_values_are_taken(takes):
    plain = {(repr(value), taken) for value, taken in probes(takes) if value not in ([], {})}

    assert {(repr(value), taken) for value, taken in PROBES[takes]} == plain


def test_a_table_is_asked_for_where_no_cell_has_one():
    assert ({}, False) in probes("boolean")
    assert ({}, True) in probes("map")
    assert ({}, True) not in probes("struct needs:command")


def test_the_nearest_version_is_the_neighbour():
    assert "0.169.0" == neighbour_of("0.168.0")
    assert "0.160.0" == neighbour_of("0.161.0")
    assert measured_versions()[-1] == neighbour_of("99.0.0")


@pytest.mark.parametrize("grammar", PLACES)
def test_every_key_of_a_document_is_compared(grammar):
    known = json.loads((DATA / f"{NEWEST_NAME}-{grammar}.json").read_text())
    keys = {name for names in known["keys"][""].values() for name in names.split()}

    compared = {name for _, name in sizes_of({grammar: known})}

    assert keys <= compared
