"""Markdown, as GitHub and GitLab show it: for a ticket or a wiki."""

import re
from collections.abc import Iterable, Iterator

from tipstaff_policy.model.wording import DECISIONS
from tipstaff_reports.model import Audited, Format
from tipstaff_reports.summary import bounds_in_words, describe_knowledge, is_waived
from tipstaff_reports.text import (
    COMPLIANT,
    clean,
    place_of,
    show_value,
    waiver_text,
    worst_first,
)
from tipstaff_schemas.report import CredentialEntry, FindingEntry, FrameworkEntry, Names, Report

SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$#]|:(?=[\w+-]+:)")
"""What begins markup inside a line, a reference or an emoji; a backslash takes it away."""
LINKED = re.compile(r"(?i)@|www\.|://|mailto:|xmpp:|#\d|\bgh-\d")
"""What is made a link, a mention or a reference after markup is read, where no backslash helps."""


def render(audit: Audited) -> str:
    """Return the verdict first, then who is missing, what fails, and what it stands on.

    Values stand in cells of tables, titles of frameworks in headings; both are escaped, so that
    none can become a heading, a link, an image, HTML, a mention or a further cell.

    Source: GitHub Flavored Markdown, 2.4 (backslash escapes), 4.10 (tables), 6.9 (autolinks).
    """
    lines = ["# Tipstaff audit", ""]
    if audit.missing:
        lines += ["## No report", ""]
        parts = [
            (report.host, report.user or "an unknown user", report.reason)
            for report in audit.missing
        ]
        lines += _table(("host", "user", "why"), parts)
    if not audit.reports:
        lines += ["**NOTHING WAS AUDITED**", ""]
    if len(audit.reports) > 1:
        lines += ["## Overview", "", *_overview(audit.reports)]
    for number, report in enumerate(audit.reports, 1):
        lines += _report(report, f"{number}. " if len(audit.reports) > 1 else "")
    return "\n".join(lines).rstrip() + "\n"


def _overview(reports: Iterable[Report]) -> list[str]:
    return _table(
        ("host", "user", "verdict", "decision", "fail", "error", "waived"),
        [
            (
                report.run.host.name,
                report.run.user,
                COMPLIANT[report.summary.compliant],
                report.decision.verdict,
                str(report.summary.failed),
                str(report.summary.error),
                str(report.summary.waived),
            )
            for report in reports
        ],
    )


def _report(report: Report, number: str) -> Iterator[str]:
    run, client, policy = report.run, report.client, report.policy
    source = f"{client.version_source}{describe_knowledge(client)}"
    yield from (f"## {number}{COMPLIANT[report.summary.compliant]}", "")
    yield from _table(
        ("", ""),
        [
            ("host", run.host.name),
            ("user", run.user),
            ("client", f"{client.name} {client.version} ({source})"),
            ("decision", f"{report.decision.verdict}: {DECISIONS[report.decision.verdict]}"),
            ("reason", report.decision.reason),
            ("bounds", "; ".join(bounds_in_words(report)) or "none"),
            ("depends on the service", ", ".join(report.decision.depends_on) or "nothing"),
            ("policy", f"{policy.id or 'none'} {policy.version or ''}, {policy.fingerprint}"),
            ("audited", f"{run.finished_at}, by Tipstaff {report.tool.version}, run {run.id}"),
            ("audited by", run.audited_by or "not known"),
            ("action log", f"{run.action_log.head or 'none'}, {run.action_log.length} records"),
        ],
    )
    yield from _faults(report)
    yield from _findings(report.findings)
    for framework in report.frameworks:
        yield from _framework(framework)
    yield from _render_standing(report)


def _faults(report: Report) -> Iterator[str]:
    if report.policy.faults:
        yield from ("### The policy cannot be used", "")
        faults = [
            (fault.where, fault.what, fault.expected, fault.remedy)
            for fault in report.policy.faults
        ]
        yield from _table(("where", "what", "expected", "to do"), faults)


def _findings(findings: list[FindingEntry]) -> Iterator[str]:
    ordered = sorted(findings, key=worst_first)
    failing = [
        finding for finding in ordered if finding.status == "fail" and not is_waived(finding)
    ]
    waived = [finding for finding in ordered if is_waived(finding)]
    errors = [finding for finding in ordered if finding.status == "error"]
    apart = [finding for finding in ordered if finding.status == "not_applicable"]
    passed = [finding for finding in ordered if finding.status == "pass"]
    yield from ("### What fails", "")
    yield from _open(failing) if failing else ("Nothing.", "")
    if waived:
        yield from ("### What fails and is waived", "", *_open(waived))
    if errors:
        yield from ("### What could not be evaluated", "", *_open(errors))
    if passed:
        yield from ("### What passes", "")
        yield from _table(
            ("fault that was not found", "subject", "observed"),
            [
                (f"{finding.check} {finding.title}", finding.subject, finding.observed)
                for finding in passed
            ],
        )
    if apart:
        yield from ("### What does not apply, and why", "")
        yield from _table(
            ("fault that was not looked for", "why"),
            [(f"{finding.check} {finding.title}", finding.observed) for finding in apart],
        )


def _open(findings: list[FindingEntry]) -> list[str]:
    rows = [
        (
            finding.severity,
            f"{finding.check} {finding.title}",
            finding.subject,
            finding.observed,
            finding.expected,
            ", ".join(map(place_of, finding.evidence)),
            finding.remedy,
            finding.first_failed_at or "",
            waiver_text(finding.waiver) if finding.waiver else "",
        )
        for finding in findings
    ]
    heads = (
        "severity",
        "check",
        "subject",
        "observed",
        "expected",
        "see",
        "to do",
        "since",
        "waiver",
    )
    return _table(heads, rows)


def _framework(framework: FrameworkEntry) -> Iterator[str]:
    yield from (f"### By control: {escape(framework.title)}", "")
    words = {"pass": "pass", "fail": "fail", "not_evidenced": "not evidenced"}
    yield from _table(
        ("control", "title", "status"),
        [
            (
                control.id,
                control.title,
                words[control.status] + (" (waived)" if control.waived else ""),
            )
            for control in framework.controls
        ],
    )


def _render_standing(report: Report) -> Iterator[str]:
    settings = [
        (
            setting.key,
            show_value(setting.value),
            f"[{setting.origin.layer}] {setting.origin}",
            ", ".join(f"{show_value(one.value)} {one.origin}" for one in setting.overridden),
        )
        for setting in report.policy.settings
    ]
    yield from ("### Settings in force", "")
    yield from _table(("key", "value", "from", "beats"), settings) if settings else ("None.", "")
    if report.policy.rules:
        yield from ("### The organisation's policy", "")
        rules = [
            (
                rule.field,
                rule.value if isinstance(rule.value, str) else ", ".join(rule.value) or "none",
                ", ".join(map(str, rule.origins)),
            )
            for rule in report.policy.rules
        ]
        yield from _table(("field", "value", "from"), rules)
    if report.policy.waivers:
        yield from ("### Waivers", "")
        waivers = [(waiver.waiver.check, waiver_text(waiver)) for waiver in report.policy.waivers]
        yield from _table(("check", "waiver"), waivers)
    yield from ("### Credentials", "")
    held = [_credential(credential, report.names()) for credential in report.credentials]
    owned = any(credential.identities is not None for credential in report.credentials)
    owner = "belongs to" if owned else "workspace"
    heads = ("store", "kind", "active", owner, "path", "expires")
    yield from _table(heads, held) if held else ("None.", "")


def _credential(entry: CredentialEntry, names: Names) -> tuple[str, ...]:
    return (
        entry.store,
        entry.kind or "unreadable",
        "yes" if entry.active else "no",
        ", ".join((*entry.workspace.list_claimed(names), *entry.owners(names))),
        entry.path or "",
        entry.expires_at or "",
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [_row(heads), _row("---" for _ in heads)]
    return [*lines, *(_row(map(escape, row)) for row in rows), ""]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escape(text: str) -> str:
    """Return a value as a cell that shows it and does nothing else.

    What would become a link or a mention all the same stands in a code span, where nothing does.
    """
    plain = clean(text).strip()
    if not LINKED.search(plain):
        return SPECIAL.sub(lambda found: f"\\{found[0]}", plain)
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    return f"{fence} {plain.replace('|', chr(92) + '|')} {fence}"


FORMAT = Format(
    "md",
    "GitHub Flavored Markdown",
    "markdown-it-py and cmark-gfm: tables of the expected size, and nothing but them",
    "the state, other clients, the policy's files and how far its start has come",
    render,
)
