"""A report in which every part holds something: waivers, controls, faults, several clients."""

import json

from support.records.saved_reports import example_report
from tipstaff_reports.model import Audited, as_audit
from tipstaff_schemas.saved import read_saved

ENDED_AT = "2026-11-24T12:00:00.000Z"
DAY = 24 * 60 * 60
NOON = 1_795_521_600
"""The same in seconds since 1970."""


def full_document() -> dict:
    """Return such a report as JSON has it."""
    document = json.loads(example_report("nobody-may-sign-in"))
    deployed = json.loads(example_report("policy-deployed"))
    worst = json.loads(example_report("wrong-workspace"))
    beaten = json.loads(example_report("requirement-beats-user"))
    for part in ("id", "version", "rules", "stage", "files"):
        document["policy"][part] = deployed["policy"][part]
    document["policy"]["settings"] = beaten["policy"]["settings"]
    document["policy"]["faults"] = [
        {
            "what": 'login method "sso" is unknown',
            "where": "/etc/tipstaff/policy.d/20-sales.toml:7",
            "effect": "unknown",
            "expected": "chatgpt or api",
            "remedy": "correct line 7",
            "second_opinion": False,
        }
    ]
    document["decision"].update(
        depends_on=["refresh", "cloud_policy"],
        removes=["file"],
        unread=["keyring"],
        violations=worst["decision"]["violations"],
    )
    document["run"].update(
        finished_at=ENDED_AT,
        trial=True,
        selected=["TIP101", "TIP102"],
        action_log={"head": "ab" * 32, "length": 41, "fault": "disk full"},
    )
    document["credentials"].append(_second_login(document["credentials"][0]))
    document["clients"].append(
        {**document["clients"][0], "version": "0.130.0", "proven": False}
        | {"may_be": ["0.146.0"], "writable_at": "/opt/codex: mode 0777", "path": "/opt/codex/bin"}
    )
    _waive(document)
    document["frameworks"] = _frameworks(document["findings"])
    return document


def full_report() -> Audited:
    """Return such a report."""
    return as_audit(read_saved(json.dumps(full_document()).encode(), "full"))


def waiver(standing: str, check: str, ends_at: int = NOON + 3 * DAY + 60) -> dict:
    """Return a waiver of a finding."""
    return {
        "standing": standing,
        "ends": "ends in 3 days",
        "waiver": {
            "check": check,
            "expires_at": ends_at,
            "owner": "Ada Lovelace",
            "approver": "Grace Hopper",
            "ticket": "SEC-1815",
            "reason": "the editor of the lab is old",
            "host": "lab-*",
            "user": None,
            "group": None,
            "client": "codex",
            "signed_by": "SHA256:abc",
            "origin": {"layer": "organisation", "path": "/etc/tipstaff/policy.toml", "line": 30},
        },
    }


def _second_login(first: dict) -> dict:
    return {
        **first,
        "store": "keyring",
        "path": None,
        "kind": "chatgpt",
        "method": "chatgpt",
        "active": False,
        "workspace": {"id_token": "ws-one", "access_token": "ws-two", "account_id": None},
        "fingerprint": "hmac:0123456789abcdef",
    }


def _waive(document: dict) -> None:
    """Give one failure an owner; for another the time is over."""
    passing = [finding for finding in document["findings"] if finding["status"] == "pass"]
    for finding, standing in zip(passing, ("active", "expired", "not_waivable"), strict=False):
        ended = NOON - 2 * DAY if standing == "expired" else NOON + 3 * DAY + 60
        finding.update(
            status="fail",
            remedy="Take the key out of the file.",
            first_failed_at="2026-10-01T08:00:00.000Z",
            waiver=waiver(standing, finding["check"], ended),
        )
    passing[3].update(status="fail", severity="low", remedy="Look at it when there is time.")
    document["policy"]["waivers"] = [finding["waiver"] for finding in passing[:3]]


def _frameworks(findings: list[dict]) -> list[dict]:
    marks = [finding["fingerprint"] for finding in findings]
    return [
        {
            "id": "nist-800-53",
            "title": "NIST SP 800-53 Rev. 5",
            "controls": [
                _control("AC-2", "Account Management", "fail", marks[:2]),
                _control("IA-5(1)", "Password-based Authentication", "not_evidenced", []),
                _control("CM-6", "Configuration Settings", "pass", marks[4:6]),
            ],
        }
    ]


def _control(name: str, title: str, status: str, findings: list[str]) -> dict:
    waived = name == "AC-2"
    return {"id": name, "title": title, "status": status, "waived": waived, "findings": findings}
