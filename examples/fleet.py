"""Write the reports of a made-up fleet, to try `tipstaff fleet` on. Run by `make example-fleet`.

Twenty hosts report once a day for two weeks until an hour ago, each for both clients. What a report
says is what `tipstaff audit` says of an example host; host, user and day are made up. So these are
reports to ask about, and no evidence: `tipstaff report verify` would say that they were edited.
"""

import contextlib
import gzip
import hashlib
import io
import json
import shutil
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from example_hosts import copy_host, options_of

from tipstaff_cli.__main__ import main as run_program

DAYS, HOSTS = 14, 20
DAY_S, HOUR_S = 86_400, 3_600
FINE = {"codex": "compliant-chatgpt", "claude": "claude-compliant"}
CODEX_KEY, NO_POLICY, LOG = "api-key-under-chatgpt-only", "unmanaged", "log-with-token"
UNREADABLE, CONSOLE_KEY = "broken-credential", "claude-console-key"
SHAPES = (*FINE.values(), CODEX_KEY, NO_POLICY, LOG, UNREADABLE, CONSOLE_KEY)
SILENT, LOST = 20, 21
"""A host that stopped to report nine days ago, and one that is expected and never reported."""
SHARED = (6, 7)
"""The hosts that one login was copied to."""
STORY = f"""\
acme-01 got an API key four days ago, acme-02 a Console key of Claude Code two days ago.
acme-03 had an API key until five days ago, acme-04 and acme-05 have one for long.
acme-06 and acme-07 share a login. acme-09 and acme-10 have a log with a token in it.
acme-11 and acme-12 have no policy. acme-19 has a login that cannot be read.
acme-{SILENT} is silent for nine days, acme-{LOST} is expected and never reported."""


class Day(NamedTuple):
    """A host's day: which it is of the two weeks, and when its reports are made."""

    number: int
    ends_s: int


def audit(name, folder):
    """Return what an audit says of an example host, as a text with places for what is made up."""
    out, before = io.StringIO(), sys.argv
    root = copy_host(name, folder)
    words = ["audit", "--format", "json", *options_of(name), "--system-root", str(root)]
    sys.argv = ["tipstaff", *words]
    try:
        with contextlib.redirect_stdout(out):
            run_program()
    finally:
        sys.argv = before
    document = json.loads(out.getvalue())
    document["run"]["system_root"] = document["state"]["system_root"] = None
    text = json.dumps(document, separators=(",", ":"))
    return text.replace(f"{root}/home/dev", "@HOME@").replace(str(root), "")


def shape_of(client, host, day):
    """Return the example host that a host is like on a day."""
    if client == "claude":
        return CONSOLE_KEY if host == 2 and day >= DAYS - 2 else FINE[client]
    has_key = {1: day >= DAYS - 4, 3: day < DAYS - 5, 4: True, 5: True}
    if has_key.get(host):
        return CODEX_KEY
    found = {9: LOG, 10: LOG, 11: NO_POLICY, 12: NO_POLICY, 19: UNREADABLE}
    return found.get(host, FINE[client])


def report(shape, client, host, day):
    """Return a report of an example host as that of a made-up one."""
    user = "ada" if host % 2 else "bob"
    document = json.loads(shape.replace("@HOME@", f"/home/{user}"))
    run = document["run"]
    run["id"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{client} {host} {day.ends_s}"))
    run["started_at"], run["finished_at"] = moment(day.ends_s - 1), moment(day.ends_s)
    run["user"] = run["audited_by"] = user
    run["host"]["id"] = hashlib.sha256(f"acme-{host:02}".encode()).hexdigest()
    run["host"]["name"] = f"acme-{host:02}"
    run["action_log"] = {"head": f"{day.number:064}", "length": day.number, "fault": ""}
    document["state"]["evaluated_at"] = day.ends_s
    document["policy"].update(id="acme", version="7" if day.number < DAYS - 7 else "8")
    whose = "shared" if host in SHARED else str(host)
    for held in document["credentials"]:
        if held["kind"]:
            name = f"{client} {held['store']} {whose}"
            held["fingerprint"] = hashlib.sha256(name.encode()).hexdigest()
    return document


def moment(seconds):
    """Return a moment as a report writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_reports(folder, now_s):
    """Write a packed file for each host and day, and the list of the hosts that are expected."""
    with tempfile.TemporaryDirectory() as scratch:
        shapes = {name: audit(name, Path(scratch)) for name in SHAPES}
    for host in range(1, HOSTS + 1):
        for number in range(DAYS):
            if host == SILENT and number >= DAYS - 9:
                continue
            day = Day(number, now_s - HOUR_S - (DAYS - 1 - number) * DAY_S - host * 60)
            made = [
                json.dumps(report(shapes[shape_of(client, host, number)], client, host, day))
                for client in FINE
            ]
            date = moment(day.ends_s)[:10]
            place = folder / "reports" / f"acme-{host:02}" / f"{date}.ndjson.gz"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(gzip.compress("".join(f"{line}\n" for line in made).encode(), 1))
    units = {number: "sales" if number < 11 else "plant" for number in range(1, LOST + 1)}
    lines = ["host,unit", *(f"acme-{number:02},{unit}" for number, unit in units.items())]
    (folder / "hosts.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def main(folder):
    """Replace a folder by the reports of the fleet, and say what to try."""
    place = Path(folder)
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    write_reports(place, int(time.time()))
    print(f"the reports of {HOSTS} made-up hosts over {DAYS} days in {place}\n\n{STORY}\n")
    print(f"to ask about them, as docs/fleet.md does:\n  cd {place}")
    print("  tipstaff fleet ingest 'reports/**/*.ndjson.gz' --store fleet")
    print("  tipstaff fleet report --store fleet --expect hosts.csv")
    print("  tipstaff fleet diff --store fleet")
    print("  tipstaff fleet duplicates --store fleet")


if __name__ == "__main__":
    main(sys.argv[1])
