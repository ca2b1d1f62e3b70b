"""A member is taken out of a JSON document, and every other byte stays."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.errors import ShapeError
from tipstaff_policy.parsing.json_members import without_member

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)

CASES = {
    "the only one": ('{"x": 1}', "{}"),
    "the first": ('{"x": 1, "a": 2}', '{"a": 2}'),
    "in the middle": ('{"a": 1, "x": 2, "b": 3}', '{"a": 1, "b": 3}'),
    "the last": ('{"a": 1, "x": 2}', '{"a": 1}'),
    "twice at the end": ('{"a": 1, "x": 2, "x": 3}', '{"a": 1}'),
    "twice and nothing else": ('{"x": 1, "x": {"x": 2}}', "{}"),
    "around another": ('{"x": 1, "a": 2, "x": 3}', '{"a": 2}'),
    "with an escaped name": ('{"\\u0078": 1, "a": 2}', '{"a": 2}'),
    "a comma at the end": ('{"a": 1, "x": 2,}', '{"a": 1, }'),
    "comments": ('{/* x */ "a": 1, // "x": 0\n "x": "//"}', '{/* x */ "a": 1}'),
    "a mark at the start": ('\ufeff{"x": 1}\n', "\ufeff{}\n"),
    "another of the name below": ('{"a": {"x": 1}, "x": 2}', '{"a": {"x": 1}}'),
    "line by line": ('{\n  "x": 1,\n  "a": 2\n}\n', '{\n  "a": 2\n}\n'),
}


@pytest.mark.parametrize(("document", "expected"), CASES.values(), ids=CASES)
def test_a_member_is_cut_out_with_one_comma(document, expected):
    assert expected.encode() == without_member(document.encode(), ("x",))


@pytest.mark.parametrize("document", ["{}", '{"a": "x"}', '["x"]', "null", '{"y": {"x": 1}}'])
def test_a_document_without_the_member_is_none(document):
    assert without_member(document.encode(), ("x",)) is None


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"x" 1}', b'{"x": 1} 2', b'{"x": "}', b"\xff{}", b"[" * 9999, b'{"\\q":1}'],
)
def test_what_is_no_document_is_not_cut(data):
    with pytest.raises(ShapeError):
        without_member(data, ("x",))


@given(OBJECTS, VALUES, st.integers(0, 4), st.sampled_from([None, 2]))
def test_what_remains_reads_as_the_document_without_the_member(members, value, at, indent):
    pairs = [pair for pair in members.items() if pair[0] != "x"]
    whole = dict([*pairs[:at], ("x", value), *pairs[at:]])

    left = without_member(json.dumps(whole, indent=indent).encode(), ("x",))

    assert pairs == list(json.loads(left).items())


@given(OBJECTS, VALUES)
def test_a_member_of_an_inner_object_is_cut_alone(members, value):
    whole = {"before": 1, "auth": {**members, "x": value}, "x": "outer"}
    expected = {"before": 1, "auth": {**members, "x": value}, "x": "outer"}
    del expected["auth"]["x"]

    left = without_member(json.dumps(whole).encode(), ("auth", "x"))

    assert expected == json.loads(left)
