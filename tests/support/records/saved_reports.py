"""Reports of every kind, as saved: of the example hosts, of many persons, and hostile ones."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from example_hosts import copy_host, hosts_of, options_of

from support.clients.logins import chatgpt
from support.machines.hosts import audit, make_host, tipstaff
from tipstaff_policy import __version__
from tipstaff_policy.organisation.model import Waiver
from tipstaff_policy.organisation.waivers.standing import Waived
from tipstaff_reports.model import Audited, as_audit
from tipstaff_schemas.report import Host, Tool
from tipstaff_schemas.reports import MergedReports, MissingReport
from tipstaff_schemas.saved import read_saved
from tipstaff_schemas.users import AuditedUser, AuditOfUsers

HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    "=cmd|' /C calc'!A0",
    "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1",
    "line one\nline two\r\n::error::forged",
    "abc\u202edcba\u2066x\u2069",
    "nul\x00 \x85 \u2028 \ufffe \uffff",
    "]]> <![CDATA[ &amp; \"quoted\" 'single' `code` | pipe",
    "# heading\n* item\n[link](javascript:alert(1)) ![x](http://evil.example/x.png) <img src=x>",
    '{label="x"} \\ \\n %0A %25',
    "caf\u00e9 \U0001f510 \u0000end",
    " leading and trailing ",
    "https://evil.example/?a=1&b=<2>",
)  # fmt: skip
"""What a user may write into a name, a path or a token's claim."""


@cache
def example_report(name: str) -> bytes:
    """Return the JSON report of an example host."""
    with TemporaryDirectory() as folder:
        root = copy_host(name, Path(folder))
        return tipstaff(
            "audit", *options_of(name), "--system-root", root, "--format", "json"
        ).stdout.encode()


def example(name: str) -> Audited:
    """Return an example host's report."""
    return as_audit(read_saved(example_report(name), name))


def hostile() -> Audited:
    """Return a report in which everything that others can write is hostile."""
    document = json.loads(example_report("policy-deployed"))
    worst = json.loads(example_report("wrong-workspace"))
    document["findings"] = worst["findings"]
    document["credentials"] = worst["credentials"]
    document["policy"]["settings"] = worst["policy"]["settings"]
    taken = iter(HOSTILE * 100)
    free = re.compile(
        r"(subject|observed|expected|remedy|path|value|reason|user|name|id_token|access_token"
        r"|account_id|owner|approver|ticket|what|where|why|id|version)"
    )

    def poisoned(key, value, inside):
        if isinstance(value, dict):
            return {name: poisoned(name, member, (*inside, key)) for name, member in value.items()}
        if isinstance(value, list):
            return [poisoned(key, element, inside) for element in value]
        fixed = inside[-1:] == ("tool",) or (key == "id" and inside[-1:] == ("run",))
        if isinstance(value, str) and free.fullmatch(key) and not fixed:
            return f"{next(taken)}{value}" if key != "path" else f"/{next(taken)}{value}"
        return value

    for part in ("run", "client", "policy", "credentials", "decision", "findings"):
        document[part] = poisoned(part, document[part], ())
    return as_audit(read_saved(json.dumps(document).encode(), "hostile"))


@cache
def hostile_host() -> Audited:
    """Return the report of a host on which names, values and claims are hostile."""
    with TemporaryDirectory() as folder:
        root = make_host(
            Path(folder) / "<b>=1,2%0A::error::",
            auth=chatgpt("\n".join(HOSTILE[:12])),
            managed=f"forced_chatgpt_workspace_id = {json.dumps(HOSTILE[12])}\n",
            user="forced_login_methd = 'x'\n",
        )
        home = os.fsencode(root / "home")
        os.rename(home + b"/dev", home + b"/|`$(x)`\x1b[2J\xff\xe2\x80\xae")
        found = audit(root, "--format", "json", encoding="utf-8").stdout
    return as_audit(read_saved(found.encode(), "hostile host"))


def waive(finding, standing="active", ends="ends in 6 days"):
    """Return a finding with its waiver."""
    waiver = Waiver(
        check=finding.check,
        expires_at=1_790_000_000 if standing == "expired" else 1_800_000_000,
        owner="dev@example.com",
        approver="ciso@example.com",
        ticket="SEC-1",
        reason="moves to another workspace",
    )
    return finding.model_copy(update={"waiver": Waived(standing, ends, waiver)})


def waived() -> Audited:
    """Return a report of which one failure is waived now, one was, and one must not be."""
    report = example("two-folders").reports[0]
    failing = [
        finding
        for finding in example("wrong-workspace").reports[0].findings
        if finding.status == "fail"
    ]
    first, second = failing
    third = second.model_copy(update={"subject": "another", "fingerprint": "0" * 32})
    findings = [
        waive(first),
        waive(second, "expired", "ended 2 days ago"),
        waive(third, "not_waivable"),
        *(finding for finding in report.findings if finding.status != "fail"),
    ]
    statuses = [finding.status for finding in findings]
    counted = {
        "pass": "passed",
        "fail": "failed",
        "error": "error",
        "not_applicable": "not_applicable",
    }
    counts = {field: statuses.count(status) for status, field in counted.items()}
    summary = report.summary.model_copy(update={**counts, "waived": 1, "compliant": False})
    return as_audit(report.model_copy(update={"findings": findings, "summary": summary}))


def of_users() -> Audited:
    """Return a root run: one user judged, one not, one skipped, a folder not seen."""
    report = example("wrong-workspace").reports[0]
    shared = {"uid": 1000, "home": "/home/dev", "exit_code": 0}
    users = [
        AuditedUser(**{**shared, "user": "dev", "exit_code": 1}, outcome="done", reason="", report=report),
        AuditedUser(**{**shared, "user": "ops", "exit_code": 4}, outcome="failed", reason="no answer within 60 s", report=None),
        AuditedUser(**{**shared, "user": "daemon"}, outcome="skipped", reason="no home", report=None),
    ]  # fmt: skip
    return as_audit(
        AuditOfUsers(
            tool=Tool(version=__version__),
            host=Host(id=None, name="many", os="linux"),
            started_at="2026-11-24T00:00:00.000Z",
            finished_at="2026-11-24T00:00:01.000Z",
            unseen=["/srv/homes: permission denied"],
            exit_code=4,
            users=users,
        )
    )


def merged() -> Audited:
    """Return several hosts in one document, and one of which there is no report."""
    names = ("compliant-chatgpt", "wrong-workspace", "broken-credential", "policy-drift")
    return as_audit(
        MergedReports(
            tool=Tool(version=__version__),
            reports=[example(name).reports[0] for name in names],
            missing=[MissingReport(host="lost", user=None, reason="unreachable")],
        )
    )


def nobody() -> Audited:
    """Return a document without any report."""
    return as_audit(MergedReports(tool=Tool(version=__version__), reports=[], missing=[]))


SPECIAL = {
    "hostile": hostile,
    "of-users": of_users,
    "waived": waived,
    "merged": merged,
    "nobody": nobody,
}
"""Documents other than those of the example hosts, by name."""


OF_CLAUDE = (
    "claude-console-key", "claude-drop-in-widens", "claude-organisation-asked",
    "claude-provider-of-a-project",
)  # fmt: skip
FEW = ("compliant-chatgpt", "wrong-workspace", "broken-credential", "malformed-policy")


def some_documents() -> dict[str, Audited]:
    """Return those that are not of an example host, and four that are."""
    return {
        **{name: example(name) for name in FEW},
        **{name: make() for name, make in SPECIAL.items()},
    }


def every_document() -> dict[str, Audited]:
    """Return all of them, those of the example hosts first."""
    names = [*hosts_of("codex"), *OF_CLAUDE]
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(names, pool.map(example, names), strict=True))
    return {**found, **{name: make() for name, make in SPECIAL.items()}}
