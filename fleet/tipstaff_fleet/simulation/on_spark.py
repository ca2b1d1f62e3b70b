"""Every person judged on the workers of a cluster, and what becomes of each brought back.

Judging equal states once makes one machine enough for a million hosts; this is for sites whose
states are on a cluster and should not leave it, or hardly ever repeat.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol, cast

from tipstaff_fleet.engines.interface import Row
from tipstaff_fleet.questions import fill_in, read_text
from tipstaff_fleet.simulation.batches import OutcomeRow, Simulator, StateRow, simulate_rows
from tipstaff_fleet.tables import Column, Table
from tipstaff_policy.assessment.simulation import Shipment

OUTCOMES = Table(
    "outcomes",
    "one row a person: what becomes of it",
    tuple(
        Column(name, "number" if kind is int else "text", "")
        for name, kind in OutcomeRow.__annotations__.items()
    ),
)


class Workers(Protocol):
    """An engine that runs Python on its workers."""

    def map_rows(self, text: str, make_work: Callable[[], Any], table: Table) -> list[Row]:
        """Return what a piece of work makes of the rows of a question."""


def simulate_on_workers(engine: Workers, shipments: Mapping[str, Shipment]) -> list[OutcomeRow]:
    """Return what becomes of every person on a host that is not silent, in no order.

    Args:
        engine: In which `define_people` has defined them.
        shipments: By the name of the client that each is for; they go to every worker.

    Raises:
        EngineError: The cluster does not answer, or a worker has no Tipstaff.
    """
    text = fill_in(read_text("simulated_rows"), {})
    rows = engine.map_rows(text, partial(_begin, dict(shipments)), OUTCOMES)
    return [OutcomeRow(*cast("Any", row)) for row in rows]


def _begin(shipments: Mapping[str, Shipment]) -> Callable[[list[Row]], Iterable[Row]]:
    """Return what judges the batches of one worker, and remembers the classes that it judged."""
    simulator = Simulator(shipments)
    return lambda rows: simulate_rows(simulator, cast("list[StateRow]", rows))
