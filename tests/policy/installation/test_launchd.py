"""The services of a Mac: their property lists, and what is asked of a fake launchctl."""

import os
import plistlib
import pwd
import shutil
import subprocess

import pytest

from support.machines.fake_mac import fake_launchctl
from tipstaff_policy.installation import launchd

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")
PYTHON = "/opt/tipstaff/bin/python3"
ADA = pwd.struct_passwd(("ada", "x", 501, 20, "", "/Users/ada", "/bin/zsh"))
ROOT = pwd.struct_passwd(("root", "x", 0, 0, "", "/var/root", "/bin/sh"))
KNOWN = {
    "Label": str, "ProgramArguments": list, "RunAtLoad": bool, "KeepAlive": bool,
    "StartCalendarInterval": (dict, list), "StandardErrorPath": str, "ProcessType": str,
    "Nice": int, "LowPriorityIO": bool, "Umask": int, "WorkingDirectory": str,
    "ThrottleInterval": int, "LimitLoadToSessionType": str,
}  # fmt: skip
"""Keys of launchd.plist(5) that are used, each with its type."""


def keys_of(job):
    return plistlib.loads(launchd.render_job(job, PYTHON))


@pytest.mark.parametrize("job", launchd.JOBS, ids=lambda job: job.label)
class TestPropertyList:
    def test_has_documented_keys_of_the_documented_types(self, job):
        keys = keys_of(job)

        assert [] == [name for name, value in keys.items() if not isinstance(value, KNOWN[name])]

    def test_is_called_as_its_label(self, job):
        assert job.place.rpartition("/")[2] == f"{keys_of(job)['Label']}.plist"

    def test_starts_an_isolated_python_by_its_absolute_path(self, job):
        assert [PYTHON, "-I", "/opt/tipstaff/bin/tipstaff"] == keys_of(job)["ProgramArguments"][:3]

    def test_is_the_same_bytes_every_time(self, job):
        assert launchd.render_job(job, PYTHON) == launchd.render_job(job, PYTHON)

    def test_leaves_files_to_root_alone(self, job):
        assert 0o077 == keys_of(job)["Umask"]

    def test_another_parser_takes_it(self, job, tmp_path):
        if shutil.which("plistutil") is None:
            pytest.skip("plistutil (libplist-utils) is not installed")
        (tmp_path / "job.plist").write_bytes(launchd.render_job(job, PYTHON))

        done = subprocess.run(
            ["plistutil", "-i", tmp_path / "job.plist", "-f", "json"],
            check=False,
            capture_output=True,
        )

        assert 0 == done.returncode, done.stderr


def test_root_runs_at_load_and_four_times_an_hour():
    keys = keys_of(launchd.ENFORCE)

    assert keys["RunAtLoad"] is True
    assert 4 == len(keys["StartCalendarInterval"])


def test_the_audit_runs_once_a_day():
    assert {"Hour", "Minute"} == set(keys_of(launchd.AUDIT)["StartCalendarInterval"])


def test_the_watch_is_of_sessions_with_a_screen():
    keys = keys_of(launchd.WATCH)

    assert ("Aqua", True) == (keys["LimitLoadToSessionType"], keys["KeepAlive"])
    assert launchd.WATCH.place.startswith("/Library/LaunchAgents/")


def test_what_a_daemon_complains_of_is_rotated():
    rotation = {file.path: file.content for file in launchd.service_files(PYTHON)}[launchd.ROTATION]
    logs = {keys_of(job).get("StandardErrorPath") for job in launchd.JOBS} - {None}

    lines = [line.split("\t") for line in rotation.decode().splitlines()[1:]]
    assert logs == {line[0] for line in lines}
    assert {7} == {len(line) for line in lines}


@pytest.fixture
def mac(tmp_path, monkeypatch):
    """Return the folder of a fake launchctl; ada is logged in at the screen."""

    def made(sessions=(501,)):
        program = fake_launchctl(tmp_path / "launchd", sessions)
        monkeypatch.setattr(launchd, "LAUNCHCTL", program)
        monkeypatch.setattr(launchd, "loose_places", lambda *_: ())
        monkeypatch.setattr(pwd, "getpwall", lambda: [ROOT, ADA])
        return tmp_path / "launchd"

    return made


def do(steps):
    return [launchd.run_launchctl(step.words) for step in steps]


def changes(folder):
    """Return the calls that change something."""
    calls = (folder / "calls").read_text().splitlines()
    return [call for call in calls if not call.startswith("print")]


@AS_ROOT
def test_an_installation_starts_the_daemons_and_the_agent_of_who_is_logged_in(mac):
    folder = mac()

    failed = do(launchd.plan_restart(launchd.read_managers()))

    assert {""} == set(failed)
    assert [
        "bootstrap system /Library/LaunchDaemons/tipstaff.enforce.plist",
        "bootstrap system /Library/LaunchDaemons/tipstaff.audit.plist",
        "bootstrap gui/501 /Library/LaunchAgents/tipstaff.watch.plist",
    ] == changes(folder)


@AS_ROOT
def test_an_upgrade_ends_what_runs_before_it_starts_the_new_one(mac):
    folder = mac()
    do(launchd.plan_restart(launchd.read_managers()))
    (folder / "calls").unlink()

    failed = do(launchd.plan_restart(launchd.read_managers()))

    assert {""} == set(failed)
    assert [
        "bootout system/tipstaff.enforce",
        "bootstrap system /Library/LaunchDaemons/tipstaff.enforce.plist",
    ] == changes(folder)[:2]


@AS_ROOT
def test_an_uninstall_ends_what_runs_and_nothing_else(mac):
    folder = mac()
    do(launchd.plan_restart(launchd.read_managers())[:1])
    (folder / "calls").unlink()

    failed = do(launchd.plan_stop(launchd.read_managers()))

    assert [""] == failed
    assert ["bootout system/tipstaff.enforce"] == changes(folder)


@AS_ROOT
def test_a_list_that_is_refused_because_the_old_one_ends_is_offered_again(mac, monkeypatch):
    folder = mac()
    (folder / "refuses").write_text("2\n")
    monkeypatch.setattr(launchd, "PAUSE_S", 0.01)

    failed = do(launchd.plan_restart(launchd.read_managers())[:1])

    assert [""] == failed
    assert 3 == len(changes(folder))


@AS_ROOT
def test_a_list_that_stays_refused_says_so_in_launchds_words(mac, monkeypatch):
    folder = mac()
    (folder / "refuses").write_text("99\n")
    monkeypatch.setattr(launchd, "RETRY_S", 0)

    failed = do(launchd.plan_restart(launchd.read_managers())[:1])

    assert ["Bootstrap failed: 5: Input/output error"] == failed


@AS_ROOT
def test_a_launchctl_that_does_not_answer_is_given_up(mac, monkeypatch, tmp_path):
    mac()
    (tmp_path / "slow").write_text("#!/bin/sh\nexec sleep 30\n")
    (tmp_path / "slow").chmod(0o755)
    monkeypatch.setattr(launchd, "LIMIT_S", 0.1)

    assert "TimeoutExpired" == launchd.run_launchctl((str(tmp_path / "slow"), "bootout", "x"))


@AS_ROOT
def test_nobody_at_the_screen_leaves_the_agent_for_the_next_login(mac):
    mac(sessions=())

    assert ["the system"] == [manager.whose for manager in launchd.read_managers()]


@AS_ROOT
@pytest.mark.parametrize(
    ("after", "says"),
    [
        (str, [("enabled", "active")] * 3),
        (
            lambda folder: (folder / "system_tipstaff.audit.loaded").unlink(),
            [("enabled", "active"), ("enabled", "not loaded"), ("enabled", "active")],
        ),
        (
            lambda folder: (folder / "gui_501_tipstaff.watch.loaded").write_text(
                "\tstate = not running\n"
            ),
            [("enabled", "active"), ("enabled", "active"), ("enabled", "not running")],
        ),
        (
            lambda folder: (folder / "disabled").write_text('\t"tipstaff.audit" => disabled\n'),
            None,
        ),
    ],
    ids=["all runs", "not loaded", "not running", "disabled"],
)
def test_a_status_says_what_is_not_loaded_or_does_not_run(after, says, mac):
    folder = mac()
    do(launchd.plan_restart(launchd.read_managers()))
    after(folder)

    found = [(state.enabled, state.active) for state in launchd.read_states()]

    assert (says or [("enabled", "active"), ("disabled", "active")]) == found[: len(says or "12")]


def test_a_launchctl_that_others_could_change_is_not_started(tmp_path, monkeypatch):
    program = fake_launchctl(tmp_path / "launchd")
    os.chmod(program, 0o777)
    monkeypatch.setattr(launchd, "LAUNCHCTL", program)

    assert () == launchd.read_managers()
    assert launchd.read_states() is None
