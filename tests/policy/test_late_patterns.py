"""The readers of the standard library read the same where what they may not need is made late."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tipstaff_policy

PACKAGES = str(Path(tipstaff_policy.__file__).parent.parent)
DOCUMENTS = {
    "texts": 'a = "b"\nc = [\'d\', """e\nf"""]\n[g]\nh = "\\u00e9"\n',
    "numbers": "a = 1\nb = -2.5e3\nc = 0x1F\nd = 0b1\ne = inf\nf = 1_000\n",
    "dates": "a = 2026-01-01\nb = 2026-01-01T10:00:00Z\nc = 10:00:00.5\nd = 2026-01-01 10:00:00+01:30\n",
    "no document": "a = 12x\n",
    "no date": "a = 2026-13-01\n",
}
LATE = """
import re, sys
compiled = re.compile
sys.path.insert(0, sys.argv[1])
from tipstaff_policy.late_patterns import load_readers
load_readers()
import json, tomllib
"""


def run(statements, *words):
    entry = [sys.executable, "-I", "-S", "-c", LATE + statements, PACKAGES, *words]
    return subprocess.run(entry, capture_output=True, text=True, check=True).stdout.rstrip("\n")


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_is_read_as_ever(text):
    statements = """
try:
    print(repr(tomllib.loads(sys.argv[2])))
except tomllib.TOMLDecodeError as error:
    print(error)
"""
    try:
        expected = repr(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        expected = str(error)

    assert expected == run(statements, text)


@pytest.mark.parametrize("value", ['{"a": [1, 2.5, null, "\\u00e9"]}', '"\\n\\"\u00fc"', "[]"])
def test_json_is_read_and_written_as_ever(value):
    read = json.loads(value)
    expected = [json.dumps(read), json.dumps(read, ensure_ascii=False, indent=1)]
    statements = """
read = json.loads(sys.argv[2])
print([json.dumps(read), json.dumps(read, ensure_ascii=False, indent=1)])
"""

    assert repr(expected) == run(statements, value)


def test_a_document_of_texts_compiles_no_pattern_of_its_reader():
    statements = """
import tipstaff_policy.late_patterns as late
late._compile = None
print(tomllib.loads('a = ["b"]'))
"""

    assert "{'a': ['b']}" == run(statements)


def test_no_reader_compiles_an_expression_of_python():
    statements = """
for name in [each for each in sys.modules if each.startswith(("json", "tomllib"))]:
    del sys.modules[name]
compiles = []
sys.addaudithook(lambda event, _: event == "compile" and compiles.append(event))
load_readers()
print("tomllib" in sys.modules, compiles)
"""

    assert "True []" == run(statements)


def test_a_named_tuple_that_is_made_afterwards_is_that_of_python():
    statements = """
import typing
Pair = typing.NamedTuple("Pair", [("a", "int")])
print(Pair.__annotations__)
"""

    assert "{'a': ForwardRef('int')}" == run(statements)


def test_whoever_compiles_a_pattern_afterwards_has_it_at_once():
    assert "True Pattern" == run("print(re.compile is compiled, type(re.compile('a')).__name__)")


def test_what_python_has_is_put_back_where_a_reader_cannot_be_imported():
    statements = """
import typing
named = typing.NamedTuple
for name in [each for each in sys.modules if each.startswith("tomllib")]:
    del sys.modules[name]
sys.modules["tomllib"] = None
try:
    load_readers()
except ImportError:
    print(re.compile is compiled, typing.NamedTuple is named)
"""

    assert "True True" == run(statements)


def test_a_module_with_late_patterns_works_as_ever():
    statements = """
from tipstaff_policy.late_patterns import load_late
load_late("textwrap", "platform")
import textwrap
print(textwrap.dedent("  a\\n   b").splitlines(), type(textwrap._leading_whitespace_re).__name__)
"""

    assert "['a', ' b'] _LatePattern" == run(statements)
