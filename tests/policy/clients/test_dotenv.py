"""The `.env` file of the client's folder: its grammar as the client reads it, and what comes of it."""

import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.clients.codex.dotenv import VALUE_LIMIT, parse_dotenv

ENV = {"HOME": "/home/ada", "SHELL_ONLY": "from-shell", "RAW": "x\udcff"}
VALUES = {
    "plain": ("A=b", "b"),
    "blanks around": ("  A =  b  ", "b"),
    "export": ("export A=b", "b"),
    "single quotes": ("A='b $HOME \" c'", 'b $HOME " c'),
    "double quotes": ('A="b \\"c\\" \\$HOME"', 'b "c" $HOME'),
    "joined quotes": ("A=a'b'\"c\"", "abc"),
    "line feed escape": ('A="a\\nb"', "a\nb"),
    "escaped blank": ("A=a\\ b", "a b"),
    "comment behind": ("A=b # c", "b"),
    "hash inside": ("A=b#c", "b#c"),
    "nothing": ("A=", ""),
    "a comment for a value": ("A= # b", ""),
    "over two lines": ("A='b\nc'", "b\nc"),
    "from the environment": ("A=$HOME/x", "/home/ada/x"),
    "in braces": ("A=${SHELL_ONLY}x", "from-shellx"),
    "a name ends at an underscore": ("A=$SHELL_ONLY", "_ONLY"),
    "not set anywhere": ("A=a${B}c", "ac"),
    "not UTF-8 in the environment": ("A=a${RAW}b", "ab"),
    "from an earlier line": ("B=x\nA=${B}y", "xy"),
    "from a name it may not set": ("CODEX_B=x\nA=${CODEX_B}y", "xy"),
    "the later line": ("A=b\nA=c", "c"),
    "carriage returns": ("A=b\r\n", "b"),
    "lone escape at the end": ("A=b\\\n", "b"),
}
PASSED_OVER = {
    "two words": "A=b c",
    "no name": "=b",
    "a digit first": "1A=b",
    "a dash": "A-B=c",
    "open single quote": "A='b",
    "open double quote": 'A="b',
    "a name that ends at the quote": 'A="$B"',
    "open brace": "A=${B",
    "unknown escape": "A=a\\tb",
    "byte order mark": "\ufeffA=b",
    "blank at the very end": "A=b ",
    "reserved": "CODEX_HOME=/x",
    "reserved in small letters": "codex_home=/x",
    "commented": "  # A=b",
    "not assigned": "A",
}


def load(text, env=ENV, **more):
    data = text.encode() if isinstance(text, str) else text
    return parse_dotenv(io.BytesIO(data), env, **more)


def values(loaded):
    return {assignment.name: assignment.value for assignment in loaded.assignments}


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES)
def test_a_value_is_read_as_the_client_reads_it(text, value):
    assert value == values(load(text))["A"]


@pytest.mark.parametrize("text", PASSED_OVER.values(), ids=PASSED_OVER)
def test_a_line_that_the_client_cannot_parse_sets_nothing(text):
    assert {} == values(load(text))


def test_a_line_that_is_no_utf8_is_left_out_with_what_was_open_before_it():
    assert {"A": "1", "C": "3"} == values(load(b"A=1\nB='x\n\xff'\nC=3\n"))


def test_a_value_with_nul_ends_the_client_at_its_line():
    loaded = load("A=1\nB=x\0y\nC=3\n")

    assert {"A": "1"} == values(loaded)
    assert 2 == loaded.stops


def test_a_quirk_of_blanks_before_a_comment_is_followed():
    # Of two blanks the second ends what the first began, so the quote behind `#` opens.
    assert {"A": "a", "D": "1"} == values(load("A=a  # it's\nB=1\nC='\nD=1\n"))


def test_values_that_double_line_by_line_stay_bounded():
    text = "A=xxxxxxxx\n" + "A=$A$A\n" * 60

    assert VALUE_LIMIT == len(values(load(text))["A"])


def test_a_variable_that_nobody_here_knows_makes_the_value_doubtful():
    first, second, third = load("A=$B\nC=$HOME\nD=$A\n", complete=False).assignments

    assert (True, False, True) == tuple(bool(reading.doubt) for reading in (first, second, third))


def test_a_letter_of_a_newer_unicode_makes_the_value_doubtful():
    sure, doubtful = load("A=$é\nB=$\u0345b\n").assignments

    assert not bool(sure.doubt)
    assert bool(doubtful.doubt)


@given(st.binary(max_size=200))
def test_any_bytes_give_names_that_can_be_variables(data):
    allowed = set(string.ascii_letters + string.digits + "_.")

    for assignment in load(data).assignments:
        assert set(assignment.name) <= allowed
        assert not assignment.name.upper().startswith("CODEX_")


@given(st.text(st.characters(exclude_characters="'\\\0", exclude_categories=["Cs"])))
def test_what_stands_in_single_quotes_is_the_value(text):
    assert {"A": text} == values(load(f"A='{text}'\n"))
