"""What runs by itself on Windows: tasks of its Task Scheduler, as XML of its schema 1.4.

| task | as | when |
| --- | --- | --- |
| `Enforce` | SYSTEM, a process in each session | at start-up, hourly, after Group Policy |
| `Session` | each user | at log-on, at the end of a lock |
| `Watch` | each user | from log-on on; it sees every change of a file itself |

A task of a group runs as the member who logs on, by the user's own token and without more rights
than that. The Task Scheduler has no trigger for a changed file; the documented ones nearest to it
are the event that ends a refresh of the computer's Group Policy, and `Watch`.

Source: [MS-TSCH] 2.5, <https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema>,
<https://learn.microsoft.com/windows-server/administration/windows-commands/schtasks>.
"""

import os
import sys
from collections.abc import Callable
from xml.etree import ElementTree as ET

from tipstaff_policy.installation.model import File, Manager, Step, UnitState
from tipstaff_policy.installation.system_programs import call_program
from tipstaff_policy.record import Record

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
VERSION = "1.4"
FOLDER = "/ProgramData/Tipstaff/Tasks"
"""The folder of the definitions, which administrators alone can change."""
PATH = "\\Tipstaff\\"
"""The folder of the tasks in the Task Scheduler."""
SYSTEM, USERS = "S-1-5-18", "S-1-5-32-545"
PROGRAM = "from tipstaff_cli.__main__ import run; run()"
BOUNDARY = "2026-01-01T00:00:00"
"""Any moment in the past: a repetition counts from it."""
POLICY_EVENTS = """\
<QueryList><Query Id="0" Path="Microsoft-Windows-GroupPolicy/Operational">\
<Select Path="Microsoft-Windows-GroupPolicy/Operational">\
*[System[(EventID=8000 or EventID=8002 or EventID=8004 or EventID=8006)]]</Select></Query>\
</QueryList>"""
"""The end of a refresh of the computer's policy: at start-up, after a change of the network, by
hand, and at intervals. The odd numbers between them are those of a user's policy."""
LIMIT_S = 60
SCHTASKS, REG = "schtasks.exe", "reg.exe"
EVENT_SOURCE = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\Tipstaff"
MESSAGES = r"%SystemRoot%\System32\EventCreate.exe"
"""The system's own file of messages, of which those of 1 to 1000 are the given text."""
THE_SYSTEM = "the system"


class Task(Record):
    """A task, before it is written as XML."""

    name: str
    description: str
    words: tuple[str, ...]
    """After the name of the program."""
    as_system: bool
    triggers: tuple[str, ...]
    """Names in `TRIGGERS`, in the order of the schema."""
    limit: str = "PT30M"
    """How long it may run; none where it stays."""


TASKS = (
    Task(
        "Enforce",
        "Enforces the sign-in policy of AI coding clients for every user who is signed in.",
        ("enforce", "--all-users"),
        as_system=True,
        triggers=("start-up", "every hour", "policy changed"),
    ),
    Task(
        "Session",
        "Enforces the sign-in policy of AI coding clients for the user who signs in.",
        ("enforce",),
        as_system=False,
        triggers=("log-on", "unlock"),
    ),
    Task(
        "Watch",
        "Enforces the sign-in policy of AI coding clients after every change.",
        ("watch",),
        as_system=False,
        triggers=("log-on",),
        limit="PT0S",
    ),
)


def render_task(task: Task, python: str) -> bytes:
    r"""Return a task for an installation, as UTF-16, which `schtasks` reads.

    Args:
        python: The interpreter as Windows writes its path.
    """
    root = ET.Element("Task", {"version": VERSION, "xmlns": NAMESPACE})
    information = ET.SubElement(root, "RegistrationInfo")
    _add_text(information, "URI", f"{PATH}{task.name}")
    _add_text(information, "Author", "Tipstaff")
    _add_text(information, "Description", task.description)
    triggers = ET.SubElement(root, "Triggers")
    for name in task.triggers:
        TRIGGERS[name](triggers)
    _add_settings(ET.SubElement(root, "Settings"), task)
    _add_principal(ET.SubElement(root, "Principals"), task)
    _add_action(ET.SubElement(root, "Actions", {"Context": "Runner"}), task, python)
    ET.indent(root)
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(root, "unicode") + "\n"
    return "\ufeff".encode("utf-16-le") + text.replace("\n", "\r\n").encode("utf-16-le")


def task_files(python: str) -> tuple[File, ...]:
    """Return every definition.

    Args:
        python: As an image has it, without a drive.
    """
    named = python.replace("/", "\\")
    named = named if ":" in named else f"{system_drive()}{named}"
    return tuple(File(place_of(task), render_task(task, named)) for task in TASKS)


def place_of(task: Task) -> str:
    """Return the path of a definition."""
    return f"{FOLDER}/{task.name}.xml"


def _add_boot(triggers: ET.Element) -> None:
    made = ET.SubElement(triggers, "BootTrigger")
    _add_text(made, "Delay", "PT1M")


def _add_hourly(triggers: ET.Element) -> None:
    made = ET.SubElement(triggers, "TimeTrigger")
    _add_text(made, "StartBoundary", BOUNDARY)
    _add_text(ET.SubElement(made, "Repetition"), "Interval", "PT1H")
    _add_text(made, "RandomDelay", "PT10M")


def _add_policy(triggers: ET.Element) -> None:
    made = ET.SubElement(triggers, "EventTrigger")
    _add_text(made, "Subscription", POLICY_EVENTS)
    _add_text(made, "Delay", "PT10S")


def _add_logon(triggers: ET.Element) -> None:
    ET.SubElement(triggers, "LogonTrigger")  # without a user: of every member of the group


def _add_unlock(triggers: ET.Element) -> None:
    made = ET.SubElement(triggers, "SessionStateChangeTrigger")
    _add_text(made, "StateChange", "SessionUnlock")


TRIGGERS: dict[str, Callable[[ET.Element], None]] = {
    "start-up": _add_boot,
    "every hour": _add_hourly,
    "policy changed": _add_policy,
    "log-on": _add_logon,
    "unlock": _add_unlock,
}


def _add_settings(settings: ET.Element, task: Task) -> None:
    """Add how it runs: on batteries too, later if it was missed, one for each user at a time."""
    if not task.as_system:
        restart = ET.SubElement(settings, "RestartOnFailure")
        _add_text(restart, "Interval", "PT5M")
        _add_text(restart, "Count", "3")
    _add_text(settings, "MultipleInstancesPolicy", "IgnoreNew" if task.as_system else "Parallel")
    _add_text(settings, "DisallowStartIfOnBatteries", "false")
    _add_text(settings, "StopIfGoingOnBatteries", "false")
    _add_text(settings, "StartWhenAvailable", "true")
    _add_text(settings, "ExecutionTimeLimit", task.limit)
    _add_text(settings, "Priority", "7")


def _add_principal(principals: ET.Element, task: Task) -> None:
    principal = ET.SubElement(principals, "Principal", {"id": "Runner"})
    if task.as_system:
        _add_text(principal, "UserId", SYSTEM)
        _add_text(principal, "RunLevel", "HighestAvailable")
    else:
        _add_text(principal, "GroupId", USERS)
        _add_text(principal, "RunLevel", "LeastPrivilege")


def _add_action(actions: ET.Element, task: Task, python: str) -> None:
    run = ET.SubElement(actions, "Exec")
    folder, _, name = python.rpartition("\\")
    # Without a console, which would open in front of the user.
    _add_text(run, "Command", f"{folder}\\{name.replace('python.exe', 'pythonw.exe')}")
    _add_text(run, "Arguments", f'-I -c "{PROGRAM}" {" ".join(task.words)}')
    _add_text(run, "WorkingDirectory", folder)


def _add_text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def has_scheduler(root: str | None) -> bool:
    """Return whether the host of a tree, or this one, can run tasks; every Windows can."""
    return root is not None or sys.platform == "win32"


def read_managers() -> tuple[Manager, ...]:
    """Return the Task Scheduler of this Windows, by the absolute path of its program."""
    program = program_path()
    return (Manager((program,), THE_SYSTEM),) if program else ()


def program_path() -> str:
    """Return the path of `schtasks.exe` in the system's own folder; nothing elsewhere."""
    if sys.platform == "win32":
        from tipstaff_policy.errors import EvaluationError  # noqa: PLC0415 - there only
        from tipstaff_policy.system.windows.known_folders import (  # noqa: PLC0415 - as above
            find_known_folder,
        )

        try:
            place = os.path.join(find_known_folder("System"), SCHTASKS)
        except EvaluationError:
            return ""
        return place if os.path.isfile(place) else ""
    return ""


def plan_restart(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return the steps by which the definitions become tasks, in the place of older ones.

    The source of the event log comes first: what a task does is recorded under it.
    """
    return (
        *(step for manager in managers for step in _register_source(manager)),
        *(
            _step(
                manager, "/Create", "/TN", f"{PATH}{task.name}", "/XML", live(place_of(task)), "/F"
            )
            for manager in managers
            for task in TASKS
        ),
    )


def _register_source(manager: Manager) -> tuple[Step, ...]:
    values = (
        ("EventMessageFile", "REG_EXPAND_SZ", MESSAGES),
        ("TypesSupported", "REG_DWORD", "7"),
    )
    return tuple(
        _step(
            _registry(manager), "add", EVENT_SOURCE,
            "/v", name, "/t", kind, "/d", data, "/f", "/reg:64",
        )
        for name, kind, data in values
    )  # fmt: skip


def _registry(manager: Manager) -> Manager:
    """Return the registry's program, which is in the same folder."""
    return manager._replace(words=(os.path.join(os.path.dirname(manager.words[0]), REG),))


def plan_stop(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return how every task is ended and taken away.

    The source of the event log stays: without it the records of the past have no text.
    """
    return tuple(
        step
        for manager in managers
        for task in TASKS
        if _ask(manager, "/Query", "/TN", f"{PATH}{task.name}")[0] == 0
        for step in (
            _step(manager, "/End", "/TN", f"{PATH}{task.name}"),
            _step(manager, "/Delete", "/TN", f"{PATH}{task.name}", "/F"),
        )
    )


def plan_reload(_managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return nothing: a task that was deleted is forgotten."""
    return ()


def run_program(words: tuple[str, ...]) -> str:
    """Run `schtasks` or `reg`; return why it failed, or nothing."""
    code, said = call(words)
    if code == 0 or "/End" in words:  # what does not run need not be ended
        return ""
    return said or f"exit code {code}"


def read_states() -> tuple[UnitState, ...] | None:
    """Return what the Task Scheduler says of every task; None where it cannot be asked."""
    return tuple(_state_of(manager, task) for manager in read_managers() for task in TASKS) or None


def _state_of(manager: Manager, task: Task) -> UnitState:
    """Return the state by the definition, whose words are the same in every language."""
    code, said = _ask(manager, "/Query", "/TN", f"{PATH}{task.name}", "/XML")
    if code != 0:
        return UnitState(manager.whose, task.name, "not registered", "not registered")
    disabled = "<Enabled>false</Enabled>" in said.replace(" ", "")
    return UnitState(manager.whose, task.name, "disabled" if disabled else "enabled", "active")


def _step(manager: Manager, *words: str) -> Step:
    return Step("run", " ".join(words), f"for {manager.whose}", words=(*manager.words, *words))


def _ask(manager: Manager, *words: str) -> tuple[int, str]:
    return call((*manager.words, *words))


def call(words: tuple[str, ...]) -> tuple[int, str]:
    """Run a program of the system within the time limit; return how it ended, what it said.

    Tests put one fake in its place.
    """
    return call_program(words, LIMIT_S)


def system_drive() -> str:
    """Return the drive of this Windows; of a tree the usual one."""
    if sys.platform == "win32":
        from tipstaff_policy.system.windows.known_folders import find_known_folder  # noqa: PLC0415

        return find_known_folder("Windows")[:2]
    return "C:"


def live(path: str) -> str:
    """Return a path of an image as this Windows writes it."""
    if sys.platform == "win32":
        from tipstaff_policy.system.windows.known_folders import live_path  # noqa: PLC0415

        path = live_path(path)
    return path.replace("/", "\\")
