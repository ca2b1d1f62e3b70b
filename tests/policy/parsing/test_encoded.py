"""A text is found in any base64 that holds it, and any bytes are read without an error."""

import base64
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tipstaff_policy.parsing.base64_texts import SHORTEST, decode_texts, encodings, without_wrapping

SECRETS = st.binary(min_size=12, max_size=300)
WRAPS = ("", "\n", "\r\n", "\n    ", "\\n", "\\\n", '"\n  "')
SHAPES = st.tuples(st.booleans(), st.booleans(), st.sampled_from(WRAPS), st.integers(SHORTEST, 90))
HOSTILE = {
    "one letter": b"A" * (1 << 20),
    "short runs": b"A" * (SHORTEST - 1) + b".",
    "only line ends": b"\n" * (1 << 20),
    "runs and quotes": (b"A" * SHORTEST + b"'" * 50) * 10_000,
    "runs and backslashes": (b"A" * SHORTEST + b"\\" * 1000) * 1000,
    "escaped line ends": b"A" * SHORTEST + b"\\n" * 500_000,
    "lines": (b"A" * SHORTEST + b"\n") * 40_000,
}


def in_shape(data, shape):
    url_safe, padded, wrap, width = shape
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    return wrap.join(
        textwrap.wrap(text, width, break_on_hyphens=False) if wrap and text else [text]
    ).encode()


@given(SECRETS, st.binary(max_size=40), st.binary(max_size=40), SHAPES)
def test_a_secret_is_found_in_the_base64_of_whatever_stands_around_it(secret, before, after, shape):
    plain = without_wrapping(in_shape(before + secret + after, shape))

    assert any(encoding in plain for encoding in encodings(secret))


@given(
    st.binary(min_size=90, max_size=400), SHAPES, st.sampled_from([b"", b"KEY=", b"  x: |\n    "])
)
def test_what_was_encoded_is_given_back_whole(data, shape, before):
    text = before + in_shape(data, shape)

    assert any(part.startswith(data) for part in decode_texts(text))


@given(st.binary())
@example(b"A" * 25)
def test_any_bytes_are_read(data):
    assert all(isinstance(part, bytes) for part in decode_texts(data))


@pytest.mark.parametrize("name", HOSTILE)
def test_bytes_made_to_be_slow_give_no_more_than_they_hold(name):
    assert sum(map(len, decode_texts(HOSTILE[name]))) <= len(HOSTILE[name])
