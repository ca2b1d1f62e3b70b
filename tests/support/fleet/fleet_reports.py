"""Reports of made-up hosts: real reports of the example hosts under other names and moments."""

import json
from functools import cache

from support.records.saved_reports import example_report

START = 1_796_000_000
"""A moment, in seconds since 1970."""
SHAPES = (
    "compliant-chatgpt",
    "api-key-under-chatgpt-only",
    "wrong-workspace",
    "no-workspace-claim",
    "unmanaged",
)


@cache
def shape(name):
    """Return the report of an example host, as text with places for what differs."""
    report = json.loads(example_report(name))
    report["run"]["system_root"] = report["state"]["system_root"] = None
    root = report["state"]["home"].partition("/home/")[0]
    text = json.dumps(report, separators=(",", ":"))
    home = f"{root}/home/dev"
    return text.replace(home, "@HOME@").replace(root, "") if root else text.replace(home, "@HOME@")


def report(host, *, at=0, name="compliant-chatgpt", user="ann", run=None, **changes):
    """Return the report of a host as a JSON object.

    Args:
        host: Its name.
        at: Seconds after `START`.
        name: The example host whose findings it has.
        user: Whose home was judged.
        run: The id of the run; one of its own unless given.
        changes: Fields of `run`.
    """
    made = json.loads(shape(name).replace("@HOME@", f"/home/{user}"))
    made["run"] |= {
        "id": run or f"{host}-{user}-{at}",
        "started_at": moment(START + at - 1),
        "finished_at": moment(START + at),
        "user": user,
    } | changes
    made["run"]["host"] |= {"id": None, "name": host}
    made["state"]["evaluated_at"] = START + at
    return made


def moment(seconds):
    """Return a moment as a report writes it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def lines(*reports):
    """Return reports as bytes, one a line."""
    return b"".join(
        json.dumps(document, separators=(",", ":")).encode() + b"\n" for document in reports
    )
