"""A first policy says what was answered, and lint has nothing to say about it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.clients.interface.lint import Aim, Given
from tipstaff_policy.errors import UsageError
from tipstaff_rollout.authoring.starter import Answers, starter, write_new
from tipstaff_rollout.lint import lint, oldest_version
from tipstaff_rollout.lint.reading import read_files

EXAMPLE = Path(__file__).parents[2] / "examples/policies/quick-start/policy.toml"
QUICK_START = Answers(
    "example-corp",
    workspaces=(("ws-example", "Example Corp"),),
    stores=("file", "keyring"),
    contact="help desk, phone 17",
    owner="identity@example.com",
)
WORDS = st.text("aä\"\\'#=[]{}, ", min_size=1, max_size=9).filter(str.strip)
IDS = st.text("abc-", min_size=1, max_size=5)
METHODS = st.sampled_from([("chatgpt",), ("api",), ("api", "chatgpt")])


def answers():
    given_ = st.builds(
        Answers,
        st.just("example"),
        METHODS,
        st.lists(st.tuples(IDS, st.just("") | WORDS), max_size=3, unique_by=lambda answer: answer[0]).map(tuple),
        st.lists(st.sampled_from(["file", "keyring"]), unique=True, max_size=2).map(tuple),
        st.just("") | WORDS,
        st.just("") | WORDS,
        st.just("codex"),
    )  # fmt: skip
    return given_.filter(lambda answer: answer.methods == ("chatgpt",) or not answer.workspaces)


@given(answers())
def test_what_was_answered_stands_in_it_and_passes_lint(given_):
    text = starter(given_)
    document = tomllib.loads(text)
    read = read_files((Given("policy.toml", text.encode(), "policy"),))
    found = lint(read.files, Aim(oldest_version(read.files), now=0))

    assert () == read.faults
    assert {"note"} >= {entry.severity for entry in found}
    assert list(given_.methods) == document["login_methods"]
    assert list(given_.stores) == document.get("stores", [])
    assert given_.contact == document.get("contact", "")
    assert given_.owner == document.get("owner", "")
    assert list(given_.workspaces) == [
        (workspace["id"], workspace.get("name", "")) for workspace in document.get("workspaces", [])
    ]


def test_the_example_is_what_is_written():
    assert starter(QUICK_START) == EXAMPLE.read_text("utf-8")


def test_a_file_that_is_there_stays_unless_told_otherwise(tmp_path):
    out = tmp_path / "policy.toml"
    out.write_text("mine")

    with pytest.raises(UsageError):
        write_new("new", out, force=False)
    assert "mine" == out.read_text()
    assert [out] == list(tmp_path.iterdir())

    write_new("new", out, force=True)
    assert "new" == out.read_text()
    assert [out] == list(tmp_path.iterdir())
