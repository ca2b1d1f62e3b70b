"""`install`, `uninstall` and `status` as commands: exit codes, words, documents."""

import json
import os

import pytest

from clients import install as install_client
from hosts import run, tipstaff
from setups import ENTRY, WORDS, make_tree, started
from tipstaff_policy import errors
from tipstaff_policy.installation import commands, systemd
from tipstaff_policy.installation.model import Wanted
from tipstaff_policy.installation.units import UNITS, WATCH, render_unit
from tipstaff_schemas.export import faults

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")


@pytest.fixture
def root(tmp_path):
    root = make_tree(tmp_path / "root")
    install_client(root / "usr")
    return root


def setup(command, root, *words, **options):
    return tipstaff(command, "--root", root, *words, **options)


def test_installed_looked_at_and_uninstalled(root):
    none = setup("status", root)
    installed = setup("install", root, *WORDS)
    guarded = started(root)[1]
    good = setup("status", root, "--verbose")
    again = setup("install", root, *WORDS)
    uninstalled = setup("uninstall", root)
    nothing = setup("uninstall", root)

    codes = [each.returncode for each in (none, installed, good, again, uninstalled, nothing)]
    assert [1, 0, 0, 0, 0, 0] == codes
    assert "guarded" == guarded
    assert "bare" == started(root)[1]
    assert "run `tipstaff install`" in none.stdout
    assert f"shim {ENTRY}" in good.stdout
    assert "installed already, nothing to do\n" == again.stdout
    assert "uninstalled already, nothing to do\n" == nothing.stdout


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("install", "--dry-run", *WORDS), "setup"),
        (("install", *WORDS), "setup"),
        (("status",), "status"),
        (("uninstall", "--dry-run"), "setup"),
    ],
)
def test_the_documents_keep_to_their_schemas(words, schema, root):
    done = setup(words[0], root, *words[1:], "--format", "json")

    document = json.loads(done.stdout)
    assert [] == faults(schema, document)
    assert done.returncode == document["exit_code"]


def test_a_refused_guard_is_exit_4_with_what_to_type(root):
    (root / WORDS[3][1:]).chmod(0o666)

    done = setup("install", root, *WORDS)

    assert 4 == done.returncode
    assert "" == done.stdout
    assert "/opt/tipstaff/bin/tipstaff install" in done.stderr


def test_a_path_that_a_shell_would_not_take_as_it_stands_is_refused(root):
    guard = root / "opt/a b/tipstaff_policy/guard.py"
    guard.parent.mkdir(parents=True)
    guard.write_text("")

    done = setup(
        "install", root, WORDS[0], WORDS[1], "--guard", "/opt/a b/tipstaff_policy/guard.py"
    )

    assert 2 == done.returncode
    assert "bare" == started(root)[1]
    assert "letters, digits" in done.stderr


def test_a_root_that_is_no_folder_is_a_usage_error(tmp_path):
    assert 2 == setup("status", tmp_path / "none").returncode


def test_a_disk_that_refuses_is_exit_4_and_the_next_run_completes(root):
    """A folder where the list is to be written stands for a disk that does not take it."""
    aside = root / "usr/local/lib/tipstaff"
    aside.write_text("in the way")

    first = setup("install", root, *WORDS)
    guarded = started(root)[1]
    aside.unlink()
    second = setup("install", root, *WORDS)

    assert 4 == first.returncode
    assert "bare" == guarded
    assert "not complete" in first.stdout
    assert 0 == second.returncode
    assert "guarded" == started(root)[1]


def test_a_users_own_client_that_comes_first_is_named(tmp_path):
    own = install_client(tmp_path / "own")
    env = {**os.environ, "PATH": f"{own.parent}:/usr/bin:/bin"}

    done = tipstaff("status", "--format", "json", env=env)

    symptoms = {load["name"]: load for load in json.loads(done.stdout)["symptoms"]}
    found = symptoms[f"client {own}"]
    assert 1 == done.returncode
    assert "bad" == found["mark"]
    assert "not fronted" in found["observed"]


@AS_ROOT
def test_only_root_changes_the_machine(capsys):
    child = os.fork()
    if not child:
        os.setresuid(65534, 65534, 65534)
        try:
            commands.install(None, Wanted("1", "/x", "/x", ("codex",)), dry_run=False)
        except errors.AccessDeniedError as error:
            os._exit(error.exit_code if "sudo" in error.remedy else 99)
        finally:
            os._exit(98)

    assert errors.UNEVALUATED_EXIT == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


FAKE = """\
#!/bin/sh
echo "$*" >> {log}
case "$*" in
  *list-units*) echo "user@0.service loaded active running User Manager for UID 0";;
  *is-enabled*) echo enabled;;
  *is-active*) echo {state};;
  *restart*) exit {code};;
esac
"""


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """A stand-in that answers as systemctl does; no test machine is started by systemd."""

    def made(state="active", code=0):
        program = tmp_path / "systemctl"
        program.write_text(FAKE.format(log=tmp_path / "log", state=state, code=code))
        program.chmod(0o755)
        monkeypatch.setattr(systemd, "PROGRAMS", (str(program),))
        monkeypatch.setattr(systemd, "RUNNING", str(tmp_path))
        return systemd.read_managers()

    return made


@AS_ROOT
def test_an_upgrade_restarts_what_watches_for_the_system_and_for_everybody(manager, tmp_path):
    steps = systemd.plan_restart(manager())
    (tmp_path / "log").unlink()

    failed = [systemd.run_systemctl(step.words) for step in steps]

    user = "--user --machine=root@.host"
    assert [
        "daemon-reload",
        "restart tipstaff-enforce.timer tipstaff-audit.timer",
        "try-restart tipstaff-watch@*.service",
        f"{user} daemon-reload",
        f"{user} restart {WATCH}",
    ] == (tmp_path / "log").read_text().splitlines()
    assert {""} == set(failed)


@AS_ROOT
def test_a_restart_that_fails_is_told(manager):
    assert ["", "exit code 5"] == [
        systemd.run_systemctl(x.words) for x in systemd.plan_restart(manager(code=5))
    ][:2]


@AS_ROOT
@pytest.mark.parametrize("state", ["active", "failed"])
def test_the_state_of_the_units_is_asked_of_every_manager(state, manager):
    manager(state)

    found = systemd.read_units()

    assert [
        ("the system", "tipstaff-enforce.timer", "enabled", state),
        ("the system", "tipstaff-audit.timer", "enabled", state),
        ("root", "tipstaff-watch.service", "enabled", state),
    ] == [tuple(unit) for unit in found]


def test_a_machine_without_systemd_has_no_managers(monkeypatch, tmp_path):
    monkeypatch.setattr(systemd, "RUNNING", str(tmp_path / "none"))

    assert () == systemd.read_managers()


@pytest.mark.parametrize("unit", UNITS, ids=lambda each: f"{each.scope} {each.name}")
def test_a_unit_is_enabled_where_it_says(unit):
    text = render_unit(unit, "/opt/tipstaff/bin/python3")

    wanted = [line[9:] for line in text.splitlines() if line.startswith("WantedBy=")]
    assert "@PYTHON@" not in text
    assert unit.wanted_by in (*wanted, "")


@pytest.mark.parametrize("scope", ["system", "user"])
def test_systemd_takes_the_units(scope, tmp_path):
    import shutil
    import sys

    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / scope).mkdir()
    units = [each for each in UNITS if each.scope == scope]
    for unit in units:
        (tmp_path / scope / unit.name).write_text(render_unit(unit, sys.executable))
    names = [str(tmp_path / scope / each.name).replace("@.", "@root.") for each in units]
    for name in names:
        if not os.path.exists(name):
            shutil.copy(name.replace("@root.", "@."), name)

    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    done = run(["systemd-analyze", f"--{scope}", "verify", *names], env=env)

    assert 0 == done.returncode
    assert [] == [x for x in done.stderr.splitlines() if "tipstaff" in x]


def test_a_tree_of_another_platform_is_installed_by_its_name(tmp_path):
    root = make_tree(tmp_path / "mac")
    (root / "usr/local/bin").mkdir()
    (root / "usr/local/bin").chmod(0o755)
    install_client(root / "usr/local")

    installed = setup("install", root, "--platform", "macos", *WORDS)
    good = setup("status", root, "--platform", "macos")
    uninstalled = setup("uninstall", root, "--platform", "macos")

    assert [0, 0, 0] == [each.returncode for each in (installed, good, uninstalled)]
    assert "/Library/LaunchDaemons/tipstaff.enforce.plist" in installed.stdout


@pytest.mark.parametrize("command", ["install", "uninstall", "status"])
def test_this_machine_is_of_no_other_platform(command):
    done = tipstaff(command, "--platform", "macos")

    assert 2 == done.returncode
    assert "this machine runs linux, not macos" in done.stderr
