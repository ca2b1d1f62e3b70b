"""The report log carried by a real rsyslog, with the configuration of the examples."""

import json
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from support.fleet.fleet_reports import lines, report

CONFIGURATION = Path(__file__).resolve().parents[2] / "examples" / "shipping" / "rsyslog.conf"
PATIENCE_S = 30.0


def carried(folder, configuration, sent, count):
    """Return the lines that a collector gets of a log that rsyslog carries."""
    log = folder / "reports.ndjson"
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(PATIENCE_S)
        port = collector.getsockname()[1]
        text = configuration.replace("/var/log/tipstaff/reports.ndjson", str(log))
        text = text.replace("reports.example.com", "127.0.0.1").replace('"6514"', f'"{port}"')
        made = folder / "rsyslog.conf"
        made.write_text(f'global(workDirectory="{folder}")\n{text}')
        log.touch()
        process = subprocess.Popen(["rsyslogd", "-n", "-f", made, "-i", folder / "pid"])
        try:
            log.write_bytes(sent)
            connection, _ = collector.accept()
            with connection:
                connection.settimeout(PATIENCE_S)
                got = b""
                end = time.monotonic() + PATIENCE_S
                while got.count(b"\n") < count and time.monotonic() < end:
                    got += connection.recv(1 << 20)
        finally:
            process.terminate()
            process.wait()
    return got.splitlines()


def test_every_line_comes_whole_and_unchanged(tmp_path):
    large = report("ws-2") | {"padding": "x" * 500_000}
    sent = lines(report("ws-1"), large, report("ws-3"))

    assert carried(tmp_path, CONFIGURATION.read_text(), sent, 3) == sent.splitlines()


def test_without_the_raised_limit_a_report_is_cut(tmp_path):
    text = re.sub(r"(?m)^global\(maxMessageSize.*$", "", CONFIGURATION.read_text())
    got = carried(tmp_path, text, lines(report("ws-1")), 1)

    with pytest.raises(json.JSONDecodeError):
        json.loads(got[0])
