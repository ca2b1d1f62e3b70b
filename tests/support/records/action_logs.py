"""An action log on a scratch disk, and a process that writes to it."""

import json
import os
import subprocess
import sys

from tipstaff_policy.action_log import log
from tipstaff_policy.action_log.chain import verify
from tipstaff_policy.action_log.log import log_file, read_log, record
from tipstaff_policy.action_log.record import Entry

NOW = 1_800_000_000
WRITER = """
import sys, time
from tipstaff_policy.action_log.log import record
from tipstaff_policy.action_log.record import Entry
home, count, limit, name = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
from tipstaff_policy.action_log import log as action_log
action_log.SIZE_LIMIT = limit
action_log.LOCK_TIMEOUT_S = 60
for number in range(count):
    entry = Entry("enforce", home + "/.codex", 10, "codex", reason=f"{name} {number}")
    standing = record({"HOME": home}, entry, int(time.time()))
    print(standing.fault or "written", flush=True)
"""


def entry(home, **fields):
    return Entry("enforce", f"{home}/.codex", 10, "codex", reason="because")._replace(**fields)


def write(home, **fields):
    return record({"HOME": str(home)}, entry(home, **fields), NOW)


def found(home):
    files, fault = read_log({"HOME": str(home)}, f"{home}/.codex")
    assert not fault
    return verify(files)


def path_of(home):
    return log_file({"HOME": str(home)}, f"{home}/.codex")


def records(home, name=log.FILE):
    with open(os.path.join(os.path.dirname(path_of(home)), name)) as file:
        return [json.loads(line) for line in file]


def writer(home, count, *, limit=1 << 20, name="w", **options):
    words = [sys.executable, "-c", WRITER, str(home), str(count), str(limit), name]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)
