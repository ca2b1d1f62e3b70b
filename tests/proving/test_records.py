"""What a proof writes stands in the data and the pages at its place, and nothing else changes."""

import json

import pytest

from conformance import writing as codex
from conformance.releases import page_text
from conformance_claude import writing as claude
from proving.parts import ProofError
from proving.records import (
    TAKEN,
    add_change,
    add_proven,
    add_row,
    forget_taken,
    read_known,
    span_of,
    taken_as_proven,
)

KNOWN = {
    "proven": {"1.0.0": "2026-01-01", "1.4.0": "2026-02-01"},
    "rows": {"1.0.0": {"hides": False, "bits": 64}},
    "spans": [{"since": "1.0.0", "rows": ["1.0.0"]}],
}


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "versions.json"
    path.write_text(json.dumps(KNOWN, indent=1) + "\n")
    return path


def test_a_version_is_added_at_its_place(known):
    add_proven(known, "1.2.0", "2026-03-01")

    assert ["1.0.0", "1.2.0", "1.4.0"] == list(read_known(known)["proven"])


def test_a_version_that_was_proven_keeps_its_day(known):
    before = known.read_text()

    add_proven(known, "1.4.0", "2026-03-01")

    assert before == known.read_text()


def test_a_version_is_taken_as_proven_for_a_while_only(known):
    before, written = known.read_text(), []

    with taken_as_proven(known, "1.5.0", lambda: written.append(list(read_known(known)["proven"]))):
        pass

    assert [["1.0.0", "1.4.0", "1.5.0"], ["1.0.0", "1.4.0"]] == written
    assert before == known.read_text()


def test_what_a_killed_proof_left_as_proven_is_forgotten(known):
    before = known.read_text()
    add_proven(known, "1.5.0", TAKEN)

    assert forget_taken(known)
    assert before == known.read_text()


def test_a_version_that_was_proven_is_not_forgotten(known):
    assert not forget_taken(known)
    assert ["1.0.0", "1.4.0"] == list(read_known(known)["proven"])


def test_a_row_begins_with_its_version_and_says_only_what_differs(known):
    add_row(known, "1.5.0", {"hides": True})
    document = read_known(known)

    assert {"like": "1.0.0", "hides": True} == document["rows"]["1.5.0"]
    assert ["1.5.0"] == span_of(document, "1.6.0")["rows"]


def test_a_later_version_that_is_proven_keeps_its_row(known):
    add_row(known, "1.2.0", {"hides": True})
    document = read_known(known)

    assert ["1.2.0"] == span_of(document, "1.3.0")["rows"]
    assert ["1.0.0"] == span_of(document, "1.4.0")["rows"]


def test_a_second_field_joins_the_row_of_the_version(known):
    add_row(known, "1.5.0", {"hides": True})
    add_row(known, "1.5.0", {"bits": 128})

    assert {"like": "1.0.0", "hides": True, "bits": 128} == read_known(known)["rows"]["1.5.0"]


def test_a_version_older_than_all_has_no_row(known):
    with pytest.raises(ProofError, match=r"0\.9\.0 is older"):
        add_row(known, "0.9.0", {"hides": True})


def test_a_change_stands_first_below_the_next_release(tmp_path):
    path = tmp_path / "CHANGELOG.md"
    path.write_text(
        "# Changelog\n\n## Unreleased\n### Added\n- Another.\n\n## 0.1.0\n### Added\n- x\n"
    )

    add_change(path, "- New.")
    add_change(path, "- New.")

    assert "### Added\n- New.\n- Another.\n" in path.read_text()
    assert 1 == path.read_text().count("- New.")


def test_a_changelog_without_a_place_for_it_is_an_error(tmp_path):
    path = tmp_path / "CHANGELOG.md"
    path.write_text("# Changelog\n")

    with pytest.raises(ProofError, match="no list of what was added"):
        add_change(path, "- New.")


def test_the_page_of_two_releases_gets_other_releases_and_rows():
    page = (
        "Tipstaff gives the same result on 1.0.0 and on 1.1.0, the newest proven version.\n"
        "| policy | login | 1.0.0 | 1.1.0 |\n| --- | --- | --- | --- |\n"
        "| forced | complies | a | b |\n"
    )

    made = page_text(page, ("1.1.0", "1.2.0"), {("forced", "complies"): ["x", "x"]})

    assert "the same result on 1.1.0 and on 1.2.0, the newest" in made
    assert "| policy | login | 1.1.0 | 1.2.0 |" in made
    assert "| forced | complies | x | x |" in made


@pytest.mark.parametrize("writing", [codex, claude])
def test_the_pages_have_the_places_that_a_proof_writes_to(writing):
    page = writing.PAGE.read_text("utf-8")

    assert writing.HEAD.search(page)
    assert "proven" in writing.README.read_text("utf-8")
