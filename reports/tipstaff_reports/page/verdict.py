"""What a report amounts to, in words, and why; whom it is about."""

from typing import NamedTuple

from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.groups import Entry, counts, least_that_counts
from tipstaff_reports.page.parts import Fact, facts, heading, link, listing
from tipstaff_reports.page.severities import render_severities
from tipstaff_reports.page.shown import code, count_in_words, prose
from tipstaff_schemas.report import Report

VERSION_KNOWN_BY = {
    "option": "as an option says",
    "package": "as its package says",
    "assumed": "assumed: nothing tells it",
    "doubted": "doubted: others than the administrators can write what tells it",
}
NOT_DECIDED = {
    "refuse": "The client would not start at all.",
    "unknown": "What the client would do could not be decided.",
}


SIGN_IN = {
    "violates": "A credential breaks a rule of the administrators.",
    "cannot_tell": "Whether every credential complies cannot be told.",
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


class Reason(NamedTuple):
    """A sentence, and the section that shows it in full."""

    sentence: str
    section: str


def verdict_of(entry: Entry) -> Verdict:
    """Return the verdict; never compliant where the findings beside it say otherwise."""
    if entry.report.summary.compliant is False or _against(entry):
        return NOT_COMPLIANT
    return COMPLIANT if entry.report.summary.compliant else NOT_FULLY_CHECKED


def render_verdict(entry: Entry) -> Markup:
    """Return the verdict under its heading, why it is so, and how grave what was found is."""
    verdict, run = verdict_of(entry), entry.report.run
    told = [
        link(entry.place.id(each.section), each.sentence)
        for each in (*_for_it(entry), *_bounds(entry.report))
    ]
    words = element(
        "div",
        heading(
            entry.place.level - 1,
            element("span", verdict.word, class_="word"),
            " ",
            element(
                "span", prose(run.user, "somebody"), " on ", prose(run.host.name), class_="whom"
            ),
        ),
        listing(told, "reasons"),
        facts(_facts(entry.report)),
    )
    return element("div", words, render_severities(entry), class_=f"verdict {verdict.kind}")


def client_named(name: str, version: str) -> Content:
    """Return a client with its version."""
    return (prose(name), " ", prose(version))


def _facts(report: Report) -> list[Fact]:
    run, client, policy = report.run, report.client, report.policy
    known = f" ({VERSION_KNOWN_BY[client.version_source]})"
    named = (prose(policy.id), " ", prose(policy.version, "")) if policy.id else prose(None)
    return [
        ("Host", (prose(run.host.name), f" ({run.host.os})")),
        ("Person", prose(run.user, "not known")),
        ("Client", (client_named(client.name, client.version), known)),
        ("Policy", named),
        ("Fingerprint", code(policy.fingerprint)),
        ("Audited", prose(run.finished_at)),
        ("Threshold", f"{least_that_counts(report)} severity and above"),
        ("By", (f"{report.tool.name} ", prose(report.tool.version), ", run ", code(run.id))),
    ]


def _against(entry: Entry) -> list[Reason]:
    """Return what alone makes a host not compliant, as the engine's findings have it."""
    report, groups = entry.report, entry.groups
    found = []
    if grave := sum(counts(each.finding, report) for each in groups.failing):
        verb = count_in_words(grave, "finding fails and is", "findings fail and are")
        found.append(Reason(f"{verb} not waived.", "fails"))
    if groups.errors:
        found.append(
            Reason(
                f"{count_in_words(len(groups.errors), 'check')} could not be evaluated.",
                "unevaluated",
            )
        )
    if told := NOT_DECIDED.get(report.decision.verdict):
        found.append(Reason(told, "decision"))
    if report.sign_in and (told := SIGN_IN.get(report.sign_in.verdict)):
        found.append(Reason(told, "sign_in"))
    if report.policy.faults:
        found.append(Reason("The organisation's policy cannot be used.", "policy"))
    return found


def _for_it(entry: Entry) -> list[Reason]:
    report, found = entry.report, _against(entry)
    least = least_that_counts(report)
    if report.summary.compliant and not found:
        told = f"Every check that applies here ran; none fails at {least} severity or above."
        found.append(Reason(told, "passes"))
    if report.summary.compliant is False and not found:
        found.append(Reason("The report says so, though no finding in it does.", "fails"))
    if mild := sum(not counts(each.finding, report) for each in entry.groups.failing):
        verb = count_in_words(mild, "finding fails", "findings fail")
        found.append(Reason(f"{verb} below {least} severity, where it does not count.", "fails"))
    if waived := len(entry.groups.waived):
        verb = count_in_words(waived, "failure is waived", "failures are waived")
        found.append(Reason(f"{verb}.", "waived"))
    return found


def _bounds(report: Report) -> list[Reason]:
    """Return what the verdict does not cover."""
    run, found = report.run, []
    if run.selected is not None:
        verb = count_in_words(len(run.selected), "check was", "checks were")
        told = f"Only {verb} asked for, of all that there are."
        found.append(Reason(told, "evidence"))
    if run.trial:
        found.append(Reason("The run was a trial.", "evidence"))
    if run.environment == "not_seen":
        found.append(Reason("Credentials in the environment were not looked at.", "evidence"))
    if report.decision.depends_on:
        found.append(Reason("Part of the decision depends on the service.", "decision"))
    return found
