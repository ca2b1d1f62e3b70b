"""The page: its head with the rules for the browser, and its landmarks."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from tipstaff_reports.model import Audited
from tipstaff_reports.page.elements import Content, Markup, element, html_of
from tipstaff_reports.page.groups import entry_of
from tipstaff_reports.page.many import (
    entries_of,
    render_all,
    render_contents_of_all,
    render_verdict_of_all,
    verdict_of_all,
)
from tipstaff_reports.page.parts import Place, paragraph
from tipstaff_reports.page.report import render_contents, render_sections
from tipstaff_reports.page.shown import count_in_words
from tipstaff_reports.page.verdict import render_verdict, verdict_of
from tipstaff_schemas.report import Report

STYLE = "".join(
    files(__package__).joinpath(name).read_text("utf-8") for name in ("screen.css", "print.css")
)
"""Read once, with the code."""
LEFT_OUT = (
    "The report as JSON holds more: the state on which the decision can be made again, and the"
    " client's surroundings."
)


def render_page(audit: Audited) -> str:
    """Return a document as one page that needs no other files."""
    if isinstance(audit.document, Report):
        return _page_of_one(audit.document)
    entries = entries_of(audit)
    return _page(
        f"{verdict_of_all(audit, entries).word}: {count_in_words(len(entries), 'report')}",
        "many",
        render_verdict_of_all(audit, entries),
        render_contents_of_all(audit),
        list(render_all(audit, entries)),
    )


def _page_of_one(report: Report) -> str:
    entry = entry_of(report, Place("", 2))
    return _page(
        f"{verdict_of(entry).word}: {report.run.user} on {report.run.host.name}",
        "one",
        render_verdict(entry),
        render_contents(entry),
        render_sections(entry),
    )


def _page(title: str, kind: str, verdict: Markup, contents: Markup, sections: Content) -> str:
    body = element(
        "body",
        element("a", "Skip to the findings", href="#findings", class_="skip"),
        element("header", paragraph("Tipstaff audit report", class_="kicker"), verdict),
        element("nav", contents, aria_label="Contents"),
        element("main", sections, id="findings", tabindex="-1"),
        element("footer", paragraph(LEFT_OUT)),
        class_=kind,
    )
    page = element("html", head(f"{title} - Tipstaff audit report"), body, lang="en", dir="ltr")
    return "<!DOCTYPE html>\n" + html_of(page)


def head(title: str, style: str = STYLE) -> Markup:
    """Return the head of a page.

    Args:
        style: The one stylesheet; ours, because the browser takes it as it stands.
    """
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_rules(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        Markup(f"<style>{style}</style>\n"),
    )


def _rules(style: str) -> str:
    """Return that nothing is loaded, run or sent, and which stylesheet counts, by its digest.

    Source: CSP level 3, 2.3.1.
    """
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
