"""The units of systemd: templates next to this package, completed with the interpreter's path."""

import os

from tipstaff_policy.installation.model import File
from tipstaff_policy.record import Record

TEMPLATES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "units")
VENDOR = "/usr/local/lib/systemd"
"""Ours to write; what administrators change stands in drop-ins below /etc/systemd."""
LOCAL = "/etc/systemd"
INTERPRETER, PROGRAMS = "@PYTHON@", "@BIN@"
"""The placeholders for Python and for its folder, which also contains ``tipstaff``."""


class Unit(Record):
    """A unit of the system, or of every user."""

    scope: str
    name: str
    wanted_by: str = ""
    """Empty where another unit starts it, or administrators do for the users they name."""


TIMER = "tipstaff-enforce.timer"
AUDIT_TIMER = "tipstaff-audit.timer"
TIMERS = (TIMER, AUDIT_TIMER)
WATCH = "tipstaff-watch.service"
WATCH_OF_NAMED = "tipstaff-watch@*.service"
"""As systemctl takes it for all of them that run."""
UNITS = (
    Unit("system", "tipstaff-enforce.service"),
    Unit("system", TIMER, "timers.target"),
    Unit("system", "tipstaff-audit.service"),
    Unit("system", AUDIT_TIMER, "timers.target"),
    Unit("system", "tipstaff-watch@.service"),
    Unit("user", WATCH, "default.target"),
)


def render_unit(unit: Unit, python: str) -> str:
    """Return a unit's text for an installation."""
    with open(os.path.join(TEMPLATES, unit.scope, unit.name), encoding="utf-8") as file:
        text = file.read().replace(INTERPRETER, python)
    return text.replace(PROGRAMS, os.path.dirname(python))


def unit_files(python: str) -> tuple[File, ...]:
    """Return every unit, and the links that enable them."""
    made: list[File] = []
    for unit in UNITS:
        path = f"{VENDOR}/{unit.scope}/{unit.name}"
        made.append(File(path, render_unit(unit, python).encode()))
        if unit.wanted_by:
            enabling = f"{LOCAL}/{unit.scope}/{unit.wanted_by}.wants/{unit.name}"
            made.append(File(enabling, link=path))
    return tuple(made)
