"""``tipstaff fleet rejected``: what ingest put into quarantine."""

from typing import Annotated

import typer

from tipstaff_cli.commands.fleet.asking import (
    ASKED_STORE,
    EMBEDDED,
    EngineAddress,
    Limit,
    open_asked,
)
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.answers.rejected import make_rejected
from tipstaff_fleet.answers.report import LIMIT
from tipstaff_reports import json_report
from tipstaff_reports.texts import fleet_diff


def rejected(
    *,
    store: ASKED_STORE = None,
    engine: EngineAddress = EMBEDDED,
    output: Format = "text",
    limit: Limit = LIMIT,
    data: Annotated[
        bool, typer.Option("--data", help="Show the beginning of each document too.")
    ] = False,
) -> None:
    """Show the documents that `tipstaff fleet ingest` could not count, and why.

    They are kept in the store, each once, and never count as a report. What a document holds is
    shown with --data only, because it may be anything.

    Examples: `tipstaff fleet rejected --store fleet` ·
    `tipstaff fleet rejected --store fleet --data --format json`

    Exit codes: 0 there is none, 1 there are some, 2 wrong arguments or no store, 4 the store
    cannot be read.
    """
    with open_asked(store, engine) as opened:
        document = make_rejected(opened, limit=limit, with_data=data)
    text = fleet_diff.render_rejected(document)
    write_out(text if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)
