"""The page of a policy's fields says of each what it takes, and what holds without it."""

from pathlib import Path

import pytest

from tipstaff_policy.assessment.policy_diff.meaning import DEFAULTS
from tipstaff_policy.organisation.fields import FIELDS, TABLES

PAGE = (Path(__file__).parents[3] / "docs/policy-fields.md").read_text("utf-8")
ROWS = {
    cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
    for line in PAGE.partition("## [[")[0].splitlines()
    if (cells := line.split(" | ") and line.replace("\\|", "/").split("|"))[1:2]
    and line.startswith("| `")
}
WORDS = {
    name: field.kind.schema["enum"] for name, field in FIELDS.items() if "enum" in field.kind.schema
}


def test_every_field_has_a_row():
    assert [*FIELDS] == [*ROWS]
    assert all(f"## [[{name}]]" in PAGE for name in TABLES)


@pytest.mark.parametrize("name", WORDS)
def test_a_word_is_told_with_every_choice(name):
    assert all(f'"{word}"' in ROWS[name][1] for word in WORDS[name])


@pytest.mark.parametrize("name", [default for default in DEFAULTS if default in FIELDS])
def test_what_holds_without_a_field_is_told(name):
    assert ROWS[name][2] not in ("", "none", "needed")
