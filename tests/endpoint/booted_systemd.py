"""`make test-systemd`: the Debian package under a booted systemd, with the real client.

Not collected by `make test`. The tests tell one story, in their order: installed, working, upgraded,
delivered to by Ansible, removed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import standalone
from conformance.client import find_client
from packages import FORMATS, read_package
from support.clients.logins import API_KEY, chatgpt
from support.machines.booted_machine import BootedMachine, NotBootedError, find_obstacle
from support.machines.hosts import FORCED_CHATGPT
from tipstaff_policy import __version__

ROOT = Path(__file__).parents[2]
TREE, TEMPLATE = ROOT / "build/standalone", ROOT / ".systemd/root"
NEXT = "99.0"
TIMERS = ("tipstaff-enforce.timer", "tipstaff-audit.timer")
WATCH = "tipstaff-watch.service"
CLIENT = "/usr/lib/node_modules/@openai/codex"
SESSION = ("--user", "--machine=dev@.host")
POLICY = """\
schema = 1
id = "booted"
version = "1"
oldest_client = "0.160.0"
contact = "help desk"
login_methods = ["chatgpt"]
"""
OTHERS = 'allowed_sandbox_modes = ["read-only"]\n'


def built_package(version, folder):
    """Return the path of the Debian package of a version."""
    tree, format_ = TREE, FORMATS["deb"]
    if version != __version__:
        tree = folder / "newer"
        shutil.copytree(TREE, tree, symlinks=True)
        about = tree / "packages/tipstaff_policy/__init__.py"
        about.write_text(about.read_text().replace(__version__, version))
        standalone.compile_all(tree / "packages/tipstaff_policy", standalone.PLACE)
    package = read_package(tree, version, format_)
    place = folder / format_.file_name(package)
    place.write_bytes(format_.build(package))
    return place


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Boot a machine with two users and the real client, without Tipstaff."""
    obstacle = find_obstacle(TEMPLATE)
    assert not obstacle, f"systemd not run: {obstacle}"
    client = find_client()
    assert client, "client not run: the real client must run here"
    package = next(folder for folder in Path(client).parents if (folder / "package.json").exists())
    try:
        made = BootedMachine(
            TEMPLATE, tmp_path_factory.mktemp("booted"), [(package, "/opt/client")]
        )
    except NotBootedError as error:
        pytest.fail(f"systemd not run: {error}")
    try:
        lay_out(made, f"{CLIENT}/{Path(client).relative_to(package)}")
        yield made
    finally:
        made.remove()


def lay_out(machine, program):
    """Add the client, two users, and a session of the first that lasts."""
    machine.run("mkdir", "-p", str(Path(CLIENT).parent), "/etc/codex")
    machine.run("ln", "-s", "/opt/client", CLIENT)
    machine.run("ln", "-s", program, "/usr/bin/codex")
    for user in ("dev", "ci"):
        machine.run("useradd", "--create-home", "--shell", "/bin/bash", user)
        machine.run("install", "-d", "-o", user, "-g", user, "-m", "700", f"/home/{user}/.codex")
    machine.run("loginctl", "enable-linger", "dev")
    assert "codex-cli" in machine.run("runuser", "-u", "dev", "--", "codex", "--version")


def sign_in(machine, user, login):
    """Store a login as the client stores it, and return its path outside of the container."""
    stored = machine.root / f"home/{user}/.codex/auth.json"
    new = stored.with_name("new")
    new.write_text(login)
    new.chmod(0o600)
    owner = (machine.root / f"home/{user}").stat()
    os.chown(new, owner.st_uid, owner.st_gid)
    new.rename(stored)
    return stored


def add_package(machine, version):
    package = built_package(version, machine.folder)
    shutil.copy(package, machine.root / "var/tmp/tipstaff.deb")
    return machine.run("dpkg", "-i", "/var/tmp/tipstaff.deb")


def test_an_installation_starts_the_timers_and_the_watch_of_each_session(machine):
    add_package(machine, __version__)
    machine.run("systemctl", "restart", "user@1000.service")

    states = [machine.show(timer, "ActiveState") for timer in TIMERS]
    assert ["active", "active"] == states
    listed = machine.run("systemctl", "list-timers", "--no-legend", "tipstaff-*").splitlines()
    assert [2, 0] == [len(listed), sum(line.startswith(("-", "n/a")) for line in listed)], listed
    assert machine.wait_until(lambda: "active" == machine.show(WATCH, "ActiveState", *SESSION))
    assert "0\n" == machine.run("sh", "-c", "systemctl --failed --no-legend | wc -l")


def test_the_status_finds_nothing_wrong(machine):
    done = machine.ask("tipstaff", "status")

    assert 0 == done.returncode, done.stdout + done.stderr


def test_the_watch_of_a_session_logs_out_a_forbidden_login(machine):
    (machine.root / "etc/codex/managed_config.toml").write_text(FORCED_CHATGPT)

    stored = sign_in(machine, "dev", API_KEY)

    assert machine.wait_until(lambda: not stored.exists()), machine.journal()
    line = "logged out: /home/dev/.codex/auth.json holds an API key"
    assert machine.wait_until(lambda: line in machine.journal("-u", "user@1000.service"))


def test_the_watch_keeps_a_login_that_is_allowed(machine):
    stored = sign_in(machine, "dev", chatgpt())

    machine.run("systemctl", *SESSION, "kill", "--signal=HUP", WATCH)
    machine.run("sleep", "7")

    assert stored.exists(), machine.journal()


def test_the_run_of_root_logs_out_a_user_without_a_session(machine):
    stored = sign_in(machine, "ci", API_KEY)

    machine.ask("systemctl", "start", "tipstaff-enforce.service")

    assert not stored.exists(), machine.journal("-u", "tipstaff-enforce.service")
    assert "10" == machine.show("tipstaff-enforce.service", "ExecMainStatus")


def test_the_audit_of_root_writes_the_evidence_of_each_user(machine):
    machine.run("systemctl", "start", "tipstaff-audit.service")

    text = (machine.root / "var/log/tipstaff/reports.ndjson").read_text()
    run = json.loads(text.splitlines()[-1])
    judged = {user["user"] for user in run["users"] if user["outcome"] == "done"}
    assert {"root", "dev", "ci"} == judged


def test_the_watch_of_an_account_without_a_session_logs_out_a_forbidden_login(machine):
    machine.run("systemctl", "enable", "--now", "tipstaff-watch@ci.service")

    stored = sign_in(machine, "ci", API_KEY)

    assert machine.wait_until(lambda: not stored.exists()), machine.journal()


def test_an_upgrade_restarts_what_runs_and_it_still_catches(machine):
    units = [(WATCH, SESSION), ("tipstaff-watch@ci.service", ())]
    before = [machine.show(unit, "MainPID", *words) for unit, words in units]

    add_package(machine, NEXT)

    after = [machine.show(unit, "MainPID", *words) for unit, words in units]
    assert f"tipstaff {NEXT}\n" == machine.run("tipstaff", "--version")
    assert not {*before} & {*after}, (before, after)
    assert "0" not in after
    assert ["active", "active"] == [machine.show(timer, "ActiveState") for timer in TIMERS]
    stored = sign_in(machine, "dev", API_KEY)
    assert machine.wait_until(lambda: not stored.exists()), machine.journal()


@pytest.fixture(scope="module")
def play(machine):
    """Return a function that runs the rendered role against the machine by ssh."""
    folder = machine.folder
    (folder / "policy.toml").write_text(POLICY)
    bin_ = Path(sys.executable).parent
    rendered = [bin_ / "tipstaff", "policy", "render", folder / "policy.toml", "--to", "ansible"]
    subprocess.run([*map(str, rendered), "--out", str(folder / "role")], check=True)
    (folder / "hosts").write_text(
        "booted ansible_host=booted ansible_user=root ansible_python_interpreter=/usr/bin/python3 "
        f'ansible_ssh_common_args="{machine.reach_by_ssh(folder)}"\n'
    )

    def run(*words):
        return subprocess.run(
            [str(bin_ / "ansible-playbook"), "-i", str(folder / "hosts"),
             "-e", "tipstaff_policy_program=/usr/bin/tipstaff", *words, "site.yml"],
            check=False, capture_output=True, text=True, cwd=folder / "role", timeout=180,
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOME": str(folder / "ansible"),
                 "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    return run


def recap(done):
    """Return how many tasks changed something, and how many failed."""
    found = re.search(r"changed=(\d+) .*failed=(\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    return int(found[1]), int(found[2])


def test_ansible_leaves_a_file_of_another_administrator_and_names_its_keys(machine, play):
    (machine.root / "etc/codex/managed_config.toml").unlink()
    theirs = machine.root / "etc/codex/requirements.toml"
    theirs.write_text(OTHERS)

    done = play()

    assert (0, 1) == recap(done)
    assert "contains allowed_sandbox_modes at :1, which would be lost" in done.stdout
    assert OTHERS == theirs.read_text()


def test_ansible_delivers_the_policy_and_its_second_run_changes_nothing(machine, play):
    first = play("-e", "tipstaff_policy_replace=true")
    second = play("-e", "tipstaff_policy_replace=true")

    assert 0 == first.returncode, first.stdout
    assert recap(first)[0] > 0
    assert (0, 0) == recap(second), second.stdout
    assert OTHERS == (machine.root / "etc/codex/requirements.toml.before-tipstaff").read_text()


def test_what_ansible_delivered_is_enforced_by_the_watch(machine):
    stored = sign_in(machine, "dev", API_KEY)

    assert machine.wait_until(lambda: not stored.exists()), machine.journal()
    line = "/etc/tipstaff/policy.toml"
    assert machine.wait_until(lambda: line in machine.journal("-u", "user@1000.service"))


def test_ansible_takes_it_away_and_gives_the_earlier_file_back(machine, play):
    done = play("-e", "tipstaff_policy_state=absent")

    assert 0 == done.returncode, done.stdout
    assert OTHERS == (machine.root / "etc/codex/requirements.toml").read_text()
    assert not (machine.root / "etc/tipstaff/policy.toml").exists()


def test_a_stop_of_the_watch_ends_it_within_its_limit(machine):
    machine.run("systemctl", *SESSION, "stop", WATCH)

    assert "inactive" == machine.show(WATCH, "ActiveState", *SESSION)
    assert "success" == machine.show(WATCH, "Result", *SESSION)


def test_a_removal_stops_all_units_and_gives_the_client_back(machine):
    machine.run("dpkg", "--remove", "tipstaff")

    units = machine.run("systemctl", "list-units", "--no-legend", "tipstaff*")
    assert not units.strip()
    link = machine.root / "usr/bin/codex"
    assert link.is_symlink()
    assert "codex-cli" in machine.run("runuser", "-u", "dev", "--", "codex", "--version")
    assert not machine.ask("which", "tipstaff").stdout
