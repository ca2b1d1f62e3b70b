"""``tipstaff client …``: the clients found here, and what an upgrade would change."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.commands import knowledge
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_cli.shared.state_options import judging, judging_each
from tipstaff_policy import __version__
from tipstaff_policy.assessment.upgrade import (
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
from tipstaff_reports import json_report
from tipstaff_reports.texts import clients as text
from tipstaff_schemas.clients import ClientsCompared, ClientsListed, HostDecided
from tipstaff_schemas.report import Tool
from tipstaff_schemas.values import state_from_json

app = typer.Typer(no_args_is_help=True, help="List client programs, and compare versions.")
app.add_typer(knowledge.app, name="knowledge")


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
def diff(  # noqa: PLR0913 - one argument an option
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
    adapter: Adapter,
    request: Request,
) -> None:
    """Show which verdicts an upgrade of the client would change.

    Examples: `tipstaff client diff 0.146.0 0.169.0` ·
    `tipstaff client diff 0.160.0 /opt/new/bin/CLIENT --report host1.json --report host2.json`

    Exit codes: 0 nothing changes, 1 a verdict changes, 4 a report cannot be read.
    """
    versions = [read_version(adapter, request, named) for named in (old, new)]
    hosts = (
        [compare_state(adapter, str(path), _state_of(path), versions) for path in report]
        if report
        else [compare_here(adapter, request, versions)]
    )
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


def _state_of(path: Path) -> HostState:
    try:
        return state_from_json(json.loads(path.read_text("utf-8"))["state"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(
            f"cannot be read as a report: {type(error).__name__}",
            where=str(path),
            expected="the output of `tipstaff audit --format json`",
        ) from error
