"""What `doctor` says of a Windows: good, bad, or that it cannot tell."""

import pytest

from support.machines.fake_windows import windows  # noqa: F401 - a fixture
from tipstaff_policy.installation import scheduled_tasks
from tipstaff_policy.installation.model import UnitState
from tipstaff_policy.installation.trials import run_trials
from tipstaff_policy.installation.trials import windows as windows_trials
from tipstaff_policy.system.owners.path_walk import LoosePlace

PROGRAM = "C:\\Windows\\System32\\schtasks.exe"
ENABLED = tuple(
    UnitState("the system", task.name, "enabled", "active") for task in scheduled_tasks.TASKS
)


@pytest.fixture
def host(windows, monkeypatch):  # noqa: F811
    """Lay out a Windows on which all is well, by the stand-ins for its libraries and programs."""
    windows.loose, windows.states, windows.registry = (), ENABLED, (0, "")
    monkeypatch.setattr(scheduled_tasks, "program_path", lambda: PROGRAM)
    monkeypatch.setattr(scheduled_tasks, "call", lambda _words: windows.registry)
    monkeypatch.setattr(scheduled_tasks, "read_states", lambda: windows.states)
    monkeypatch.setattr(windows_trials, "loose_places", lambda *_: windows.loose)
    monkeypatch.setattr(windows_trials.os.path, "isdir", lambda _: True)
    monkeypatch.setattr(windows_trials.os.path, "isfile", lambda _: True)
    return windows


def marks():
    return {found.name: found.mark for found in run_trials("windows")}


def one(name):
    (found,) = [found for found in run_trials("windows") if found.name == name]
    return found


def test_a_windows_on_which_all_is_well_is_good(host):
    assert {"good"} == set(marks().values())


def test_a_policy_folder_that_users_can_change_is_bad(host):
    host.loose = (LoosePlace("C:/ProgramData/Tipstaff", "belongs to S-1-5-21-1"),)

    found = one("rights on /ProgramData/Tipstaff")

    assert ("bad", "C:/ProgramData/Tipstaff belongs to S-1-5-21-1") == (found.mark, found.observed)


def test_a_policy_folder_whose_list_is_unknown_cannot_be_told(host):
    host.loose = None

    assert "cannot tell" == one("rights on /ProgramData/Tipstaff").mark


def test_a_folder_that_the_system_does_not_name_is_bad(host):
    del host.folders["5E6C858F-0E22-4760-9AFE-EA3317B67173"]

    assert "bad" == marks()["folder Profile"]


@pytest.mark.parametrize("code", [5, 1312])
def test_a_credential_manager_that_refuses_cannot_be_told(code, host):
    host.refuses = code

    assert "cannot tell" == marks()["Credential Manager"]


def test_logins_are_counted_and_not_named(host):
    host.credentials["cli|1.Codex Auth", 1] = (b"", "", "")

    assert "answers; entries of this user: 1" == one("Credential Manager").observed


REGISTRY = {
    "registered": ((0, ""), "good"),
    "not": ((1, ""), "bad"),
    "no answer": ((-1, ""), "cannot tell"),
}


@pytest.mark.parametrize(("answer", "mark"), REGISTRY.values(), ids=REGISTRY)
def test_the_source_of_the_event_log_is_looked_for(answer, mark, host):
    host.registry = answer

    assert mark == marks()["event log"]


TASKS = {"enabled": "good", "disabled": "bad", "not registered": "cannot tell"}


@pytest.mark.parametrize("state", TASKS)
def test_a_task_that_an_ordinary_user_may_not_see_is_not_called_missing(state, host):
    host.states = (UnitState("the system", "Enforce", state, "active"),)

    assert TASKS[state] == marks()["task Enforce"]


def test_without_a_scheduler_nothing_is_said_of_tasks(host):
    host.states = None

    assert "cannot tell" == marks()["tasks"]


def test_without_its_launcher_no_program_can_be_guarded(host, monkeypatch):
    monkeypatch.setattr(windows_trials.os.path, "isfile", lambda _: False)

    assert "bad" == marks()["launcher"]
