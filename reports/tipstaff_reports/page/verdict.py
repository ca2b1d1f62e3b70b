"""What a report amounts to, in words, and why; whom it is about."""

from typing import NamedTuple

from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Fact, facts, heading, link, listing
from tipstaff_reports.page.severities import render_severities
from tipstaff_reports.page.shown import code, prose
from tipstaff_reports.summary import (
    bounds,
    describe_knowledge,
    least_that_counts,
    reasons,
    reasons_against,
)
from tipstaff_schemas.report import Report

VERSION_KNOWN_BY = {
    "option": "as an option says",
    "package": "as its package says",
    "assumed": "assumed: no package states it",
    "doubted": "doubted: other users can write the package that states it",
}


class Verdict(NamedTuple):
    """What a report, or all of a document, amounts to."""

    word: str
    kind: str
    """For the colour alone."""


COMPLIANT = Verdict("COMPLIANT", "good")
NOT_COMPLIANT = Verdict("NOT COMPLIANT", "bad")
NOT_FULLY_CHECKED = Verdict("NOT FULLY CHECKED", "open")
NO_REPORT = Verdict("NO REPORT", "missing")
NOTHING_AUDITED = Verdict("NOTHING WAS AUDITED", "open")


def verdict_of(entry: Entry) -> Verdict:
    """Return the verdict; never compliant if the findings say otherwise."""
    if entry.report.summary.compliant is False or reasons_against(entry.report):
        return NOT_COMPLIANT
    return COMPLIANT if entry.report.summary.compliant else NOT_FULLY_CHECKED


def render_verdict(entry: Entry) -> Markup:
    """Return the verdict under its heading, why it is so, and how grave what was found is."""
    verdict, run = verdict_of(entry), entry.report.run
    lines = [
        link(entry.place.id(reason.section), prose(_sentence(reason.words)))
        for reason in (*reasons(entry.report), *bounds(entry.report))
    ]
    words = element(
        "div",
        heading(
            entry.place.level - 1,
            element("span", verdict.word, class_="word"),
            " ",
            element(
                "span", prose(run.user, "unknown user"), " on ", prose(run.host.name), class_="whom"
            ),
        ),
        listing(lines, "reasons"),
        facts(_facts(entry.report)),
    )
    return element("div", words, render_severities(entry), class_=f"verdict {verdict.kind}")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def client_named(name: str, version: str) -> Content:
    """Return a client with its version."""
    return (prose(name), " ", prose(version))


def _facts(report: Report) -> list[Fact]:
    run, client, policy = report.run, report.client, report.policy
    known = f" ({VERSION_KNOWN_BY[client.version_source]}{describe_knowledge(client)})"
    named = (prose(policy.id), " ", prose(policy.version, "")) if policy.id else prose(None)
    return [
        ("Host", (prose(run.host.name), f" ({run.host.os})")),
        ("Person", prose(run.user, "not known")),
        ("Client", (client_named(client.name, client.version), known)),
        ("Policy", named),
        ("Fingerprint", code(policy.fingerprint)),
        ("Audited", prose(run.finished_at)),
        ("Audited by", prose(run.audited_by, "not known")),
        ("Threshold", f"{least_that_counts(report)} severity and above"),
        ("By", (f"{report.tool.name} ", prose(report.tool.version), ", run ", code(run.id))),
    ]
