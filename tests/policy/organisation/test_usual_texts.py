"""What is seen at once to fit a pattern is what the pattern fits."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.organisation.field_types import ONE_LINE, UNITS, age, is_usual_line
from tipstaff_policy.organisation.fields import ID, is_usual_id

texts = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="aZ09-._ \t\n\x00\x7fäß²٣", max_size=120),
    st.text(alphabet="aZ09-", max_size=120),
)


@given(texts)
def test_a_usual_line_is_one_line(value):
    assert not is_usual_line(value) or re.fullmatch(ONE_LINE, value)


@given(texts)
def test_a_usual_id_is_an_id(value):
    assert not is_usual_id(value) or re.fullmatch(ID, value)


@pytest.mark.parametrize("value", ["ws-example", "bench", "1", "Example-2"])
def test_most_ids_are_seen_at_once(value):
    assert is_usual_id(value)


@given(st.one_of(st.text(alphabet="0123456789mhds ٣²", max_size=8), st.integers(), st.none()))
def test_a_length_of_time_is_a_number_and_a_unit(value):
    found = isinstance(value, str) and re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", value)
    expected = int(found[1]) * UNITS[found[2]] if found else 0

    try:
        read = age().read(value)
    except ValueError:
        read = 0

    assert read == (expected if expected <= 3650 * 86400 else 0)
