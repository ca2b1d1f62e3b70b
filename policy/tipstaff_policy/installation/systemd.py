"""Query systemd, and make it reload changed units."""

import os
import subprocess
import sys

from tipstaff_policy.installation.model import Manager, Step, UnitState
from tipstaff_policy.installation.units import TIMERS, WATCH, WATCH_OF_NAMED
from tipstaff_policy.system.owners.loose_places import loose_places

if sys.platform != "win32":
    import pwd

SYSTEM = "the system"
PROGRAMS = ("/usr/bin/systemctl", "/bin/systemctl")
RUNNING = "/run/systemd/system"
"""Exists exactly where systemd is the system's first process (sd_booted(3))."""
INSTALLED = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
LIMIT_S = 60


def has_systemd(root: str | None) -> bool:
    """Return whether a host can use units at all."""
    return any(os.path.exists(f"{root or ''}{path}") for path in (*INSTALLED, RUNNING))


def read_managers() -> tuple[Manager, ...]:
    """Return the managers that run now and that the caller may ask; none without systemd.

    For root the system's and that of every user who is logged in, for others the system's and
    their own.
    """
    program = next(
        (known_program for known_program in PROGRAMS if os.path.exists(known_program)), None
    )
    if program is None or not os.path.isdir(RUNNING) or loose_places(program):
        return ()
    system = Manager((program,), SYSTEM)
    if os.geteuid() != 0:
        return (system, Manager((program, "--user"), "you"))
    listed = ask(
        system, "list-units", "--type=service", "--state=active", "--plain", "--no-legend",
        "user@*.service",
    )  # fmt: skip
    users = [line.split()[0].partition("@")[2].partition(".")[0] for line in listed.splitlines()]
    named = [pwd.getpwuid(int(user)).pw_name for user in users if user.isdecimal()]
    found = [Manager((program, "--user", f"--machine={user}@.host"), user) for user in named]
    return (system, *found)


def ask(manager: Manager, *words: str) -> str:
    """Return what systemctl answers; nothing where it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - an absolute path that root alone can change
            [*manager.words, *words],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def run_systemctl(words: tuple[str, ...]) -> str:
    """Run systemctl; return why it failed, or nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - as above
            words, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIMIT_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    return "" if done.returncode == 0 else done.stderr.strip() or f"exit code {done.returncode}"


def plan_restart(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return the steps by which every manager reloads and restarts what was written."""
    return tuple(
        _step(manager, *words)
        for manager in managers
        for words in (
            ("daemon-reload",),
            ("restart", *_list_started(manager)),
            *([("try-restart", WATCH_OF_NAMED)] if manager.whose == SYSTEM else []),
        )
    )


def plan_stop(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return how every manager stops what was started; before its units are taken away."""
    return tuple(
        _step(
            manager,
            "stop",
            *_list_started(manager),
            *([WATCH_OF_NAMED] if manager.whose == SYSTEM else []),
        )
        for manager in managers
    )


def _list_started(manager: Manager) -> tuple[str, ...]:
    """Return the units of a manager that are started by themselves."""
    return TIMERS if manager.whose == SYSTEM else (WATCH,)


def plan_reload(managers: tuple[Manager, ...]) -> tuple[Step, ...]:
    """Return how every manager forgets units that are gone."""
    return tuple(_step(manager, "daemon-reload") for manager in managers)


def read_units() -> tuple[UnitState, ...] | None:
    """Return what the managers say of what was started; None where none can be asked."""
    asked = [(manager, unit) for manager in read_managers() for unit in _list_started(manager)]
    return (
        tuple(
            UnitState(
                manager.whose,
                unit,
                ask(manager, "is-enabled", unit),
                ask(manager, "is-active", unit),
            )
            for manager, unit in asked
        )
        or None
    )


def _step(manager: Manager, *words: str) -> Step:
    return Step("run", " ".join(words), f"for {manager.whose}", words=(*manager.words, *words))
