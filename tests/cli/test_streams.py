"""Once something was removed, no stream changes the exit code that says so."""

import os
import sys

import pytest

from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, credential, make_host, run
from tipstaff_policy import guard

PROGRAMS = {
    "enforce": [BIN / "tipstaff", "enforce", *VERSION],
    "guard": [sys.executable, "-I", "-S", guard.__file__, *VERSION],
}
STREAMS = {
    "a full output": ">/dev/full",
    "a full error stream": "2>/dev/full",
    "both full": ">/dev/full 2>/dev/full",
    "a closed output": ">&-",
    "a closed error stream": "2>&-",
    "all closed": "<&- >&- 2>&-",
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
def test_a_log_out_is_told_by_its_exit_code(streams, program, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    words = [str(word) for word in (*PROGRAMS[program], "--system-root", root)]

    done = run(["sh", "-c", f'exec "$@" {streams}', "sh", *words])

    assert 10 == done.returncode
    assert not credential(root).exists()


@pytest.mark.parametrize("streams", [">/dev/full", ">&-"])
def test_a_report_that_cannot_be_written_is_no_answer_where_nothing_was_removed(streams, tmp_path):
    root = make_host(tmp_path / "host")
    words = [str(program) for program in (*PROGRAMS["enforce"], "--system-root", root)]

    done = run(["sh", "-c", f'exec "$@" {streams}', "sh", *words])

    assert 4 == done.returncode


def test_a_log_out_that_was_asked_for_is_told_by_its_exit_code(tmp_path):
    root = make_host(tmp_path / "host")
    words = [str(word) for word in (BIN / "tipstaff", "logout", "--system-root", root)]

    done = run(["sh", "-c", 'exec "$@" >/dev/full', "sh", *words])

    assert 0 == done.returncode
    assert not credential(root).exists()
