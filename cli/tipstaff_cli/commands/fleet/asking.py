"""What the commands that ask a store have in common: which moment, which hosts, what memory."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tipstaff_fleet.answers.expected import ExpectedHost, parse_expected
from tipstaff_fleet.answers.moments import DAY_S, Moments
from tipstaff_fleet.engines.choice import EMBEDDED, needs_store, open_engine
from tipstaff_fleet.engines.interface import LEAST_MB, Engine, Limits
from tipstaff_fleet.store.store import Store
from tipstaff_policy.errors import UsageError
from tipstaff_policy.organisation.field_types import age, moment

ASKED_STORE = Annotated[
    str | None,
    typer.Option("--store", metavar="DIR", help="Folder that `tipstaff fleet ingest` filled."),
]
EngineAddress = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="URL",
        help="Ask this engine, which `fleet ingest --engine` loaded; see docs/fleet-engines.md.",
    ),
]
At = Annotated[
    str | None, typer.Option(metavar="DATE", help="The moment asked about; default: now.")
]
Since = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Compare with this moment; default: 7 days before."),
]
SilentAfter = Annotated[
    str, typer.Option(metavar="AGE", help="A host is silent without a report for this long.")
]
GoneAfter = Annotated[
    str, typer.Option(metavar="AGE", help="A host is gone without a report for this long.")
]
Expect = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The hosts that are expected: a line each, `host` or `host,unit`."
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Memory for questions, such as 1GB; the rest spills. By the size of the store.",
    ),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="Entries of a list at most.")]
SILENT_AFTER, GONE_AFTER = "7d", "90d"
LARGEST_FILE = 1 << 30
SINCE_DAYS = 7
__all__ = ["EMBEDDED"]


@contextmanager
def open_asked(
    store: str | None, address: str, memory: str | None = None, *, least_mb: int = LEAST_MB
) -> Iterator[Engine]:
    """Give the engine that the options name.

    Args:
        store: The folder, which engines with a copy of their own do without.
        address: Of the engine.
        memory: Of the embedded engine.
        least_mb: What that is at least where it is not said, in MB.

    Raises:
        UsageError: There is no such engine, or it needs a store.
        EvaluationError: The store or the engine cannot be read.
    """
    if store is None and needs_store(address):
        raise UsageError("--store is missing", expected="--store DIR, or --engine with a server")
    with open_engine(address, Store(store or ""), Limits(memory, least_mb, threads=1)) as engine:
        yield engine


def read_moments(at: str | None, since: str | None, silent_after: str, gone_after: str) -> Moments:
    """Return the moments that the options name.

    Raises:
        UsageError: One is none, or they are in no order.
    """
    at_s = int(time.time()) if at is None else _valid("--at", moment(end_of_day=True).read, at)
    since_s = (
        at_s - SINCE_DAYS * DAY_S if since is None else _valid("--since", moment().read, since)
    )
    found = Moments(
        at_s,
        since_s,
        _valid("--silent-after", age().read, silent_after),
        _valid("--gone-after", age().read, gone_after),
    )
    if found.since_s >= found.at_s:
        raise UsageError("--since is not before the moment asked about", expected="an earlier one")
    if found.silent_after_s > found.gone_after_s:
        raise UsageError(
            "--silent-after is longer than --gone-after",
            expected="a host that is silent first, and gone later",
        )
    return found


def read_age(option: str, text: str) -> int:
    """Return a length of time in seconds.

    Raises:
        UsageError: It is none.
    """
    return _valid(option, age().read, text)


def read_expected(path: Path | None) -> Collection[ExpectedHost]:
    """Return the hosts that a file names; none without a file.

    Raises:
        UsageError: A line of it names no host.
        AccessDeniedError: It cannot be read.
    """
    if path is None:
        return ()
    from tipstaff_rollout.storing import content_of  # noqa: PLC0415 - only for a file

    return parse_expected(content_of(path, LARGEST_FILE, expected="a list of hosts"), str(path))


def _valid(option: str, read: Callable[[str], int], text: str) -> int:
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not usable", expected=str(error)) from None
