"""``tipstaff fleet export``: a store's findings as events, for a security lake."""

from typing import Annotated

import typer

from tipstaff_cli.commands.fleet.asking import Memory
from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.answers.lake import list_days, write_day
from tipstaff_fleet.engines.embedded import open_store
from tipstaff_fleet.ingest.rows import day_of
from tipstaff_fleet.store.store import Store
from tipstaff_policy.errors import NOTHING_CHECKED_EXIT, UsageError
from tipstaff_policy.organisation.field_types import moment


def export(  # noqa: PLR0913 - one argument an option
    *,
    store: Annotated[
        str,
        typer.Option("--store", metavar="DIR", help="Folder that `tipstaff fleet ingest` filled."),
    ],
    to: Annotated[str, typer.Option(metavar="DIR", help="Folder of the lake's source.")],
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="First day to export; default: all.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day to export; default: all.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Export what passed and does not apply too.")
    ] = False,
    memory: Memory = None,
) -> None:
    """Write findings as OCSF events, one a line, in a folder a day: DIR/eventDay=YYYYMMDD.

    A day is written whole; to export it again replaces its file. Images are left out.

    Examples: `tipstaff fleet export --store fleet --to lake` ·
    `tipstaff fleet export --store fleet --to lake --since 2026-11-01 --all`

    Exit codes: 0 written, 2 wrong arguments or no store, 4 the store cannot be read or a file
    written, 5 there is no report in that time.
    """
    first = 0 if since is None else _day("--since", since)
    last = 99_991_231 if until is None else _day("--until", until)
    with open_store(Store(store), memory=memory, threads=1) as engine:
        days = list_days(engine, first, last)
        for day in days:
            written = write_day(engine, to, day, everything=everything)
            write_out(f"{written.path}: {written.events:,} events\n")
    raise typer.Exit(0 if days else NOTHING_CHECKED_EXIT)


def _day(option: str, text: str) -> int:
    try:
        return day_of(moment().read(text))
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is no day", expected=str(error)) from None
