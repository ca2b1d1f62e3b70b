"""Markdown: the verdict first, and values that are shown and do nothing."""

import html
import re

import pytest
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from support.records.saved_reports import (
    HOSTILE,
    example,
    hostile,
    nobody,
    of_users,
    some_documents,
    waived,
)
from tipstaff_reports.formats.markdown import escape, render
from tipstaff_reports.model import as_audit
from tipstaff_reports.text import clean
from tipstaff_schemas.report import FrameworkEntry

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ALLOWED = {"h1", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code"}
ALIGNED = re.compile(r"<(\w+)")


def elements(text):
    return set(ALIGNED.findall(READER.render(text)))


def test_the_verdict_is_the_first_heading_of_a_report():
    assert render(example("wrong-workspace")).startswith("# Tipstaff audit\n\n## NOT COMPLIANT\n")
    assert render(example("compliant-chatgpt")).startswith("# Tipstaff audit\n\n## COMPLIANT\n")


def test_who_is_missing_comes_first():
    found = render(of_users())

    assert found.startswith("# Tipstaff audit\n\n## No report\n\n| host | user | why |\n")
    assert "| many | ops | no answer within 60 s |" in found


def test_nobody_audited_says_so():
    assert "# Tipstaff audit\n\n**NOTHING WAS AUDITED**\n" == render(nobody())


def test_only_an_active_waiver_takes_a_failure_out_of_what_fails():
    found = render(waived())

    failing, rest = found.split("### What fails and is waived")
    assert 2 == failing.count("| TIP406 ")
    assert 1 == rest.split("### What passes")[0].count("| TIP102 ")
    assert "ends in 6 days" in rest
    assert "expired, ended 2 days ago" in failing


def test_no_document_has_anything_but_headings_and_tables():
    found = {
        name: elements(render(document)) - ALLOWED for name, document in some_documents().items()
    }

    assert {name: set() for name in found} == found


@pytest.mark.parametrize("title", HOSTILE)
def test_the_title_of_a_framework_is_one_heading_and_nothing_else(title):
    report = example("wrong-workspace").reports[0]
    framework = FrameworkEntry(id="x", title=title, controls=[])

    made = READER.render(render(as_audit(report.model_copy(update={"frameworks": [framework]}))))

    assert set() == set(ALIGNED.findall(made)) - ALLOWED
    assert 1 == made.count("<h1>")
    assert made.count("By control: ") == made.count("<h3>By control: ") == 1


REFERENCES = ("#12", "see o/r#3", "GH-4", "gh-5", "(#6)")


@pytest.mark.parametrize("text", REFERENCES)
def test_a_number_that_would_be_a_reference_stands_in_code(text):
    assert f"` {text} `" == escape(text)


def cells(text):
    """Return the text of every cell of a table's body."""
    made = READER.render(f"| a |\n| --- |\n| {text} |\n")
    return [
        html.unescape(re.sub(r"</?code>", "", cell))
        for cell in re.findall(r"<td>(.*?)</td>", made, re.DOTALL)
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@case("a\\|b@")
@case("`@`")
@case("``` www. ` ")
@case("\\")
def test_any_value_is_one_cell_and_is_read_back(text):
    assert [clean(text).strip()] == [cell.strip() for cell in cells(escape(text))]


def test_hostile_values_are_read_back():
    assert [clean(value).strip() for value in HOSTILE] == [
        cells(escape(value))[0].strip() for value in HOSTILE
    ]
    assert render(hostile())
