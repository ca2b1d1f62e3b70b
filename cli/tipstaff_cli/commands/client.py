"""``tipstaff client …``: the clients found here, and what an upgrade would change."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import judging, judging_each, only_target
from tipstaff_cli.shared.targets import Target
from tipstaff_policy import __version__
from tipstaff_policy.assessment.upgrade import (
    choose_by_reports,
    compare_here,
    compare_state,
    list_installed,
    read_version,
    upgrade_exit,
)
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.system.streams import say
from tipstaff_reports import json_report
from tipstaff_reports.texts import clients as text
from tipstaff_schemas.clients import ClientsCompared, ClientsListed, HostDecided
from tipstaff_schemas.report import Tool
from tipstaff_schemas.values import state_from_json

app = typer.Typer(no_args_is_help=True, help="List client programs, and compare versions.")


@app.command("list")
@judging_each
def list_clients(*, output: Format = "text", adapter: Adapter, request: Request) -> None:
    """List the client programs on this host, their versions, and who can change them.

    It runs no client. A version is `doubted` if the user could have changed it.

    Example: `tipstaff client list --format json`

    Exit codes: 0 listed, 2 wrong usage.
    """
    document = ClientsListed(
        tool=Tool(version=__version__),
        client=adapter.name,
        installations=list(list_installed(adapter, request)),
        proven=list(adapter.versions.proven),
    )
    as_text = output == "text"
    write_out(text.render_listed(document) if as_text else json_report.render(document))


@app.command()
@judging
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Version or client program.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Version or client program.")],
    *,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="JSON report of a host (repeatable); default: this host."
        ),
    ] = None,
    output: Format = "text",
    targets: tuple[Target, ...],
) -> None:
    """Show which verdicts an upgrade of the client would change.

    With reports it takes their client, if all are of one; else it needs --client, and leaves the
    reports of other clients out.

    Examples: `tipstaff client diff 0.146.0 0.169.0` ·
    `tipstaff client diff 0.160.0 /opt/new/bin/CLIENT --report host1.json --report host2.json`

    Exit codes: 0 nothing changes, 1 a verdict changes, 4 a report cannot be read.
    """
    states = [state for path in report or () for state in _states_of(path)]
    adapter, request = _choose(targets, [state.client.name for _, state in states])
    versions = [read_version(adapter, request, named) for named in (old, new)]
    hosts = [
        compare_state(adapter, host, state, versions)
        for host, state in states
        if state.client.name == adapter.name
    ]
    for host, state in states:
        if state.client.name != adapter.name:
            say(f"tipstaff: {host}: a report of {state.client.name} is left out")
    hosts = hosts if states else [compare_here(adapter, request, versions)]
    document = ClientsCompared(
        tool=Tool(version=__version__),
        client=adapter.name,
        versions=versions,
        hosts=[
            HostDecided(host=host.host, changes=host.changes, old=host.old, new=host.new)
            for host in hosts
        ],
        exit_code=upgrade_exit(hosts),
    )
    as_text = output == "text"
    write_out(text.render_compared(document) if as_text else json_report.render(document))
    raise typer.Exit(document.exit_code)


def _choose(targets: tuple[Target, ...], clients: list[str]) -> Target:
    """Return the client of the reports; without reports, the only one that the host has.

    Raises:
        UsageError: Several could be meant.
    """
    if not clients:
        return only_target(targets)
    name = choose_by_reports(clients, [target.adapter.name for target in targets])
    return next(target for target in targets if target.adapter.name == name)


def _states_of(path: Path) -> list[tuple[str, HostState]]:
    """Return what each report of a file was decided on, with what to call it."""
    try:
        document = json.loads(path.read_text("utf-8"))
        states = [state_from_json(report["state"]) for report in _reports_in(document)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(
            f"cannot be read as a report: {type(error).__name__}",
            where=str(path),
            expected="the output of `tipstaff audit --format json`",
        ) from error
    return [(_name(path, state, alone=len(states) == 1), state) for state in states]


def _reports_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the reports of a document: itself, or those of each client of a host."""
    if "reports" not in document:
        return [document]
    found: list[dict[str, Any]] = document["reports"]
    if not found:
        raise KeyError("reports")
    return found


def _name(path: Path, state: HostState, *, alone: bool) -> str:
    return str(path) if alone else f"{path}, {state.client.name} in {state.home}"
