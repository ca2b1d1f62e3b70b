"""``tipstaff fleet ingest``: reports, as they come back from hosts, into a store."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_cli.shared.output import write_out
from tipstaff_fleet.engines.choice import check_address, load_store
from tipstaff_fleet.ingest.ingest import Advance, Ingested
from tipstaff_fleet.ingest.ingest import ingest as ingest_reports
from tipstaff_fleet.ingest.sources import find_pieces
from tipstaff_fleet.store.store import Store
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError

StoreFolder = Annotated[
    str, typer.Option("--store", metavar="DIR", help="Folder of the store; made if it is new.")
]


def ingest(  # noqa: PLR0913 - one argument an option
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help="A file, a folder, a pattern, or - for stdin; with --engine none is needed.",
        ),
    ] = None,
    *,
    store: StoreFolder,
    engine: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Load the store into this engine as well, such as postgresql://host/database.",
        ),
    ] = None,
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Wait for another ingest to end.")
    ] = 0,
    trusted_key: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="OpenSSH public keys; reject what none of them has signed (signature: FILE.sig).",
        ),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Read with this many processes.")
    ] = None,
) -> None:
    """Gather reports in a store. A report that is there already changes nothing.

    Reads what `tipstaff audit` writes as json, ndjson or ocsf, plain or packed by gzip or zstd.

    Examples: `tipstaff fleet ingest reports/ --store fleet` ·
    `tipstaff fleet ingest 'in/**/*.ndjson.gz' --store fleet` ·
    `zcat all.gz | tipstaff fleet ingest - --store fleet` ·
    `tipstaff fleet ingest --store fleet --engine postgresql://db.example/fleet`

    Exit codes: 0 all gathered, 1 some documents were rejected and are kept aside in the store,
    2 wrong arguments, 4 the store, a folder or the engine cannot be read or written, or another
    ingest runs.
    """
    if engine is not None:
        check_address(engine)
    elif not sources:
        raise UsageError("no reports are named", expected="a file, a folder, a pattern, or -")
    trusted = _read_keys(trusted_key or [])
    found = Ingested()
    if sources:
        found = _ingest(store, sources, processes, wait, trusted)
    if engine is not None:
        loaded = load_store(engine, Store(store), wait)
        write_out(f"{loaded.files} files of the store loaded into the engine, {loaded.rows} rows\n")
    raise typer.Exit(FINDINGS_EXIT if found.rejected or found.conflicts else 0)


def _ingest(
    store: str, sources: list[str], processes: int | None, wait: float, trusted: tuple[bytes, ...]
) -> Ingested:
    """Gather reports, and say what came of it."""
    with _progress(sources) as progress:
        found = ingest_reports(
            Store(store),
            sources,
            processes=processes,
            wait_s=wait,
            trusted=trusted,
            progress=progress,
        )
    write_out(_render(found))
    return found


def _read_keys(paths: list[Path]) -> tuple[bytes, ...]:
    if not paths:
        return ()
    from tipstaff_rollout.signing.key_files import read_trusted_keys  # noqa: PLC0415 - heavy

    return read_trusted_keys(paths)


def _render(found: Ingested) -> str:
    lines = [f"{_count(found.runs, 'report')} added, {found.known} already there"]
    if found.actions:
        lines.append(f"{_count(found.actions, 'report')} of enforcements added")
    if found.conflicts:
        lines.append(f"{found.conflicts} contradict a report of the same run; the first one stays")
    if found.rejected:
        lines.append(
            f"{_count(found.rejected, 'document')} rejected and kept aside: "
            "`tipstaff fleet rejected`"
        )
    return "\n".join(lines) + "\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@contextmanager
def _progress(sources: list[str]) -> Iterator[Advance]:
    """Give what shows a person at a terminal how far it is, how fast, and how long it takes."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - at a terminal only
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    total = sum(piece.size for piece in find_pieces(sources))
    columns = (
        TextColumn("reports"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reports", total=total or None)
        yield lambda count: bar.advance(task, count)
