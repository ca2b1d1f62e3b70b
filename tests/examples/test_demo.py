"""The demo shows three hosts whole and the others as a table, says so first, and starts no program."""

import re
import sys

import pytest
from example_hosts import EXPECTED, HERE

from support.machines.hosts import run

COUNTING = """
import runpy, sys
started = []
STARTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system")
sys.addaudithook(lambda event, _: started.append(event) if event in STARTS else None)
sys.argv = ["demo.py"]
try:
    runpy.run_path(%r, run_name="__main__")
finally:
    sys.stderr.write(f"started: {started}")
"""


@pytest.fixture(scope="module")
def done():
    script = COUNTING % str(HERE / "demo.py")
    return run([sys.executable, "-c", script], env={"PYTHONPATH": str(HERE)})


def test_the_demo_judges_every_host_as_expected(done):
    assert 0 == done.returncode, done.stderr
    assert f"All {len(EXPECTED)} hosts were judged as expected." in done.stdout


def test_the_demo_is_one_process(done):
    assert "started: []" == done.stderr


def test_the_demo_says_first_how_long_it_takes_and_that_it_prepares_the_hosts(done):
    message = " ".join(done.stdout.partition("\n\n")[0].split())

    assert f"judges {len(EXPECTED)} example hosts and takes about 10 seconds" in message
    assert "the demo prepares each copy: 0600" in message


def test_three_hosts_come_first_as_a_person_sees_them_and_all_others_as_rows(done):
    whole, table = done.stdout.split("\n2. ")

    titles = re.findall(r"^([a-z-]+): ", whole, re.MULTILINE)
    rows = re.findall(r"^  ([a-z-]+) +\d+ +\d+  (?:kept|removed|none)", table, re.MULTILINE)
    assert ["compliant-chatgpt", "wrong-workspace", "both-clients"] == titles
    assert [name for name in EXPECTED if name not in titles] == rows
    assert "  exit code 10: logged out, and verified\n" in whole


def test_a_row_tells_a_login_that_was_removed_from_one_that_never_was_there(done):
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line.strip()}

    assert ["1", "10", "removed"] == rows["api-key-under-chatgpt-only"][1:4]
    assert ["1", "0", "kept"] == rows["unmanaged"][1:4]
    assert ["1", "0", "none"] == rows["custom-provider"][1:4]


def test_of_a_host_with_both_clients_the_demo_shows_that_one_violates(done):
    shown = done.stdout.partition("both-clients: ")[2].partition("\n2. ")[0]

    assert re.search(r"^  COMPLIANT .* codex ", shown, re.MULTILINE)
    assert re.search(r"^  NOT COMPLIANT .* claude ", shown, re.MULTILINE)
    assert "  removed   the login in /home/dev/.claude.json\n" in shown


def test_the_demo_fits_a_narrow_terminal_and_names_no_scratch_folder(done):
    assert [] == [line for line in done.stdout.splitlines() if len(line) > 80]
    assert "/tmp" not in done.stdout
