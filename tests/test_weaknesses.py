"""The table of weaknesses is complete, and every check that it names exists."""

import re
from pathlib import Path

from tipstaff_policy.checks import MODULES

PAGE = Path(__file__).resolve().parent.parent / "docs/weaknesses.md"
WEAKNESSES = 28
CLOSING = {"enforcement", "`watch`", "`logout`"}
"""What closes a weakness; a check only reports it."""


def rows():
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if re.match(r"\| \d", line)
    ]


def test_every_weakness_has_its_row_in_order():
    assert [str(number) for number in range(1, WEAKNESSES + 1)] == [row[0] for row in rows()]


def test_every_row_is_covered_by_checks_that_there_are_or_by_enforcement():
    for _, _, cover in rows():
        assert {*cover.split(", ")} <= {*MODULES} | CLOSING
