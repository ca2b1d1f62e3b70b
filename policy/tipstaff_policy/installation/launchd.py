"""The services of a Mac: property lists for launchd, and launchctl, which loads them.

Daemons run as root and see no keychain of a user. The agent runs in every session with a screen,
which is where a login keychain is open (docs/macos.md). No Mac is among the machines on which this
runs in tests: the lists are read back, and launchctl is a fake that answers as documented.

Source: launchd.plist(5), launchctl(1), newsyslog.conf(5) of macOS 14.
"""

import os
import plistlib
import time
from typing import Any

from tipstaff_policy.installation.model import File, Manager, Step, UnitState
from tipstaff_policy.installation.system_programs import call_program
from tipstaff_policy.record import Record
from tipstaff_policy.system.owners.loose_places import loose_places

DAEMONS, AGENTS = "/Library/LaunchDaemons", "/Library/LaunchAgents"
LOGS = "/var/log/tipstaff"
"""Not below ``/Library/Logs``: where the group of a Mac's administrators may write there, without
being asked for a password, a report log is refused."""
REPORT_LOG = f"{LOGS}/reports.ndjson"
ROTATION = "/etc/newsyslog.d/tipstaff.conf"
LAUNCHCTL = "/bin/launchctl"
LIMIT_S = 60.0
RETRY_S, PAUSE_S = 10.0, 0.5
"""How long a list is offered again that launchd refuses because the old one still ends."""
STILL_ENDS = (5, 37)
"""EIO and EALREADY: what `bootstrap` answers then."""
SYSTEM = "the system"
FIRST_PERSON = 501
"""The uid of the first account that a Mac gives to a person."""
QUARTERS = (7, 22, 37, 52)
"""Minutes of the hour. Calendar times, because launchd makes up for those that it slept through."""
NOON = {"Hour": 12, "Minute": 10}
PRIVATE = 0o077


class Job(Record):
    """A service of launchd."""

    label: str
    words: tuple[str, ...]
    """After the name of the program."""
    keys: tuple[tuple[str, Any], ...]
    agent: bool = False
    stays: bool = False
    """Whether it is to run all the time, and not at times."""

    @property
    def place(self) -> str:
        """Return the path of its property list."""
        return f"{AGENTS if self.agent else DAEMONS}/{self.label}.plist"


ENFORCE = Job(
    "tipstaff.enforce",
    ("enforce", "--all-users", "--report-log", REPORT_LOG),
    (
        ("RunAtLoad", True),
        ("StartCalendarInterval", [{"Minute": minute} for minute in QUARTERS]),
        ("StandardErrorPath", f"{LOGS}/enforce.log"),
    ),
)
AUDIT = Job(
    "tipstaff.audit",
    ("audit", "--all-users", "--report-log", REPORT_LOG, "--format", "json"),
    (("StartCalendarInterval", NOON), ("StandardErrorPath", f"{LOGS}/audit.log")),
)
WATCH = Job(
    "tipstaff.watch",
    ("watch",),
    (
        ("RunAtLoad", True),
        ("KeepAlive", True),
        ("ThrottleInterval", 10),
        # Without a screen a login keychain is locked, and the daemon judges the files there.
        ("LimitLoadToSessionType", "Aqua"),
    ),
    agent=True,
    stays=True,
)
JOBS = (ENFORCE, AUDIT, WATCH)
ROTATED = f"""\
# logfilename\t[owner:group]\tmode\tcount\tsize\twhen\tflags
{LOGS}/enforce.log\troot:wheel\t600\t3\t1024\t*\tN
{LOGS}/audit.log\troot:wheel\t600\t3\t1024\t*\tN
"""


def render_job(job: Job, python: str) -> bytes:
    """Return a property list for an installation, the same bytes every time."""
    program = f"{os.path.dirname(python)}/tipstaff"
    keys = {
        "Label": job.label,
        "ProgramArguments": [python, "-I", program, *job.words],
        "ProcessType": "Background",
        "Nice": 10,
        "LowPriorityIO": True,
        "Umask": PRIVATE,
        "WorkingDirectory": "/",
        **dict(job.keys),
    }
    return plistlib.dumps(keys, sort_keys=True)


def service_files(python: str) -> tuple[File, ...]:
    """Return every property list, and how the logs of the daemons are rotated."""
    lists = [File(job.place, render_job(job, python)) for job in JOBS]
    return (*lists, File(ROTATION, ROTATED.encode()))


def read_managers() -> tuple[Manager, ...]:
    """Return the domains of launchd that the caller may change; none where it cannot be asked.

    For root the system's, and the session of every person who is logged in at a screen; for
    others their own session.
    """
    if not os.path.exists(LAUNCHCTL) or loose_places(LAUNCHCTL, None, "macos"):
        return ()
    if os.geteuid() != 0:
        mine = os.getuid()
        return (Manager((LAUNCHCTL, f"gui/{mine}"), "you"),) if _answers(f"gui/{mine}") else ()
    import pwd  # noqa: PLC0415 - there is none on Windows

    people = {
        account.pw_uid: account.pw_name
        for account in pwd.getpwall()
        if account.pw_uid >= FIRST_PERSON
    }
    sessions = [
        Manager((LAUNCHCTL, f"gui/{uid}"), people[uid])
        for uid in sorted(people)
        if _answers(f"gui/{uid}")
    ]
    return (Manager((LAUNCHCTL, "system"), SYSTEM), *sessions)


def plan_restart(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return the steps by which every domain forgets the old lists and starts the new ones."""
    return tuple(
        step
        for manager in managers
        for job in _jobs_of(manager)
        for step in (
            *_plan_end(manager, job),
            _step(manager, "bootstrap", manager.words[1], job.place),
        )
    )


def plan_stop(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return how every domain ends and forgets what was started."""
    services = [(manager, job) for manager in managers for job in _jobs_of(manager)]
    return tuple(step for manager, job in services for step in _plan_end(manager, job))


def plan_reload(_managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return nothing: launchd forgets a list when it is booted out."""
    return ()


def _jobs_of(manager: Manager) -> list[Job]:
    agents = manager.whose != SYSTEM
    return [job for job in JOBS if job.agent == agents]


def _plan_end(manager: Manager, job: Job) -> tuple[Step, ...]:
    target = f"{manager.words[1]}/{job.label}"
    return (_step(manager, "bootout", target),) if _answers(target) else ()


def _step(manager: Manager, *words: str) -> Step:
    return Step("run", " ".join(words), f"for {manager.whose}", words=(manager.words[0], *words))


def run_launchctl(words: tuple[str, ...]) -> str:
    """Run launchctl; return why it failed, or nothing."""
    until = time.monotonic() + RETRY_S
    while True:
        code, output = _call(words)
        if code == 0:
            return ""
        if words[1] != "bootstrap" or code not in STILL_ENDS or time.monotonic() > until:
            return output or f"exit code {code}"
        time.sleep(PAUSE_S)


def read_states() -> tuple[UnitState, ...] | None:
    """Return what each domain says of its services; None where none can be asked."""
    return (
        tuple(_state_of(manager, job) for manager in read_managers() for job in _jobs_of(manager))
        or None
    )


def _state_of(manager: Manager, job: Job) -> UnitState:
    domain = manager.words[1]
    code, disabled = _ask("print-disabled", domain)
    off = code == 0 and any(
        f'"{job.label}"' in line and line.rstrip().endswith(("disabled", "true"))
        for line in disabled.splitlines()
    )
    return UnitState(
        manager.whose, job.label, "disabled" if off else "enabled", _activity(domain, job)
    )


def _activity(domain: str, job: Job) -> str:
    """Return ``active`` for a service that is loaded, and runs if it always should.

    What `print` says is for people and may change, so that only a clear answer counts against it.
    """
    code, output = _ask("print", f"{domain}/{job.label}")
    if code != 0:
        return "not loaded"
    lines = [line.strip() for line in output.splitlines()]
    return "not running" if job.stays and "state = not running" in lines else "active"


def _answers(target: str) -> bool:
    return _ask("print", target)[0] == 0


def _ask(*words: str) -> tuple[int, str]:
    return _call((LAUNCHCTL, *words))


def _call(words: tuple[str, ...]) -> tuple[int, str]:
    """Run launchctl within the time limit; return how it ended, and what it said."""
    return call_program(words, LIMIT_S)
