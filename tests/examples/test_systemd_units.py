"""The units in examples/systemd are accepted by systemd, harden what they say, and start."""

import os
import shlex
import shutil
import signal
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from cli.test_watch import PLAIN, watching
from support.clients.logins import chatgpt
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, credential, make_host, run
from support.machines.local_users import NEEDS_ROOT, UIDS

FOLDER = Path(__file__).resolve().parents[2] / "examples/systemd"
UNITS = sorted(FOLDER.glob("*/tipstaff-watch*.service"))
ENFORCE = FOLDER / "system/tipstaff-enforce.service"
SHIPPED = "/opt/tipstaff/bin"
NAMESPACES = ("Private", "Protect", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths")


def parsed(unit):
    reader = RawConfigParser(strict=False, allow_no_value=False)
    reader.optionxform = str
    reader.read_string(unit.read_text())
    return {name: dict(reader[name]) for name in reader.sections()}


def test_there_is_one_for_the_system_and_one_for_users():
    assert ["system", "user"] == [unit.parent.name for unit in UNITS]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.parent.name)
def test_a_unit_is_hardened_and_comes_back(unit):
    service = parsed(unit)["Service"]

    assert {"NoNewPrivileges": "yes", "Restart": "on-failure", "Type": "notify"}.items() <= (
        service.items()
    )
    assert {"MemoryMax", "TasksMax", "WatchdogSec", "SystemCallFilter"} <= set(service)


def test_root_stays_root_to_what_a_unit_starts():
    """A policy that does not seem to be root's is refused."""
    system, user = (parsed(unit)["Service"] for unit in UNITS)

    assert "strict" == system["ProtectSystem"]
    assert "PrivateUsers" not in system
    assert [] == [setting for setting in user if setting.startswith(NAMESPACES)]


@pytest.mark.parametrize(
    "unit", [*UNITS, ENFORCE], ids=lambda unit: f"{unit.parent.name}-{unit.stem}"
)
def test_systemd_accepts_it(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(SHIPPED, str(BIN)))
    whose = ["--user"] if unit.parent.name == "user" else []
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}

    done = run(["systemd-analyze", *whose, "verify", copy], env=env)

    assert 0 == done.returncode
    assert "" == done.stdout
    assert "" == done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.parent.name)
def test_what_it_starts_watches_and_reloads_and_stops(unit, tmp_path):
    root = make_host(tmp_path / "host", managed=FORCED_CHATGPT)
    words = shlex.split(parsed(unit)["Service"]["ExecStart"].replace(SHIPPED, str(BIN)))
    more = ["--client", "codex", "--client-version", "0.169.0", "--system-root", root]

    with watching(tmp_path, env=PLAIN, words=[*words, *more]) as found:
        assert not credential(root).exists()
        found.process.send_signal(signal.SIGHUP)
        maps = Path(f"/proc/{found.process.pid}/maps").read_text().splitlines()
        assert 0 == found.end()

    assert [] == [line for line in maps if "wx" in line.split()[1]]


def test_a_root_run_hides_no_home_and_keeps_the_network():
    """A home that it does not see is skipped, and one that it cannot write keeps its login."""
    service = parsed(ENFORCE)["Service"]

    assert {"NoNewPrivileges": "yes", "ProtectSystem": "full", "Type": "oneshot"}.items() <= (
        service.items()
    )
    assert {"SystemCallFilter", "RestrictAddressFamilies", "RestrictNamespaces"} <= set(service)
    hides = {"ProtectHome", "PrivateTmp", "PrivateUsers", "PrivateNetwork", "MemoryMax"}
    assert set() == hides & set(service)


def bounded(machine):
    """Run what the unit starts, with the capabilities that it leaves."""
    service = parsed(ENFORCE)["Service"]
    kept = [f"+{part[4:].lower()}" for part in service["CapabilityBoundingSet"].split()]
    held = ["setpriv", "--no-new-privs", "--bounding-set", ",".join(["-all", *kept])]
    log = Path(machine.folder) / "log"  # as systemd makes it by LogsDirectory
    log.mkdir(mode=int(service["LogsDirectoryMode"], 8), exist_ok=True)
    line = service["ExecStart"].replace(SHIPPED, str(BIN))
    words = shlex.split(line.replace(f"/var/log/{service['LogsDirectory']}", str(log)))
    return machine.run(*held, *words, *VERSION)


@NEEDS_ROOT
@pytest.mark.xdist_group("users")
def test_the_capabilities_that_it_leaves_are_enough_for_every_user(machine):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice", "root")
    machine.sign_in("bob", auth=chatgpt())
    os.chown(machine.login("root"), UIDS["alice"], 0)  # which root's client reads all the same

    done = bounded(machine)

    there = [machine.login(user).exists() for user in ("alice", "root", "bob")]
    assert 10 == done.returncode
    assert "" == done.stderr
    assert [False, False, True] == there


@NEEDS_ROOT
@pytest.mark.xdist_group("users")
@pytest.mark.parametrize(("folder", "code"), [(".codex", 11), ("elsewhere", 10)])
def test_it_tells_which_client_of_roots_holds_what_was_removed(folder, code, machine, tmp_path):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("root")
    client = tmp_path / "codex"
    shutil.copy(shutil.which("sleep"), client)
    home = {"CODEX_HOME": str(machine.home("root") / folder)}
    with subprocess.Popen([client, "60"], env=home, cwd="/") as process:
        try:
            done = bounded(machine)
        finally:
            process.kill()

    assert code == done.returncode
    assert "" == done.stderr
