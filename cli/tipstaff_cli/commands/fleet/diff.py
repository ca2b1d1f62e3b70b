"""``tipstaff fleet diff``: what became of the hosts between two moments."""

from typing import Annotated

import typer

from tipstaff_cli.commands.fleet.asking import (
    ASKED_STORE,
    EMBEDDED,
    GONE_AFTER,
    SILENT_AFTER,
    EngineAddress,
    GoneAfter,
    Limit,
    Memory,
    SilentAfter,
    Since,
    open_asked,
    read_moments,
)
from tipstaff_cli.shared.options import Format
from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.answers.diff import make_diff
from tipstaff_fleet.answers.report import LIMIT
from tipstaff_reports import json_report
from tipstaff_reports.texts import fleet_diff

NAMES = 20
"""Hosts that an entry names at most."""


def diff(  # noqa: PLR0913 - one argument an option
    *,
    store: ASKED_STORE = None,
    engine: EngineAddress = EMBEDDED,
    since: Since = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The later moment; default: now.")
    ] = None,
    silent_after: SilentAfter = SILENT_AFTER,
    gone_after: GoneAfter = GONE_AFTER,
    output: Format = "text",
    limit: Limit = LIMIT,
    memory: Memory = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show as text every entry, name and check.")
    ] = False,
) -> None:
    """Show which hosts became worse, better, new or gone between two moments, and why.

    Counted are hosts, not findings. A host is better that complies now, fails in less than before,
    or reports again and does not fail; any other change is for the worse. What fails now and did
    not is shown with +, what does not fail any more with -, at medium severity or above. In
    brackets is what else is another one than before.

    Examples: `tipstaff fleet diff --store fleet --since 2026-11-23` ·
    `tipstaff fleet diff --store fleet --since 2026-11-01 --until 2026-11-15 --format json`

    Exit codes: 0 no host became worse or is gone, 1 some did, 2 wrong arguments or no store, 4 the
    store cannot be read, 5 there is no host.
    """
    moments = read_moments(until, since, silent_after, gone_after)
    with open_asked(store, engine, memory) as opened:
        document = make_diff(opened, moments, limit=limit, names=NAMES)
    text = fleet_diff.render(document, verbose=verbose)
    write_out(text if output == "text" else json_report.render(document))
    raise typer.Exit(document.exit_code)
