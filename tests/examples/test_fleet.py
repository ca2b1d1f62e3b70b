"""The made-up fleet of `make example-fleet`: every command of docs/fleet.md answers about it."""

import json
import re
import shlex
import sys
import time
from pathlib import Path

import pytest

from support.machines.hosts import BIN, run, tipstaff

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/fleet.md").read_text("utf-8")
COMMANDS = [
    block.strip() for block in re.findall(r"```bash\n(tipstaff fleet .*?)```", PAGE, re.DOTALL)
]
LIMIT_S = 20


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """Return a folder with the reports in it, gathered in a store."""
    folder = tmp_path_factory.mktemp("fleet") / "example-fleet"
    began = time.monotonic()
    done = run([sys.executable, ROOT / "examples/fleet.py", folder])
    assert 0 == done.returncode, done.stderr
    assert time.monotonic() - began < LIMIT_S
    ingested = tipstaff("fleet", "ingest", folder / "reports", "--store", folder / "fleet")
    assert 0 == ingested.returncode, ingested.stderr
    return folder


def answer(fleet, command, *words):
    done = tipstaff("fleet", command, "--store", fleet / "fleet", "--format", "json", *words)
    return json.loads(done.stdout)


def test_the_page_has_commands_to_try():
    assert [["ingest"], ["report"], ["diff"], ["duplicates"]] == [
        command.split()[2:3] for command in COMMANDS
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_page_answers_as_printed(command, fleet):
    program, *words = shlex.split(command)

    done = run([BIN / program, *words], cwd=fleet)

    assert done.returncode in (0, 1), done.stderr
    assert "" == done.stderr


def test_the_fleet_has_every_standing_and_a_missing_host(fleet):
    found = answer(fleet, "report", "--expect", fleet / "hosts.csv")

    assert {"hosts": 20, "complies": 10, "fails": 8, "silent": 1, "cannot_tell": 1} == found[
        "hosts"
    ]
    assert ["acme-21"] == [entry["host"] for entry in found["missing"]["entries"]]
    assert all(host["checks"] for host in found["failing"]["entries"])


def test_every_host_that_moved_has_a_reason(fleet):
    moved = answer(fleet, "diff")["moved"]

    assert ["acme-01", "acme-02", "acme-03", "acme-20"] == sorted(
        name for entry in moved for name in entry["names"]
    )
    assert all(entry["changes"] for entry in moved if entry["after"] != "silent")


def test_one_login_of_each_client_is_on_two_hosts(fleet):
    entries = answer(fleet, "duplicates")["entries"]

    assert [["acme-06", "acme-07"]] * 2 == [
        [place["host"] for place in entry["places"]] for entry in entries
    ]
