"""Documents that could not be counted, as they were put into quarantine at ingest."""

from tipstaff_fleet.engines.interface import Engine
from tipstaff_fleet.questions import ask
from tipstaff_policy import __version__
from tipstaff_schemas.fleet import FleetRejected, RejectedEntry
from tipstaff_schemas.report import Tool


def make_rejected(engine: Engine, *, limit: int, with_data: bool) -> FleetRejected:
    """Return which documents were rejected, and why.

    Args:
        engine: Holds the store.
        limit: Entries at most.
        with_data: Whether to show what they hold; it may be anything, also what is no report.
    """
    total = int(ask(engine, "reject_count", {})[0][0])
    return FleetRejected(
        tool=Tool(version=__version__),
        total=total,
        entries=[
            RejectedEntry(
                source=str(source),
                place=str(place),
                why=str(why),
                size=int(size),
                data=str(data) if with_data else "",
            )
            for source, place, why, size, data in ask(engine, "rejects", {"limit": limit})
        ],
        exit_code=1 if total else 0,
    )
