"""Every call of a log-out to the system fails, or is the last one: no false success, no bystander.

A log-out is traced once. Then it is run again and again, each time with another of its calls made
to fail, or with the process killed in it. `make test` takes a sample, `make faults` all of them.
"""

import collections
import os
import re
import shutil
import sys

import pytest

from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, VERSION, credential, make_host, run
from tipstaff_policy import guard
from tipstaff_policy.clients.own_files import ASIDE

STRACE = shutil.which("strace")
CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
BEGIN = "auth.lock"
SAMPLE = 1 if os.environ.get("TIPSTAFF_EVERY_FAULT") else 12
FAULTS = ("error=EIO", "error=ENOSPC", "error=EACCES", "signal=KILL")
NOT_TO_FAIL = ("exit_group", "execve", "munmap", "rt_sigreturn")
KILLED = (137, -9)


def host(folder):
    root = make_host(folder / "host", managed=FORCED_CHATGPT)
    other = root / "home/other/.codex"
    other.mkdir(parents=True)
    (other / "auth.json").write_text(chatgpt())
    (credential(root).parent / "history.jsonl").write_text("kept\n")
    return root


def bystanders(root):
    """Return everything that a log-out has no business with."""
    ours = {"auth.json", f"auth.json{ASIDE}", "auth.lock", "auth.json.lock"}
    files = (path for path in root.rglob("*") if path.is_file())
    return {
        str(file): file.read_bytes()
        for file in files
        if file.name not in ours or "other" in file.parts
    }


def traced(root, *options):
    front = [sys.executable, "-IS", guard.__file__, *VERSION, "--system-root", root]
    words = [*front, "--codex-home", credential(root).parent]
    return run([STRACE, "-f", *options, *words])


def calls(folder):
    """Return each call from the first lock on, with its number among those of its name."""
    root = host(folder)
    log = folder / "trace"
    assert traced(root, "-o", log).returncode == 10
    numbers, found, begun = collections.Counter(), [], False
    for line in log.read_text(errors="replace").splitlines():
        name = CALL.match(line)
        if name:
            numbers[name[1]] += 1
            begun = begun or BEGIN in line
            found += [(name[1], numbers[name[1]])] if begun else []
    return [fault for fault in found if fault[0] not in NOT_TO_FAIL]


def is_traceable():
    return STRACE and run([STRACE, "-o", "/dev/null", "true"]).returncode == 0


@pytest.mark.skipif(not is_traceable(), reason="strace is missing, or may trace nothing here")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_no_false_success_and_harms_nobody(fault, tmp_path):
    places = calls(tmp_path / "first")
    assert len(places) > 50
    for number, (name, when) in list(enumerate(places))[FAULTS.index(fault) :: SAMPLE]:
        root = host(tmp_path / f"{number}")
        before = bystanders(root)

        done = traced(root, "-o", "/dev/null", "-e", f"inject={name}:{fault}:when={when}")

        message = (fault, name, when, done.returncode, done.stderr)
        assert before == bystanders(root), message
        # What the standard library itself prints while it is loaded is not ours.
        assert "Traceback" not in done.stderr or "code for hash" in done.stderr, message
        assert not (done.returncode in (0, 10) and credential(root).exists()), message
        assert not (root / "home/dev/.codex" / f"auth.json{ASIDE}").exists(), message
        if done.returncode in KILLED:
            assert API_KEY == credential(root).read_text() if credential(root).exists() else True
            again = traced(root, "-o", "/dev/null")
            assert again.returncode in (0, 10), message
            assert not credential(root).exists(), message
        shutil.rmtree(tmp_path / f"{number}")
