"""A fleet's report as one page that needs no other file.

What is printed is the summary, which fits one sheet; the rest is there on a screen.
"""

from importlib.resources import files

from tipstaff_reports.page.document import STYLE, head
from tipstaff_reports.page.elements import Content, Markup, element, html_of
from tipstaff_reports.page.fleet.depth import (
    render_checks,
    render_failing,
    render_heat_map,
    render_lists,
    render_units,
    render_versions,
)
from tipstaff_reports.page.fleet.summary import render_summary, render_verdict, title_of
from tipstaff_reports.page.parts import link, listing, paragraph
from tipstaff_schemas.fleet import FleetReport

FLEET_STYLE = STYLE + files(__package__).joinpath("fleet.css").read_text("utf-8")
"""Read once, with the code."""
NAME = "Tipstaff fleet report"
LEFT_OUT = (
    "Long lists are cut here. The tables are whole in a folder of CSV or Parquet files, by "
    "--report csv:FOLDER or --report parquet:FOLDER."
)


def render_page(document: FleetReport) -> str:
    """Return how a fleet stands, as HTML."""
    sections: list[tuple[str, str, Content]] = [
        ("heat-map", "Units and checks", render_heat_map(document)),
        ("units", "Units", render_units(document)),
        ("checks", "Checks", render_checks(document)),
        ("failing", "Hosts that fail", render_failing(document)),
        ("versions", "Versions", render_versions(document)),
        *render_lists(document),
    ]
    contents = listing((link(name, title) for name, title, _ in sections), "contents")
    body = element(
        "body",
        element("a", "Skip to the summary", href="#summary", class_="skip"),
        element("header", paragraph(NAME, class_="kicker"), render_verdict(document)),
        element("nav", contents, aria_label="Contents"),
        element(
            "main",
            render_summary(document),
            *(_section(name, title, content) for name, title, content in sections),
            id="summary",
            tabindex="-1",
        ),
        element("footer", paragraph(LEFT_OUT)),
        class_="fleet",
    )
    whole = element(
        "html", head(f"{title_of(document)} - {NAME}", FLEET_STYLE), body, lang="en", dir="ltr"
    )
    return "<!DOCTYPE html>\n" + html_of(whole)


def _section(name: str, title: str, content: Content) -> Markup:
    return element("section", element("h2", title), content, id=name, class_="depth")
