"""One report: its sections in the order in which an auditor asks."""

from collections.abc import Callable
from typing import NamedTuple

from tipstaff_reports.page.credentials import render_credentials
from tipstaff_reports.page.decision import render_clients, render_decision
from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.evidence import render_evidence
from tipstaff_reports.page.findings import (
    render_fails,
    render_passes,
    render_unevaluated,
    render_waived,
)
from tipstaff_reports.page.frameworks import render_frameworks
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import link, listing
from tipstaff_reports.page.policy import render_policy
from tipstaff_reports.page.sign_in import render_sign_in


class Section(NamedTuple):
    """A section of a report."""

    name: str
    """By which links lead to it."""
    title: str
    """In the table of contents."""
    render: Callable[[Entry], Markup]


SECTIONS = (
    Section("fails", "Fails", render_fails),
    Section("waived", "Waived", render_waived),
    Section("unevaluated", "Not evaluated", render_unevaluated),
    Section("sign_in", "Sign-in", render_sign_in),
    Section("decision", "Decision", render_decision),
    Section("policy", "Policy", render_policy),
    Section("credentials", "Credentials", render_credentials),
    Section("clients", "Clients", render_clients),
    Section("frameworks", "Frameworks", render_frameworks),
    Section("passes", "Passes", render_passes),
    Section("evidence", "Evidence", render_evidence),
)


def render_contents(entry: Entry) -> Markup:
    """Return links to the sections, with how much there is in each."""
    return listing((_link(entry, section) for section in SECTIONS), "contents")


def render_sections(entry: Entry) -> list[Markup]:
    """Return all sections."""
    return [section.render(entry) for section in SECTIONS]


def _link(entry: Entry, section: Section) -> Content:
    number = _count_findings(entry).get(section.name)
    lines = [] if number is None else [" ", element("span", str(number), class_="count")]
    return link(entry.place.id(section.name), section.title, lines)


def _count_findings(entry: Entry) -> dict[str, int]:
    report, groups = entry.report, entry.groups
    return {
        "fails": len(groups.failing),
        "waived": len(groups.waived),
        "unevaluated": len(groups.errors),
        "passes": len(groups.passed),
        "credentials": len(report.credentials),
        "clients": len(report.clients),
        "frameworks": len(report.frameworks),
    }
