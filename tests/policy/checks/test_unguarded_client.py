"""TIP409: a program of the client's name is a shim, or fails; what cannot be read is no shim."""

import os
import re
import sys
from pathlib import Path

import pytest

from support.machines.check_hosts import around, statuses
from tipstaff_policy.clients.shim import why_unguarded
from tipstaff_policy.model.host_facts import Program

CASES = {
    "pass": around(programs=(Program("/usr/bin/codex", None),)),
    "fail": around(programs=(Program("/usr/bin/codex", "is not Tipstaff's shim"),)),
    "not_applicable": around(programs=()),
    "not_applicable: nobody looked": around(),
}
MANUAL = (Path(__file__).parents[3] / "docs/guard.md").read_text("utf-8")
SHIM = re.search(r"```sh\n(#!/bin/sh\n.*?)```", MANUAL, re.DOTALL)[1]
OTHERS = {
    "no marker": SHIM.replace("# tipstaff shim", "# a shim"),
    "another program": SHIM.replace("/opt/tipstaff/tipstaff_policy/guard.py", "/opt/x.py"),
    "a guard looked up by name": SHIM.replace("/usr/bin/python3", "env"),
    "a command before": SHIM.replace("exec", "/opt/codex/codex; exec"),
    "a second client": SHIM.replace('"$@"', '"$@" || /opt/codex/codex'),
    "a line more": SHIM + "/opt/codex/codex\n",
    "a variable": SHIM.replace("/usr/bin", "$HOME"),
    "bytes": "\udcff",
    "long": SHIM + "#" * 5000,
    "empty": "",
}


@pytest.mark.parametrize(("name", "host"), CASES.items(), ids=CASES)
def test_the_status_follows_what_was_found(name, host):
    assert [name.partition(":")[0]] == statuses("TIP409", host)


def written(folder, text):
    folder.mkdir(exist_ok=True)
    place = folder / "codex"
    place.write_bytes(os.fsencode(text))
    place.chmod(0o755)
    return place


def test_the_shim_of_the_manual_is_told(tmp_path):
    assert why_unguarded(str(written(tmp_path, SHIM)), str(tmp_path)) is None


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_nothing_else_is_told_for_a_shim(text, tmp_path):
    assert why_unguarded(str(written(tmp_path, text)), str(tmp_path))


@pytest.mark.parametrize("loose", ["codex", "opt", "opt/tipstaff/tipstaff_policy/guard.py"])
def test_a_shim_that_others_can_change_guards_nothing(loose, tmp_path):
    guard = tmp_path / "opt/tipstaff/tipstaff_policy/guard.py"
    guard.parent.mkdir(parents=True)
    guard.touch()
    place = written(tmp_path, SHIM)
    (tmp_path / loose).chmod(0o777)

    assert "others can change" in why_unguarded(str(place), str(tmp_path))


def test_the_shim_of_the_manual_starts_the_client_behind_the_guard(tmp_path):
    from support.machines.hosts import make_host, run
    from tipstaff_policy import guard

    client = written(tmp_path / "client", "#!/bin/sh\necho started $1\n")
    text = SHIM.replace("/usr/bin/python3", sys.executable).replace("/opt/codex/codex", str(client))
    text = text.replace("/opt/tipstaff/tipstaff_policy/guard.py", guard.__file__)
    root = make_host(tmp_path / "host")
    env = {"HOME": str(root / "home/dev"), "PATH": os.environ["PATH"]}

    started = run([written(tmp_path / "bin", text), "--version"], env=env)

    assert 0 == started.returncode
    assert "started --version\n" == started.stdout
