"""The tasks of Windows: valid by the Task Scheduler's schema, and registered by its own program."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import xmlschema

from tipstaff_policy.installation import scheduled_tasks
from tipstaff_policy.installation.model import Manager
from tipstaff_policy.installation.scheduled_tasks import NAMESPACE, TASKS, render_task

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("task-scheduler.xsd")))
PYTHON = "C:\\Program Files\\Tipstaff\\python\\python.exe"
PROGRAM = "C:\\Windows\\System32\\schtasks.exe"
NAMES = {task.name: task for task in TASKS}
EACH = pytest.mark.parametrize("task", TASKS, ids=NAMES)


def text_of(task):
    return render_task(task, PYTHON).decode("utf-16")


def parsed(name):
    return ET.fromstring(text_of(NAMES[name]).partition("?>")[2])


def values(name, path):
    prefixed = "/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))
    return [found.text for found in parsed(name).findall(prefixed)]


@EACH
def test_a_task_is_valid_by_the_schema(task):
    SCHEMA.validate(text_of(task).partition("?>")[2])


BROKEN = {
    "a trigger that there is not": ("<LogonTrigger />", "<FileTrigger />"),
    "no program": ("<Exec>", "<Nothing>"),
    "another runner": ('Context="Runner"', 'Context="Other"'),
    "a priority out of bounds": ("<Priority>7<", "<Priority>11<"),
    "a version that there is not": ('version="1.4"', 'version="2.0"'),
    "a limit that is no duration": ("<ExecutionTimeLimit>PT30M<", "<ExecutionTimeLimit>30<"),
}


@pytest.mark.parametrize(("old", "new"), BROKEN.values(), ids=BROKEN)
def test_the_schema_refuses_what_is_wrong(old, new):
    text = text_of(NAMES["Session"])
    assert old in text
    broken = text.replace(old, new)
    if old == "<Exec>":
        broken = broken.replace("</Exec>", "</Nothing>")

    assert not SCHEMA.is_valid(broken.partition("?>")[2])


@EACH
def test_a_task_is_utf_16_with_a_mark_as_schtasks_reads_it(task):
    assert render_task(task, PYTHON).startswith(b"\xff\xfe<\0")


@EACH
def test_the_same_task_is_the_same_bytes(task):
    assert render_task(task, PYTHON) == render_task(task, PYTHON)


@EACH
def test_a_task_starts_python_isolated_and_without_a_console(task):
    name = task.name

    assert ["C:\\Program Files\\Tipstaff\\python\\pythonw.exe"] == values(
        name, "Actions/Exec/Command"
    )
    (arguments,) = values(name, "Actions/Exec/Arguments")
    assert arguments.startswith('-I -c "from tipstaff_cli')


def test_what_runs_for_every_user_is_of_the_system():
    assert ["S-1-5-18"] == values("Enforce", "Principals/Principal/UserId")
    assert ["HighestAvailable"] == values("Enforce", "Principals/Principal/RunLevel")


@pytest.mark.parametrize("name", ["Session", "Watch"])
def test_what_runs_for_a_user_has_no_more_rights_than_the_user(name):
    assert ["S-1-5-32-545"] == values(name, "Principals/Principal/GroupId")
    assert ["LeastPrivilege"] == values(name, "Principals/Principal/RunLevel")


def test_the_system_runs_every_hour_and_after_a_change_of_policy():
    assert ["PT1H"] == values("Enforce", "Triggers/TimeTrigger/Repetition/Interval")
    (subscription,) = values("Enforce", "Triggers/EventTrigger/Subscription")
    assert "Microsoft-Windows-GroupPolicy/Operational" in subscription
    ET.fromstring(subscription)  # a query is XML inside XML


def test_a_session_runs_at_log_on_and_when_it_is_unlocked():
    assert 1 == len(parsed("Session").findall(f".//{{{NAMESPACE}}}LogonTrigger"))
    assert ["SessionUnlock"] == values("Session", "Triggers/SessionStateChangeTrigger/StateChange")


def test_what_watches_is_never_ended_for_its_age():
    assert ["PT0S"] == values("Watch", "Settings/ExecutionTimeLimit")


def test_a_laptop_on_its_battery_is_enforced_too():
    assert ["false"] == values("Enforce", "Settings/DisallowStartIfOnBatteries")


# by the program of the system, of which this is the one stand-in


class Scheduler:
    """What `schtasks` and `reg` do with the words that they get; nothing has run them here."""

    def __init__(self):
        self.tasks = {}
        self.calls = []
        self.refuses = ()

    def __call__(self, words):
        self.calls.append(words)
        program, verb = words[0].rpartition("\\")[2].rpartition("/")[2], words[1]
        if verb in self.refuses:
            return 1, "ERROR: Access is denied."
        if program == "reg.exe":
            return 0, ""
        name = words[words.index("/TN") + 1]
        if verb == "/Create":
            self.tasks[name] = "<Enabled>true</Enabled>"
        elif name not in self.tasks:
            return 1, "ERROR: The system cannot find the file specified."
        elif verb == "/Delete":
            del self.tasks[name]
        return 0, self.tasks.get(name, "")


@pytest.fixture
def scheduler(monkeypatch):
    fake = Scheduler()
    monkeypatch.setattr(scheduled_tasks, "call", fake)
    monkeypatch.setattr(scheduled_tasks, "program_path", lambda: PROGRAM)
    return fake


def carried_out(steps):
    return [scheduled_tasks.run_program(step.words) for step in steps]


MANAGERS = (Manager((PROGRAM,), "the system"),)


def test_every_task_is_registered_in_its_own_folder(scheduler):
    carried_out(scheduled_tasks.plan_restart(MANAGERS))

    assert {f"\\Tipstaff\\{name}" for name in NAMES} == set(scheduler.tasks)


def test_the_source_of_the_event_log_is_registered_before_a_task_uses_it(scheduler):
    carried_out(scheduled_tasks.plan_restart(MANAGERS))

    verbs = [words[1] for words in scheduler.calls]
    assert ["add", "add", "/Create", "/Create", "/Create"] == verbs


def test_every_task_is_ended_and_deleted(scheduler):
    carried_out(scheduled_tasks.plan_restart(MANAGERS))

    carried_out(scheduled_tasks.plan_stop(MANAGERS))

    assert {} == scheduler.tasks


def test_what_is_not_registered_is_not_deleted(scheduler):
    assert () == scheduled_tasks.plan_stop(MANAGERS)


def test_a_refusal_is_passed_on_in_the_programs_words(scheduler):
    scheduler.refuses = ("/Create",)

    said = carried_out(scheduled_tasks.plan_restart(MANAGERS))

    assert {"", "ERROR: Access is denied."} == set(said)


def test_a_task_that_does_not_run_need_not_be_ended(scheduler):
    scheduler.refuses = ("/End",)

    assert "" == scheduled_tasks.run_program((PROGRAM, "/End", "/TN", "\\Tipstaff\\Watch"))


def test_the_state_is_read_from_the_definition_and_not_from_words_of_a_language(scheduler):
    carried_out(scheduled_tasks.plan_restart(MANAGERS))
    scheduler.tasks["\\Tipstaff\\Watch"] = "<Settings>\n  <Enabled>false</Enabled>"
    del scheduler.tasks["\\Tipstaff\\Session"]

    states = {state.unit: state.enabled for state in scheduled_tasks.read_states()}

    assert {"Enforce": "enabled", "Session": "not registered", "Watch": "disabled"} == states


def test_elsewhere_no_scheduler_is_asked():
    assert ("", None) == (scheduled_tasks.program_path(), scheduled_tasks.read_states())


def test_a_program_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(scheduled_tasks, "LIMIT_S", 0.05)

    assert (-1, "TimeoutExpired") == scheduled_tasks.call(("sleep", "5"))
