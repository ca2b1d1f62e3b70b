"""A store for a security lake: events of the Open Cybersecurity Schema Framework, one a line.

Source: OCSF 1.8.0, class 2003 (Compliance Finding) with the profile `host`, and the folders that
Amazon Security Lake documents for sources of one's own: `eventDay=YYYYMMDD`.
"""

import os
import tempfile
import uuid
from typing import Any, NamedTuple

import msgspec
import zstandard

from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.questions import ask, fill_in, read_text
from tipstaff_policy.checks import MODULES as CHECKS
from tipstaff_policy.checks import load_check
from tipstaff_policy.checks.model import Severity, Status
from tipstaff_policy.errors import AccessDeniedError
from tipstaff_reports.ocsf_events import (
    CATEGORY,
    CLASS,
    CREATE,
    NEW,
    NOTHING,
    OUTCOMES,
    PLATFORMS,
    SEVERITIES,
    SUPPRESSED,
)
from tipstaff_reports.text import clean

VERSION = "1.8.0"
NAME = "tipstaff.ndjson.zst"
LEVEL = 9
"""Of zstd: a lake is written once and read often."""


class Finding(NamedTuple):
    """A row of the question, in its order."""

    host_id: str
    host_name: str
    user_name: str
    client: str
    client_version: str
    home: str
    os: str
    seen_s: int
    tipstaff_version: str
    policy_id: str
    policy_version: str
    verdict: str
    compliant: int
    run_id: str
    check_id: str
    subject: str
    severity: Severity
    status: Status
    observed: str
    waived: int


class Written(NamedTuple):
    """What was written for a day."""

    path: str
    events: int


def list_days(engine: Engine, first: int, last: int) -> list[int]:
    """Return the days with reports within a span, such as 20261130."""
    days = [int(day) for day, _ in ask(engine, "run_days", {})]
    return [day for day in days if first <= day <= last]


def write_day(engine: Engine, folder: str, day: int, *, everything: bool) -> Written:
    """Write the events of a day; the file gets its name when it is whole.

    Args:
        engine: Holds the store.
        folder: Of the lake's source.
        day: Such as 20261130.
        everything: Whether what passed and did not apply is written too.

    Raises:
        AccessDeniedError: It cannot be written.
    """
    text = fill_in(read_text("lake_findings"), {"day": day, "all": int(everything)})
    titles = {check: load_check(check)[0].title for check in CHECKS}
    encode = msgspec.json.Encoder().encode
    place = os.path.join(folder, f"eventDay={day}")
    count = 0
    try:
        os.makedirs(place, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".lake-", dir=folder) as scratch:
            path = os.path.join(scratch, NAME)
            packing = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
            with open(path, "xb") as opened, packing.stream_writer(opened) as packed:
                for row in engine.stream(text):
                    finding = Finding(*row)  # type: ignore[arg-type]
                    packed.write(encode(make_event(finding, titles)) + b"\n")
                    count += 1
            os.replace(path, os.path.join(place, NAME))
    except OSError as error:
        raise AccessDeniedError(
            f"the events could not be written: {error.strerror}", where=str(error.filename or place)
        ) from error
    return Written(os.path.join(place, NAME), count)


def make_event(found: Finding, titles: dict[str, str]) -> dict[str, Any]:
    """Return a finding as an event."""
    severity_id, severity = SEVERITIES[found.severity]
    outcome_id, outcome = OUTCOMES[found.status]
    open_ = found.status in ("fail", "error")
    status_id, status = SUPPRESSED if found.waived else NEW if open_ else NOTHING
    title = titles.get(found.check_id, found.check_id)
    moment = found.seen_s * 1000
    place = (found.host_id, found.user_name, found.client, found.home)
    who = "\0".join((*place, found.check_id, found.subject))
    finding_uid = _uid(f"finding:{who}")
    type_id, platform = PLATFORMS.get(found.os, (0, "Unknown"))
    named = found.host_id.startswith("name:")
    return {
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + CREATE,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "time": moment,
        "message": clean(f"{title} ({found.subject}): {found.observed or outcome}"),
        "metadata": {
            "version": VERSION,
            "profiles": ["host"],
            "product": {
                "name": "Tipstaff",
                "vendor_name": "Tipstaff",
                "version": found.tipstaff_version,
            },
            "uid": _uid(f"event:{found.run_id}\0{who}"),
            "event_code": found.check_id,
            "correlation_uid": found.run_id,
        },
        "finding_info": {
            "uid": finding_uid,
            "title": f"{found.check_id} {title}",
            "desc": clean(found.observed or outcome),
            "types": [found.check_id],
            "created_time": moment,
        },
        "compliance": {
            "control": found.check_id,
            "status_id": outcome_id,
            "status": outcome,
            "status_detail": clean(found.observed or outcome),
        },
        "device": {
            "hostname": clean(found.host_name),
            "type_id": 0,
            "type": "Unknown",
            "os": {"name": platform, "type_id": type_id},
            **({} if named else {"uid": found.host_id}),
        },
        "resources": [
            {"type": "Subject", "name": clean(found.subject)},
            {"type": "User", "name": clean(found.user_name)},
            {
                "type": "Client",
                "name": found.client,
                "version": found.client_version,
                "uid": clean(found.home),
            },
        ],
        "unmapped": {
            "compliant": {1: True, 0: False}.get(found.compliant),
            "verdict": found.verdict,
            "policy": {"id": found.policy_id, "version": found.policy_version},
        },
    }


def _uid(identity: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:tipstaff:{identity}"))
