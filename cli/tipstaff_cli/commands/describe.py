"""``tipstaff schema`` and ``tipstaff checks``: the program describes itself."""

import json
from typing import Annotated

import typer

from tipstaff_cli.shared.output import write_out
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.advice import CheckAdvice
from tipstaff_reports.texts import checks as text
from tipstaff_schemas.export import DOCUMENTS, read_shipped_schema
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
    write_out(read_shipped_schema(name))


@checks.command("list")
def list_checks() -> None:
    """List the checks, one per line.

    Example: `tipstaff checks list`

    Exit codes: 0 printed, 2 wrong usage.
    """
    write_out(text.render_list(load_check(check_id)[0] for check_id in MODULES))


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
    controls, own = text.controls_of(check.id), _in_own_words(check.id)
    if as_object:
        named = [control._asdict() for control in controls]
        more = {"clients": own, "controls": named}
        write_out(json.dumps(as_json(check) | more, indent=2) + "\n")
        return
    write_out(text.render_check(check, own, controls))


def _in_own_words(check_id: str) -> dict[str, dict[str, str]]:
    """Return the client-specific texts of a check."""
    found = {}
    for client in CLIENTS:
        advice = load_client(client).advice().get(check_id, CheckAdvice())
        texts = {name: text for name, text in advice._asdict().items() if text}
        if texts:
            found[client] = texts
    return found
