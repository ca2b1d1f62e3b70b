"""Reports of many hosts, made from one real report: what a fleet's tests ingest."""

import copy
import functools
import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import NamedTuple

from support.records.full_report import waiver
from support.records.saved_reports import example_report
from tipstaff_policy.checks.model import SEVERITIES

DAY = 86_400
NOON = 1_795_521_600
"""2026-11-24T12:00:00Z."""


class Finding(NamedTuple):
    """A finding of a report."""

    check: str
    status: str = "fail"
    severity: str = "critical"
    subject: str = "file"
    waived_until: int = 0
    waived: bool = False


@functools.cache
def _template() -> str:
    document = json.loads(example_report("compliant-chatgpt"))
    document["run"]["system_root"] = document["state"]["system_root"] = None
    return json.dumps(document)


def is_compliant(findings) -> bool:
    """Return what a report says of such findings: nothing complies that could not be judged."""
    return not fails_gravely(findings) and not has_error(findings)


def has_error(findings) -> bool:
    """Return whether a check could not be judged."""
    return any(finding.status == "error" for finding in findings)


def fails_gravely(findings) -> bool:
    """Return whether a failure counts against the host."""
    grave = [
        finding
        for finding in findings
        if finding.status == "fail"
        and not finding.waived
        and SEVERITIES.index(finding.severity) >= SEVERITIES.index("medium")
    ]
    return bool(grave)


def report(host, at, findings=(), **given) -> dict:
    """Return the report of a person's client on a host.

    Args:
        host: Its name.
        at: When the run ended, in seconds since 1970.
        findings: What it found.
        given: `user`, `client`, `host_id`, `run_id`, `image`, `selected`, `client_version`,
            `policy_version`, `policy_files` (their digest), `tipstaff`, `log` (length and head), `login` (a fingerprint).
    """
    document = json.loads(_template())
    run, user = document["run"], given.get("user", "ada")
    run.update(
        id=given.get("run_id") or str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{host}{user}{at}")),
        finished_at=datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        user=user,
        system_root=given.get("image"),
        selected=given.get("selected"),
    )
    run["host"].update(id=given.get("host_id"), name=host)
    length, head = given.get("log", (0, ""))
    run["action_log"] = {"head": head or None, "length": length, "fault": ""}
    client = document["client"]["name"] = given.get("client", "codex")
    document["client"]["version"] = given.get("client_version", "0.171.0")
    document["policy"].update(id="acme", version=given.get("policy_version", "7"))
    if files := given.get("policy_files"):
        document["policy"]["fingerprint"] = f"sha256:{files}"
    document["tool"]["version"] = given.get("tipstaff", "0.2.0")
    document["state"]["home"] = f"/home/{user}/.{client}"
    some = document["findings"][0]
    document["findings"] = [_finding(some, finding) for finding in findings]
    document["summary"]["compliant"] = is_compliant(findings)
    if login := given.get("login"):
        document["credentials"] = [{**document["credentials"][0], "fingerprint": login}]
    return document


def _finding(some: dict, finding: Finding) -> dict:
    made = copy.deepcopy(some)
    made.update(
        check=finding.check,
        subject=finding.subject,
        severity=finding.severity,
        status=finding.status,
        observed=finding.status,
        waiver=None,
        fingerprint=hashlib.sha256(f"{finding.check}{finding.subject}".encode()).hexdigest()[:32],
    )
    if finding.waived_until:
        standing = "active" if finding.waived else "expired"
        made["waiver"] = waiver(standing, finding.check, finding.waived_until)
    return made


def lines(reports) -> bytes:
    """Return reports as a host's spool holds them: a line each."""
    return b"".join(json.dumps(document).encode() + b"\n" for document in reports)


def passes(*checks):
    """Return findings that pass."""
    return tuple(Finding(check, "pass") for check in checks)


API_KEY = (Finding("TIP101"), Finding("TIP406", severity="high"))
NO_POLICY = (Finding("TIP301", severity="high", subject="policy"),)
LOG_OPEN = (Finding("TIP403", severity="medium", subject="log"),)
UNTOLD = (Finding("TIP205", "error", "high"),)
CLEAN = passes("TIP101", "TIP301", "TIP403")
SALES, PLANT = "sales", "plant"


def acme() -> list[dict]:
    """Return two weeks of twenty hosts, until noon of 2026-11-24.

    01 got an API key four days ago, 03 had one until five days ago, 19 could not be judged until
    three days ago and has one now, 20 stopped to report nine days ago. 04 and 05 have had one for
    long, 11 and 12 have no policy, 09 and 10 an open log. The policy became version 8 a week ago.
    """
    reports = []
    for day in range(14):
        at = NOON - (13 - day) * DAY
        for number in range(1, 21):
            if number == 20 and day > 4:
                continue
            reports.append(
                report(
                    f"acme-{number:02}",
                    at - number * 60,
                    _acme_findings(number, day),
                    policy_version="8" if day > 6 else "7",
                    log=(day, f"{day:064}") if (number, day) != (2, 13) else (4, "f" * 64),
                    login="shared" if number in (6, 7) else f"login-{number}",
                )
            )
    return reports


def _acme_findings(number, day):
    key = {1: day > 9, 3: day < 9, 4: True, 5: True, 19: day > 10}
    if key.get(number):
        return API_KEY
    if number == 19:
        return UNTOLD
    if number in (11, 12):
        return NO_POLICY
    if number in (9, 10):
        return LOG_OPEN
    if number == 13:
        waived = Finding("TIP202", severity="high", waived_until=NOON + 5 * DAY, waived=True)
        return (*CLEAN, waived)
    return CLEAN


ACME_HOSTS = "host,unit\n" + "".join(
    f"ACME-{number:02},{SALES if number < 11 else PLANT}\n" for number in range(1, 22)
)
