"""The key locator finds every key that a TOML reader finds, on the line where it is written."""

import tomllib

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.parsing.toml_lines import LARGE, locate_keys

CASES = {
    "plain keys": ("a = 1\nb = 2\n", {("a",): 1, ("b",): 2}),
    "comment and blank lines": ("# a = 1\n\nb = 1 # c = 2\n", {("b",): 3}),
    "windows line ends": ("a = 1\r\nb = 2\r\n", {("a",): 1, ("b",): 2}),
    "table": ("[t]\na = 1\n", {("t",): 1, ("t", "a"): 2}),
    "implicit parent": ("[p.t]\n[p]\na=1\n", {("p",): 1, ("p", "t"): 1, ("p", "a"): 3}),
    "dotted key": ("a.b.c = 1\n", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1}),
    "quoted keys": (
        '"a.b" = 1\n\'c d\' = 2\n"\\u0065" = 3\n',
        {("a.b",): 1, ("c d",): 2, ("e",): 3},
    ),
    "long string hides keys": ('x = """\na = 1\n[t]\n"""\ny = 1\n', {("x",): 1, ("y",): 5}),
    "quotes before the end": (
        "x = \"\"\"a\"\"\"\"\"\ny = '''b'''''\nz = 1\n",
        {("x",): 1, ("y",): 2, ("z",): 3},
    ),
    "array over lines": ('x = [\n "a", # ]\n "b",\n]\ny = 1\n', {("x",): 1, ("y",): 5}),
    "inline table": (
        "x = { a = 1, b.c = 2 }\n",
        {("x",): 1, ("x", "a"): 1, ("x", "b"): 1, ("x", "b", "c"): 1},
    ),
    "tables in an array": (
        "x = [{a=1},\n {b=2}]\n",
        {("x",): 1, ("x", "0"): 1, ("x", "0", "a"): 1, ("x", "1"): 2, ("x", "1", "b"): 2},
    ),
    "array of tables": (
        "[[s]]\na=1\n[[s]]\na=2\n[s.t]\nb=1\n",
        {
            ("s",): 1,
            ("s", "0"): 1,
            ("s", "0", "a"): 2,
            ("s", "1"): 3,
            ("s", "1", "a"): 4,
            ("s", "1", "t"): 5,
            ("s", "1", "t", "b"): 6,
        },
    ),
    "signs inside strings": ("a = \"=[#{\"\nb = '}]'\n", {("a",): 1, ("b",): 2}),
    "TOML 1.1": (
        'x = {\n a = 1,\n # c\n b = "\\e",\n}\ny = 1\n',
        {("x",): 1, ("x", "a"): 2, ("x", "b"): 4, ("y",): 6},
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_each_key_is_found_on_its_line(text, expected):
    tomli.loads(text)

    assert expected == locate_keys(text)


def key_paths(value, path=()):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from key_paths(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if isinstance(inner, dict):
                yield (*path, str(position))
            yield from key_paths(inner, (*path, str(position)))


names = st.sampled_from(["a", "b", "c-d", "E_1", '"x y"', "'l.t'", '"\\u0041"', '"="', "7"])
scalars = st.sampled_from(
    [
        "1",
        "-2.5e3",
        "true",
        '"s"',
        "'t'",
        '"a\\"#b"',
        '"""m\n= 1\n"""',
        "'''q''''",
        "1979-05-27T07:32:00Z",
        "12:30:01",
        "inf",
    ]
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(
            lambda elements: "[\n " + ", # c ]\n ".join(elements) + "\n]"
        ),
        st.lists(st.tuples(names, inner), max_size=3, unique_by=lambda pair: pair[0]).map(
            lambda members: "{ " + ", ".join(f"{k} = {v}" for k, v in members) + " }"
        ),
    ),
    max_leaves=6,
)
keys = st.lists(names, min_size=1, max_size=3).map(" . ".join)
statements = st.one_of(
    st.tuples(keys, values).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    keys.map(lambda key: f"[ {key} ] # [x]"),
    keys.map(lambda key: f"[[{key}]]"),
    st.sampled_from(["", "# k = 1", "   "]),
)
documents = st.tuples(st.lists(statements, max_size=8), st.sampled_from(["\n", "\r\n"])).map(
    lambda pair: pair[1].join(pair[0]) + pair[1]
)


def parsed(text):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@given(documents.filter(lambda text: parsed(text) is not None))
def test_the_keys_found_are_those_that_a_reader_finds(text):
    assert set(key_paths(tomllib.loads(text))) == set(locate_keys(text))


def made_large(text):
    """Return a document with the same keys on the same lines, in which whole lines are skipped."""
    return text + ("" if text.endswith("\n") else "\n") + "#" * LARGE


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_each_key_is_found_on_its_line_in_a_large_document(text, expected):
    assert expected == locate_keys(made_large(text))


@given(documents.filter(lambda text: parsed(text) is not None))
def test_whole_lines_and_single_tokens_find_the_same(text):
    assert locate_keys(text) == locate_keys(made_large(text))


@given(st.text(alphabet="ab=.[]{},\"'\\\n# \t1"))
def test_no_text_makes_it_raise(text):
    assert all(1 <= line <= text.count("\n") + 1 for line in locate_keys(text).values())


def test_deep_nesting_is_followed_without_recursion():
    assert locate_keys("a = " + "[" * 20_000 + "]" * 20_000) == {("a",): 1}
