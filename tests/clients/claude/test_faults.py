"""Every call of a log-out fails, or is the last one: no false success, and the next run ends it."""

import collections
import os
import re
import shutil
import sys

import pytest

from support.clients.claude_logins import DEVICE, GLOBAL_LEFT, PLUGINS, filled, with_secret
from support.machines.hosts import run

STRACE = shutil.which("strace")
TESTS = os.path.join(os.path.dirname(__file__), "../..")
POLICY = os.path.join(TESTS, "../policy")
PROGRAM = """
import sys
sys.path[:0] = {paths!r}
from support.clients.claude_logins import ADAPTER, request_of
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.enforcement.enforce import enforce
home, way = sys.argv[1:]
request = request_of(home)
do = enforce if way == "enforce" else log_out
open(home + "/.begun", "w").close()
sys.exit(do(ADAPTER, request, lock_timeout_s=0).exit_code)
"""
CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")
NOT_TO_FAIL = ("exit_group", "execve", "munmap", "rt_sigreturn", "exit", "futex", "clone3", "clone")
SAMPLE = 1 if os.environ.get("TIPSTAFF_EVERY_FAULT") else 17
FAULTS = ("error=EIO", "error=ENOSPC", "signal=KILL")
KILLED = (137, -9)


def is_traceable():
    return STRACE and run([STRACE, "-o", "/dev/null", "true"]).returncode == 0


pytestmark = [
    pytest.mark.rest,
    pytest.mark.skipif(not is_traceable(), reason="strace is missing, or may trace nothing here"),
]


def words(home, way="enforce"):
    code = PROGRAM.format(paths=[TESTS, POLICY])
    return [sys.executable, "-c", code, str(home), way]


def calls(home):
    """Return each call from where the log-out begins, with its number among those of its name."""
    log = home / "trace"
    assert run([STRACE, "-f", "-o", log, *words(home)]).returncode == 10
    numbers, found, begun = collections.Counter(), [], False
    for line in log.read_text(errors="replace").splitlines():
        name = CALL.match(line)
        if name:
            numbers[name[1]] += 1
            begun = begun or ".oauth_refresh.lock" in line
            found += [(name[1], numbers[name[1]])] if begun else []
    log.unlink()
    return [fault for fault in found if fault[0] not in NOT_TO_FAIL]


def kept(home):
    """Return whether everything that is no login is whole, as it was or without the logins."""
    import json

    document = json.loads((home / ".claude/.credentials.json").read_text())
    files = [
        json.loads((home / name).read_text()) for name in (".claude.json", ".claude/.config.json")
    ]
    rest = [{name: file[name] for name in GLOBAL_LEFT} for file in files]
    mine = {name: document[name] for name in (DEVICE | PLUGINS)}
    return [DEVICE | PLUGINS, GLOBAL_LEFT, GLOBAL_LEFT] == [mine, *rest]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_no_false_success_and_the_next_run_completes(fault, tmp_path):
    places = calls(filled(tmp_path / "first"))
    assert len(places) > 100
    for number, (name, when) in list(enumerate(places))[FAULTS.index(fault) * 5 :: SAMPLE]:
        home = filled(tmp_path / f"{number}")
        inject = f"inject={name}:{fault}:when={when}"

        done = run([STRACE, "-f", "-o", "/dev/null", "-e", inject, *words(home)])

        message = (fault, name, when, done.returncode, done.stderr[-500:])
        assert kept(home), message
        assert not (done.returncode in (0, 10) and with_secret(home)), message
        if done.returncode in KILLED:
            again = run(words(home))
            assert again.returncode in (0, 10), (message, again.returncode, again.stderr)
            assert [] == with_secret(home), message
        shutil.rmtree(home)
