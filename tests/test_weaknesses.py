"""The tables of weaknesses are complete, and every check that they name exists."""

import re
from pathlib import Path

import pytest

from tipstaff_policy.checks import MODULES

PAGE = Path(__file__).resolve().parent.parent / "docs/weaknesses.md"
WEAKNESSES = {"OpenAI Codex CLI": 28, "Anthropic's Claude Code": 15}
"""How many each client has, by the heading of its table."""
CLOSING = {"enforcement", "`watch`", "`logout`"}
"""What closes a weakness; a check only reports it."""


def rows_of(client):
    section = PAGE.read_text("utf-8").partition(f"## {client}\n")[2].partition("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if re.match(r"\| \d", line)
    ]


@pytest.mark.parametrize(("client", "count"), WEAKNESSES.items(), ids=WEAKNESSES)
def test_every_weakness_has_its_row_in_order(client, count):
    assert [str(number) for number in range(1, count + 1)] == [row[0] for row in rows_of(client)]


@pytest.mark.parametrize("client", WEAKNESSES)
def test_every_row_is_covered_by_checks_that_there_are_or_by_enforcement(client):
    for _, _, cover in rows_of(client):
        assert {*cover.split(", ")} <= {*MODULES} | CLOSING
