"""The effective policy: every setting with its place and what it beat, and the organisation's."""

from tipstaff_policy.model.layers import EffectiveSetting
from tipstaff_policy.model.state import Fault, Setting
from tipstaff_policy.organisation.waivers.standing import Waived
from tipstaff_reports.page.elements import Content, Markup, element
from tipstaff_reports.page.groups import Entry
from tipstaff_reports.page.parts import Fact, Row, facts, heading, paragraph, section, table
from tipstaff_reports.page.shown import code, codes, list_in_words, nothing, places, prose
from tipstaff_reports.page.waivers import STANDINGS, covers, until
from tipstaff_reports.text import show_value
from tipstaff_schemas.report import Policy, PolicyRule

STAGES = {
    "enforce": "enforced: a violation logs out",
    "warn": "warning only: a violation is reported, nothing is removed",
    "silent": "silent: a violation is only in the report",
}


def render_policy(entry: Entry) -> Markup:
    """Return the policy in force, its faults first."""
    policy = entry.report.policy
    return section(
        entry.place,
        "policy",
        "Effective policy",
        [_fault(entry, fault) for fault in policy.faults],
        facts(_facts(policy)),
        _settings(policy),
        _rules(policy),
        _waivers(policy, entry.report.run.finished_at),
        _files(policy),
    )


def _facts(policy: Policy) -> list[Fact]:
    stage: Content = nothing("no document of the organisation is in use")
    if policy.stage:
        stage = (STAGES[policy.stage.mode], " (", prose(policy.stage.why), ")")
    return [
        ("Policy", prose(policy.id, "the organisation has none here")),
        ("Version", prose(policy.version)),
        ("Stage on this host", stage),
        ("Fingerprint of all files", code(policy.fingerprint)),
    ]


def _fault(entry: Entry, fault: Fault) -> Markup:
    head = heading(entry.place.level + 1, "Policy cannot be used: ", prose(fault.what))
    found: list[Fact] = [
        ("Where", code(fault.where)),
        ("Expected", prose(fault.expected, "not stated")),
        ("What to do", prose(fault.remedy, "not stated")),
    ]
    return element("article", head, facts(found), class_="finding critical")


def _settings(policy: Policy) -> Markup:
    if not policy.settings:
        return paragraph("No setting of the client is in force.")
    columns = ("Setting", "Value", "Layer", "Where", "Beats")
    return table("Settings of the client in force", columns, map(_setting, policy.settings))


def _setting(setting: EffectiveSetting) -> Row:
    return Row(
        (
            code(setting.key),
            code(show_value(setting.value)),
            code(setting.origin.layer),
            code(str(setting.origin)),
            list_in_words([_render_beaten(beaten) for beaten in setting.overridden]),
        )
    )


def _render_beaten(setting: Setting) -> Markup:
    return element(
        "span",
        code(show_value(setting.value)),
        " of ",
        code(setting.origin.layer),
        ", ",
        code(str(setting.origin)),
    )


def _rules(policy: Policy) -> Markup:
    if not policy.rules:
        return paragraph("The organisation has no rules of its own here.")
    return table("Rules of the organisation", ("Rule", "Value", "Where"), map(_rule, policy.rules))


def _rule(rule: PolicyRule) -> Row:
    value = [rule.value] if isinstance(rule.value, str) else rule.value
    return Row((code(rule.field), codes(value), places(rule.origins)))


def _waivers(policy: Policy, now: str) -> Markup:
    if not policy.waivers:
        return paragraph("The host knows no waiver.")
    columns = ("Check", "Standing", "Owner", "Reason", "Until", "Covers", "Where")
    rows = (_waiver(waiver, now) for waiver in policy.waivers)
    return table("Waivers that the host knows", columns, rows)


def _waiver(waived: Waived, now: str) -> Row:
    waiver = waived.waiver
    signed = ("; signed by ", code(waiver.signed_by)) if waiver.signed_by else ""
    return Row(
        (
            code(waiver.check),
            STANDINGS[waived.standing],
            (prose(waiver.owner), ", approved by ", prose(waiver.approver)),
            (prose(waiver.ticket), ": ", prose(waiver.reason)),
            until(waived, now),
            covers(waived),
            (code(str(waiver.origin)), signed),
        )
    )


def _files(policy: Policy) -> Markup:
    if not policy.files:
        return paragraph("It is made from no file.")
    rows = (Row((code(file.path), code(file.sha256))) for file in policy.files)
    return table("Files that it is made from", ("File", "SHA-256"), rows)
