"""``tipstaff schema`` and ``tipstaff checks``: the program describes itself."""

import json
from typing import Annotated, NamedTuple

import typer

from tipstaff_cli.shared.output import write_out
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.checks.model import Check
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.advice import CheckAdvice
from tipstaff_reports.frameworks import MODULES as FRAMEWORKS
from tipstaff_reports.frameworks import load_framework
from tipstaff_schemas.export import DOCUMENTS, shipped_schema
from tipstaff_schemas.values import as_json

checks = typer.Typer(no_args_is_help=True, help="List and explain the checks.")


def schema(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(DOCUMENTS)}.", metavar="NAME")],
) -> None:
    """Print the JSON Schema of a document.

    Example: `tipstaff schema report`

    Exit codes: 0 printed, 2 unknown name.
    """
    if name not in DOCUMENTS:
        raise UsageError(f"no document is called {name!r}", expected=", ".join(DOCUMENTS))
    write_out(shipped_schema(name))


@checks.command("list")
def list_checks() -> None:
    """List the checks, one per line.

    Example: `tipstaff checks list`

    Exit codes: 0 printed, 2 wrong usage.
    """
    for check_id in MODULES:
        check, _ = load_check(check_id)
        traits = [name for name, holds in _traits(check) if holds]
        more = f" ({', '.join(traits)})" if traits else ""
        write_out(f"{check.id}  {check.severity:<8}  {check.title}{more}\n")


@checks.command("show")
def show_check(
    check_id: Annotated[str, typer.Argument(metavar="ID", help="Check, such as TIP101.")],
    *,
    as_object: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a check: what it looks for, why, and what to do.

    Examples: `tipstaff checks show TIP101` · `tipstaff checks show TIP101 --json`

    Exit codes: 0 printed, 2 unknown check.
    """
    if check_id.upper() not in MODULES:
        raise UsageError(f"no check is called {check_id!r}", expected=", ".join(MODULES))
    check, _ = load_check(check_id.upper())
    controls, own = _controls(check.id), _in_own_words(check.id)
    if as_object:
        named = [control._asdict() for control in controls]
        more = {"clients": own, "controls": named}
        write_out(json.dumps(as_json(check) | more, indent=2) + "\n")
        return
    for name, value in as_json(check).items():
        shown = {True: "yes", False: "no"}.get(value, value)
        write_out(f"{name.replace('_', ' ')}: {shown}\n")
    for client, texts in own.items():
        for name, text in texts.items():
            write_out(f"for {client}, {name.replace('_', ' ')}: {text}\n")
    for control in controls:
        write_out(
            f"evidence for: {control.framework} {control.control} {control.title}: {control.why}\n"
        )


class Evidenced(NamedTuple):
    """A control that a check gives evidence for."""

    framework: str
    control: str
    title: str
    why: str


def _controls(check_id: str) -> tuple[Evidenced, ...]:
    return tuple(
        Evidenced(name, control.id, control.title, why)
        for name in FRAMEWORKS
        for control, why in load_framework(name).of_check(check_id)
    )


def _in_own_words(check_id: str) -> dict[str, dict[str, str]]:
    """Return the client-specific texts of a check."""
    found = {}
    for client in CLIENTS:
        advice = load_client(client).advice().get(check_id, CheckAdvice())
        texts = {name: text for name, text in advice._asdict().items() if text}
        if texts:
            found[client] = texts
    return found


def _traits(check: Check) -> tuple[tuple[str, bool], ...]:
    """Return the special properties of a check, and whether it has them."""
    return (
        ("logs out", check.logs_out),
        ("not waivable", not check.waivable),
        ("reads policy", check.reads_policy),
    )
