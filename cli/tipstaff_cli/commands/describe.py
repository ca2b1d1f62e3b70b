"""``tipstaff schema`` and ``tipstaff checks``: what the program says of itself."""

import json
from typing import Annotated

import typer

from tipstaff_cli.shared.output import write_out
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.clients import CLIENTS, load_client
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.advice import CheckAdvice
from tipstaff_reports.texts import checks as text
from tipstaff_schemas.export import DOCUMENTS, shipped_schema
from tipstaff_schemas.values import as_json

checks = typer.Typer(no_args_is_help=True, help="The checks that there are.")


def schema(
    name: Annotated[str, typer.Argument(help=" or ".join(DOCUMENTS), metavar="NAME")],
) -> None:
    """Print the JSON Schema of a document: `tipstaff schema report`."""
    if name not in DOCUMENTS:
        raise UsageError(f"no document is called {name!r}", expected=", ".join(DOCUMENTS))
    write_out(shipped_schema(name))


@checks.command("list")
def list_checks() -> None:
    """Print a line a check."""
    write_out(text.render_list(load_check(check_id)[0] for check_id in MODULES))


@checks.command("show")
def show_check(
    check_id: Annotated[str, typer.Argument(metavar="ID")],
    *,
    as_object: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print what a check looks for, why, and what to do: `tipstaff checks show TIP101`."""
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
    """Return what a check says of each client in that client's own words, where they differ."""
    found = {}
    for client in CLIENTS:
        advice = load_client(client).advice().get(check_id, CheckAdvice())
        texts = {name: text for name, text in advice._asdict().items() if text}
        if texts:
            found[client] = texts
    return found
