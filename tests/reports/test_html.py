"""The page says all that a report says, and no text of a report becomes a part of the page."""

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.records.full_report import ENDED_AT, NOON, full_document, full_report
from support.records.saved_reports import example, hostile, merged, nobody, of_users
from tipstaff_reports.formats import load_format
from tipstaff_reports.model import as_audit
from tipstaff_reports.page.charts import Bar, bars
from tipstaff_reports.page.elements import element, html_of
from tipstaff_reports.page.shown import days_left, moment
from tipstaff_reports.text import clean
from tipstaff_schemas.saved import read_saved

FREE = [
    "check",
    "subject",
    "title",
    "observed",
    "expected",
    "remedy",
    "path",
    "value",
    "reason",
    "user",
    "name",
    "id_token",
    "access_token",
    "account_id",
    "owner",
    "approver",
    "ticket",
    "what",
    "where",
    "why",
    "id",
    "version",
    "reason",
    "key",
    "layer",
    "origin",
    "field",
    "sha256",
    "kind",
    "method",
    "store",
    "source",
    "head",
    "fault",
    "system_root",
    "host",
    "group",
    "client",
    "signed_by",
    "last_refresh",
    "expires_at",
    "writable_at",
    "may_be",
    "depends_on",
    "removes",
    "unread",
    "active",
    "methods",
    "workspaces",
    "selected",
    "allowed",
]
"""Fields in which any text may stand."""
FIXED = {"tool", "state", "surroundings"}
"""Parts that stay as they are, or are not on the page."""
MADE = {
    "one": full_report,
    "an example": lambda: example("wrong-workspace"),
    "hostile": hostile,
    "many": merged,
    "of users": of_users,
    "nobody": nobody,
}


class Page(NamedTuple):
    """What a browser would make of a page."""

    elements: list[tuple[str, dict]]
    text: str
    others: list[str]
    """Comments, declarations and instructions."""


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements, self.texts, self.others = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.others.append(data)

    def handle_pi(self, data):
        self.others.append(data)

    def unknown_decl(self, data):
        self.others.append(data)


def render(audit):
    return load_format("html").render(audit)


def read(html):
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Page(reader.elements, " ".join("".join(reader.texts).split()), reader.others)


def poisoned(document, texts):
    """Return a document with texts in every field that takes any, and what was put there."""
    put = []

    def one(key, value, inside=()):
        if isinstance(value, dict):
            return {
                name: member if name in FIXED else one(name, member, (*inside, key))
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [one(key, member, inside) for member in value]
        # The page names the layers of settings alone, and the key of what was beaten once.
        message = {"layer": "settings" in inside, "key": "overridden" not in inside}.get(key, True)
        if isinstance(value, str) and key in FREE and value and message:
            put.append(f"{texts[len(put) % len(texts)]}{len(put)}")
            return put[-1]
        return value

    return one("", document), put


def page_of(document):
    return render(as_audit(read_saved(json.dumps(document).encode(), "poisoned")))


def structure(page):
    """Return every element with its attributes; how long a label is only sways a chart."""
    return Counter(
        (tag, name, re.sub(r"[\d.-]+", "0", value or ""))
        for tag, attributes in page.elements
        for name, value in {"": "", **attributes}.items()
    )


@cache
def base():
    return full_document()


@cache
def harmless():
    return structure(read(page_of(poisoned(base(), ["v"])[0])))


@given(
    st.lists(
        st.text(min_size=1, max_size=30)
        | st.sampled_from(
            ["</style>", "<!--", "--><b x='", "]]>", '" onload="', "&lt;", "</script><script>"]
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_text_of_a_report_becomes_an_element_or_an_attribute(texts):
    page = read(page_of(poisoned(base(), texts)[0]))

    assert (harmless(), []) == (structure(page), page.others)


@given(st.text(max_size=40))
def test_any_text_comes_back_as_it_was_but_for_what_does_not_print(text):
    html = html_of(element("p", text, class_=text))
    page = read(html)

    shown = clean(text).replace("\n", "\ufffd")
    assert [("p", {"class": shown})] == page.elements
    assert " ".join(shown.split()) == page.text


def test_every_value_of_a_report_is_on_the_page():
    document, put = poisoned(base(), ["value "])
    page = read(page_of(document))

    assert [] == [text for text in put if not re.search(rf"{text}(?!\d)", page.text)]


@pytest.mark.parametrize("name", MADE)
def test_every_finding_is_on_the_page_once(name):
    audit = MADE[name]()
    page = read(render(audit))
    ids = [
        attributes["id"]
        for _, attributes in page.elements
        if re.search(r"finding-\d", attributes.get("id", ""))
    ]

    assert sum(len(report.findings) for report in audit.reports) == len(ids) == len(set(ids))


@pytest.mark.parametrize("name", MADE)
def test_every_link_leads_to_a_place_on_the_page(name):
    page = read(render(MADE[name]()))
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    targets = {attributes["href"] for tag, attributes in page.elements if tag == "a"}

    assert set() == {target for target in targets if ids[target.removeprefix("#")] != 1}


@pytest.mark.parametrize("name", MADE)
def test_the_page_runs_nothing_and_loads_nothing(name):
    page = read(render(MADE[name]()))
    tags = {tag for tag, _ in page.elements}
    names = {attribute for _, attributes in page.elements for attribute in attributes}

    assert set() == tags & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "form",
        "base",
        "use",
        "image",
    }
    assert set() == {
        reference
        for reference in names
        if reference in {"style", "src", "srcdoc", "action", "xlink:href"}
        or reference.startswith("on")
    }


def test_the_rules_for_the_browser_let_in_the_one_stylesheet():
    html = render(full_report())
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    rules = [
        attributes["content"]
        for tag, attributes in read(html).elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]

    assert [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ] == rules


def test_the_same_report_gives_the_same_bytes_in_every_process(tmp_path):
    saved = tmp_path / "merged.json"
    saved.write_text(load_format("json").render(merged()), "utf-8")
    script = (
        "import sys; from tipstaff_reports.formats import load_format;"
        "from tipstaff_reports.model import as_audit; from tipstaff_schemas.saved import read_saved;"
        "data = open(sys.argv[1], 'rb').read();"
        "sys.stdout.reconfigure(encoding='utf-8');"
        "print(load_format('html').render(as_audit(read_saved(data, 'x'))), end='')"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script, str(saved)],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "TZ": zone,
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }

    assert {render(merged()).encode()} == found


def test_the_chart_library_is_loaded_for_a_page_alone():
    script = (
        "import sys; import tipstaff_cli.__main__; from tipstaff_reports.formats import load_format;"
        "load_format('text'); before = 'leather' in sys.modules;"
        "load_format('html'); print(before, 'leather' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "False True" == done.stdout.strip()


def changed(**parts):
    """Return the page of a host that complies, with something in its report changed."""
    document = json.loads(load_format("json").render(example("compliant-chatgpt")))
    document["summary"]["compliant"] = parts.get("compliant", True)
    document["findings"][0].update(parts.get("finding", {}))
    document["decision"]["verdict"] = parts.get("verdict", "allow")
    document["policy"]["faults"] = parts.get("faults", [])
    return page_of(document)


FAULT = {
    "what": "x",
    "where": "y",
    "effect": "unknown",
    "expected": "",
    "remedy": "",
    "second_opinion": False,
}
VERDICTS = {
    "all passes": ({}, "COMPLIANT"),
    "the summary says no": ({"compliant": False}, "NOT COMPLIANT"),
    "the summary does not know": ({"compliant": None}, "NOT FULLY CHECKED"),
    "a finding fails": ({"finding": {"status": "fail"}}, "NOT COMPLIANT"),
    "a mild finding fails": ({"finding": {"status": "fail", "severity": "low"}}, "COMPLIANT"),
    "a check is an error": ({"finding": {"status": "error"}}, "NOT COMPLIANT"),
    "the client refuses": ({"verdict": "refuse"}, "NOT COMPLIANT"),
    "nothing is decided": ({"verdict": "unknown"}, "NOT COMPLIANT"),
    "the policy is invalid": ({"faults": [FAULT]}, "NOT COMPLIANT"),
}


@pytest.mark.parametrize(("parts", "word"), VERDICTS.values(), ids=VERDICTS)
def test_the_verdict_is_the_worst_that_report_and_findings_say(parts, word):
    assert word == word_of(changed(**parts))


def test_a_waived_failure_stands_apart_with_who_answers_and_the_days_that_are_left():
    html = render(full_report())
    waived = html[html.index('id="waived"') : html.index('id="unevaluated"')]
    text = read(waived).text

    message = (
        "FAILS, WAIVED",
        "Ada Lovelace",
        "Grace Hopper",
        "SEC-1815",
        "the editor of the lab is old",
        "3 days left when the run ended",
    )
    assert [] == [said for said in message if said.lower() not in text.lower()]
    assert "expired" not in text


def test_an_expired_waiver_covers_nothing_and_is_shown():
    html = render(full_report())
    failing = read(html[html.index('id="fails"') : html.index('id="waived"')]).text

    assert "expired: it covers nothing any more" in failing
    assert "ended 2 days before the run did" in failing


MISSING = {
    "many": (merged, ("lost", "not known who", "unreachable")),
    "of users": (of_users, ("ops", "no answer within 60 s", "/srv/homes: permission denied")),
}


@pytest.mark.parametrize(("make", "message"), MISSING.values(), ids=MISSING)
def test_whoever_is_missing_is_named_with_the_reason(make, message):
    html = render(make())
    missing = read(html[html.index('id="missing"') : html.index('id="reports"')]).text

    assert [] == [text for text in message if text not in missing]


def test_compliant_reports_are_not_enough_where_somebody_is_missing():
    audit = merged()
    document = audit.document.model_copy(update={"reports": audit.document.reports[:1]})
    complete = document.model_copy(update={"missing": []})

    assert "COMPLIANT" == word_of(render(as_audit(complete)))
    assert "NOT FULLY CHECKED" == word_of(render(as_audit(document)))


def test_a_document_without_any_report_says_that_nothing_was_audited():
    html = render(nobody())

    assert "NOTHING WAS AUDITED" == word_of(html)
    assert 'class="verdict good"' not in html


def word_of(html):
    (found,) = re.findall(r'<h1><span class="word">([^<]+)</span>', html)
    return found


DAYS = {
    "three days and a minute": (NOON + 3 * 86400 + 60, ENDED_AT, 3),
    "a minute": (NOON + 60, ENDED_AT, 0),
    "over since a minute": (NOON - 60, ENDED_AT, -1),
}


@pytest.mark.parametrize(("ends_at", "now", "days"), DAYS.values(), ids=DAYS)
def test_days_are_counted_from_the_end_of_the_run(ends_at, now, days):
    assert days == days_left(ends_at, now)


def test_a_moment_beyond_the_calendar_is_shown_as_it_is():
    assert ["2026-11-24T12:00:00Z", f"{10**20} seconds since 1970"] == [
        moment(NOON),
        moment(10**20),
    ]


def test_bars_are_as_long_as_their_numbers():
    drawn = read(
        html_of(bars("a picture", ("first", "second"), [Bar("one", (3, 1)), Bar("two", (0, 2))]))
    ).elements
    widths = [
        (attributes["class"], float(attributes["width"]))
        for tag, attributes in drawn
        if tag == "rect"
    ]
    unit = min(width for _, width in widths) / 2

    assert [("second", 4), ("first", 3), ("second", 2)] == [
        (name, round(width / unit, 1)) for name, width in widths
    ]


def test_nothing_is_drawn_of_nothing():
    assert "" == html_of(bars("a picture", ("first",), [Bar("one", (0,))]))


TICKS = {1: (0, 1), 6: (0, 6), 7: (0, 8), 13: (0, 15), 60: (0, 60), 61: (0, 80), 1000: (0, 1000)}


@pytest.mark.parametrize(("longest", "ends"), TICKS.items())
def test_the_axis_has_a_few_whole_numbers(longest, ends):
    html = html_of(bars("a picture", ("first",), [Bar("one", (longest,))]))
    numbers = [int(number) for number in re.findall(r">(\d+)</text>", html)]

    assert ends == (min(numbers), max(numbers))
    assert len(numbers) <= 8
