"""Markdown before GitHub's own renderer, with every extension and with HTML let through."""

import re

import cmarkgfm
from cmarkgfm.cmark import Options

from support.records.saved_reports import HOSTILE, every_document
from tipstaff_reports.formats.markdown import escape, render

ALLOWED = {"h1", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code"}


def shown(text):
    return cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)


def elements(text):
    return set(re.findall(r"<(\w+)", shown(text)))


def test_no_document_has_anything_but_headings_and_tables():
    found = {
        name: elements(render(document)) - ALLOWED for name, document in every_document().items()
    }

    assert {name: set() for name in found} == found


def test_every_line_of_a_table_is_a_row_of_it():
    for document in every_document().values():
        text = render(document)
        lines = [line for line in text.splitlines() if line.startswith("|")]
        rules = [line for line in lines if set(line) <= set("| -") and "-" in line]

        assert len(lines) - len(rules) == shown(text).count("<tr>")


def test_no_address_and_no_mention_becomes_a_link():
    texts = (
        *HOSTILE,
        "www.a.example",
        "http://a.example",
        "a@b.example",
        "xmpp:a@b.example",
        "@somebody",
    )

    assert [] == [text for text in texts if "a" in elements(f"| x |\n| --- |\n| {escape(text)} |")]


def test_the_judge_makes_links_of_what_is_not_escaped():
    assert "a" in elements("www.a.example a@b.example")
