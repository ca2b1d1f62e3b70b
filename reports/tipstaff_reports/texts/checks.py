"""The checks as text: a line each, or the full description of one."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tipstaff_policy.checks.model import Check
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_reports.frameworks import load_framework
from tipstaff_schemas.values import as_json


class Evidenced(NamedTuple):
    """A control that a check gives evidence for."""

    framework: str
    control: str
    title: str
    why: str


def controls_of(check_id: str) -> tuple[Evidenced, ...]:
    """Return every control that a check gives evidence for, by framework."""
    return tuple(
        Evidenced(name, control.id, control.title, why)
        for name in FRAMEWORKS
        for control, why in load_framework(name).of_check(check_id)
    )


def render_list(checks: Iterable[Check]) -> str:
    """Return a line for each check."""
    return "".join(f"{_line(check)}\n" for check in checks)


def _line(check: Check) -> str:
    traits = (
        ("logs out", check.logs_out),
        ("not waivable", not check.waivable),
        ("reads policy", check.reads_policy),
    )
    special = [name for name, holds in traits if holds]
    more = f" ({', '.join(special)})" if special else ""
    return f"{check.id}  {check.severity:<8}  {check.title}{more}"


def render_check(
    check: Check, of_clients: Mapping[str, Mapping[str, str]], controls: Iterable[Evidenced]
) -> str:
    """Return the description of a check, its text for each client, and its controls."""
    lines = [
        f"{name.replace('_', ' ')}: { {True: 'yes', False: 'no'}.get(value, value) }"
        for name, value in as_json(check).items()
    ]
    lines += [
        f"for {client}, {name.replace('_', ' ')}: {text}"
        for client, texts in of_clients.items()
        for name, text in texts.items()
    ]
    lines += [
        f"evidence for: {control.framework} {control.control} {control.title}: {control.why}"
        for control in controls
    ]
    return "".join(f"{line}\n" for line in lines)
