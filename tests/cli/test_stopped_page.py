"""docs/stopped.md shows the words that a stopped person reads, exactly as they are printed."""

import re

import pytest

from support.machines.stopped_people import CASES, PAGE, blocks, check_block

OF_THE_CLIENT = 3
"""The last blocks of the page; tests/conformance/test_stopped_by_client.py holds them."""


@pytest.mark.parametrize("name", CASES)
def test_the_page_shows_what_is_printed(name, tmp_path):
    act, code = CASES[name]

    printed = act(tmp_path)

    check_block(name, printed)
    assert printed.endswith(f"\nexit {code}")


def test_every_case_of_the_page_is_run():
    assert [*CASES] == [*blocks()][:-OF_THE_CLIENT]


def test_the_contents_lead_to_headings_of_the_page():
    text = PAGE.read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert {*re.findall(r"\(#([\w-]+)\)", text)} <= anchors


@pytest.mark.parametrize(
    "name", [name for name, (_, code) in CASES.items() if code in (3, 4, 10, 11)]
)
def test_a_person_reads_what_to_do(name):
    shown = blocks()[name]

    assert any(words in shown for words in ("to do:", "to do     ", "An administrator runs"))


@pytest.mark.parametrize("name", [name for name, (_, code) in CASES.items() if code in (3, 4, 11)])
def test_a_person_reads_whom_to_ask(name):
    assert re.search(r"ask: |ask the administrators|An administrator", blocks()[name])
