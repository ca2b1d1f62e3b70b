"""A template that comes often is found by its pattern, with the very marks of the long way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.fleet.fleets import HOSTS, LIVES, Life, report
from tipstaff_fleet.ingest import template
from tipstaff_fleet.ingest.documents import Reader
from tipstaff_fleet.ingest.template import Splitter, fill

HOME, FOLDER = "/home/ada/.codex", "/srv/work"
IDS = [f"{number:08x}-0000-4000-8000-{number:012x}" for number in range(4)]
TEXT = (
    '{{"evaluated_at":{at},"path":"/home/ada/.codex/x","cwd":"/srv/work","claims":'
    '{{"id_token":"{first}","access_token":"{second}"}},"why":"{third}","line":{line}}}'
)
PARTS = st.fixed_dictionaries(
    {
        "at": st.integers(0, 2**40),
        "line": st.integers(0, 300) | st.just("null"),
        **dict.fromkeys(("first", "second", "third"), st.sampled_from([*IDS, "ws-1", "abc"])),
    }
)


@pytest.fixture
def _at_once(monkeypatch):
    monkeypatch.setattr(template, "OFTEN", 1)
    monkeypatch.setattr(template, "PATTERNS", 100)


def text_of(parts):
    return TEXT.format(**parts).encode()


@settings(max_examples=300)
@given(st.lists(PARTS, min_size=1, max_size=12))
def test_what_was_split_before_changes_no_split(parts):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(template, "OFTEN", 1)
        splitter = Splitter()

        for text in map(text_of, parts):
            found = splitter.split(text, HOME, FOLDER)

            assert found == Splitter().split(text, HOME, FOLDER)
            assert text == fill(found.template, found.marks)


@pytest.mark.parametrize("name", HOSTS)
@settings(max_examples=10)
@given(st.lists(LIVES, min_size=2, max_size=4))
def test_reports_give_the_same_rows_however_many_came_before(name, lives):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(template, "OFTEN", 1)
        reader = Reader(Life().seen)
        for data in (report(name, life) for life in lives):
            (found,) = reader.read(data)
            (alone,) = Reader(Life().seen).read(data)

            assert found == alone


@pytest.mark.usefixtures("_at_once")
def test_a_pattern_is_made_of_what_comes_often():
    splitter = Splitter()
    parts = {"at": 1, "first": IDS[0], "second": IDS[1], "third": IDS[0], "line": 2}
    splitter.split(text_of(parts), HOME, FOLDER)
    found = []
    splitter._find = found.append

    for ids in ((1, 2, 1), (3, 0, 3)):
        named = dict(zip(("first", "second", "third"), (IDS[n] for n in ids), strict=True))
        splitter.split(text_of(parts | named), HOME, FOLDER)

    assert found == []


@pytest.mark.usefixtures("_at_once")
def test_an_id_that_stands_elsewhere_too_is_another_template():
    splitter = Splitter()
    other = {"at": 1, "first": "ws-1", "second": IDS[1], "third": IDS[2], "line": 2}
    first = splitter.split(text_of(other), HOME, FOLDER)

    second = splitter.split(text_of(other | {"second": IDS[2]}), HOME, FOLDER)

    assert first.state_id != second.state_id
