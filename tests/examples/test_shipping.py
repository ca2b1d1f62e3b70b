"""What carries reports from hosts: run, or read by its own parser."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.fleet.fleet_reports import lines, report
from tipstaff_fleet.ingest.documents import Reader
from tipstaff_fleet.ingest.rows import Accepted

SHIPPING = Path(__file__).resolve().parents[2] / "examples" / "shipping"
LONGEST = 16 << 20


def test_ansible_fetches_the_log_of_each_host_and_its_older_files(tmp_path):
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "reports.ndjson").write_bytes(lines(report("ws-1", at=60)))
    (folder / "reports.ndjson.1").write_bytes(lines(report("ws-1")))
    (folder / ".reserve").write_bytes(b"\0" * 10)
    into = tmp_path / "collected"
    variables = {"into": str(into), "folder": str(folder), "as_root": False}
    subprocess.run(
        [
            Path(sys.executable).with_name("ansible-playbook"), "-i", "ws-1,", "-c", "local",
            "-e", f"ansible_python_interpreter={sys.executable}", "-e", json.dumps(variables),
            SHIPPING / "fetch-reports.yaml",
        ],
        check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )  # fmt: skip

    assert sorted(path.name for path in (into / "ws-1").iterdir()) == [
        "reports.1.ndjson",
        "reports.ndjson",
    ]


AUDITED = {
    "compliant": lines({"summary": {"compliant": True, "pass": 3}}),
    "not compliant": lines({"summary": {"compliant": False, "pass": 3}}),
    "cannot tell": lines({"summary": {"compliant": None, "pass": 3}}),
}
OF_USERS = {
    "compliant": lines({"exit_code": 0, "users": []}),
    "not compliant": lines({"exit_code": 1, "users": []}),
    "cannot tell": lines({"exit_code": 4, "users": []}),
}


@pytest.mark.parametrize("state", AUDITED)
@pytest.mark.parametrize("audits", [AUDITED, OF_USERS])
def test_jamf_is_told_how_the_newest_audit_ended(tmp_path, state, audits):
    log = tmp_path / "reports.ndjson"
    enforced = lines({"dry_run": False, "exit_code": 0, "summary": {"compliant": True}})
    log.write_bytes(b"".join(audits.values()) + audits[state] + enforced)
    done = subprocess.run(
        ["sh", SHIPPING / "jamf-extension-attribute.sh", log],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == f"<result>{state}</result>\n"


def test_jamf_is_told_that_there_is_no_report(tmp_path):
    done = subprocess.run(
        ["sh", SHIPPING / "jamf-extension-attribute.sh", tmp_path / "none"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "<result>no report</result>\n"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("vector.yaml", ("sources", "tipstaff", "max_line_bytes")),
        ("fluent-bit.yaml", ("pipeline", "inputs", 0, "buffer_max_size")),
        ("otel-collector.yaml", ("receivers", "filelog", "max_log_size")),
    ],
)
def test_a_shipper_takes_lines_as_long_as_ingest_does(name, place):
    found = yaml.safe_load((SHIPPING / name).read_text())
    for step in place:
        found = found[step]
    number = int(str(found).removesuffix("MiB").removesuffix("M"))

    assert number * (1 if number > 1 << 20 else 1 << 20) == LONGEST


@pytest.mark.parametrize("field", ["message", "log"])
def test_what_a_shipper_sends_is_a_report_to_ingest(field):
    sent = lines({field: lines(report("ws-1")).decode(), "timestamp": "2026-11-30T00:00:00Z"})
    found = list(Reader(1_900_000_000).read(sent))

    assert [type(entry) for entry in found] == [Accepted]
