"""Every person judged on the workers of a cluster, and counted here.

What comes back of each person is what is counted and listed, and no state. It is the same as where
one machine judges all, but for the number of judgements: each worker proves the classes that it
meets. Judging equal states once makes one machine enough for a million hosts; this is for sites
whose states are on a cluster, or hardly ever repeat.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

from tipstaff_fleet.engines.interface import Row
from tipstaff_fleet.questions import fill_in, read_text
from tipstaff_fleet.simulation.batches import Ended, Judged, Simulator, Work, end
from tipstaff_fleet.simulation.fleet import SILENT, Listener, judge_unreported
from tipstaff_fleet.simulation.judging import MayLose, Person
from tipstaff_fleet.simulation.lines import Lines
from tipstaff_fleet.simulation.tally import FleetTally, Place
from tipstaff_fleet.tables import Column, Table
from tipstaff_policy import __version__
from tipstaff_policy.assessment.simulation import Outcome, Shipment

REPORTED = 1000
"""Persons after which the listener is called."""


class JudgedRow(NamedTuple):
    """What a worker gives back of a person: texts and whole numbers alone."""

    place: int
    state_id: str
    host_id: str
    host_name: str
    user_name: str
    client: str
    home: str
    unit: str
    silent: int
    outcome: str
    is_new: int
    why: str
    method: str
    workspace: str
    names_workspace: int
    has_workspace: int
    may_lose: int
    is_judged: int
    sees_environment: int
    class_id: str
    """Empty where the person is of no class."""
    differs: int
    """1 where the second person of the class ended otherwise, so that each is judged."""
    judgements: int
    """How many were needed for this person."""
    line: str
    """Of the list of all persons; empty where there is none."""


JUDGED = Table(
    "judged",
    "one row a person: what becomes of it",
    tuple(
        Column(name, "number" if kind is int else "text", "")
        for name, kind in JudgedRow.__annotations__.items()
    ),
)


@runtime_checkable
class Workers(Protocol):
    """An engine that runs Python on its workers."""

    def map_rows(
        self, text: str, make_work: Callable[[], Any], table: Table, order: str
    ) -> Iterator[Row]:
        """Yield what a piece of work makes of the rows of a question, in the order of a column.

        Raises:
            WorkersError: The workers cannot do it; none was yielded.
        """


class Shipped(NamedTuple):
    """What is sent to every worker; it can be pickled."""

    shipments: Mapping[str, Shipment]
    may_lose: MayLose
    lines: bool
    """Whether the line of each person is wanted."""
    version: str = __version__


def simulate_on_workers(
    engine: Workers,
    shipments: Mapping[str, Shipment],
    may_lose: MayLose,
    tally: FleetTally,
    listener: Listener = SILENT,
) -> Work:
    """Have every person judged by the workers, and count what becomes of each.

    Args:
        engine: In which `define_people` has defined them.
        shipments: By the name of the client that each is for; they go to every worker.
        may_lose: As `Judge` takes it.
        tally: Counts.
        listener: Is called with what becomes of each.

    Raises:
        WorkersError: A worker has no Tipstaff, or another release; nothing was counted.
        EngineError: The cluster does not answer.
    """
    shipped = Shipped(dict(shipments), may_lose, listener.write is not None)
    text = fill_in(read_text("simulated_rows"), {})
    classes: set[str] = set()
    differing: set[str] = set()
    judgements = waiting = 0
    state_id = ""
    for row in engine.map_rows(text, partial(_begin, shipped), JUDGED, "place"):
        found = JudgedRow(*cast("Any", row))
        if found.state_id != state_id:
            state_id = found.state_id
            tally.close_classes()
        silent = bool(found.silent)
        tally.add(_read_ended(found), _place(found), silent=silent)
        if listener.write is not None and found.line and not silent:
            listener.write(found.line.encode())
        judgements += found.judgements
        if found.class_id:
            classes.add(found.class_id)
            if found.differs:
                differing.add(found.class_id)
        waiting += 1
        if waiting == REPORTED:
            listener.advance(waiting)
            waiting = 0
    listener.advance(waiting)
    return Work(len(classes), judgements, len(differing))


def _place(row: JudgedRow) -> Place:
    return Place(row.host_name, row.host_id, row.user_name, row.client, row.home, row.unit)


def _read_ended(row: JudgedRow) -> Ended:
    is_own = row.differs or not row.class_id
    return Ended(
        outcome=cast("Outcome", row.outcome),
        is_new=bool(row.is_new),
        why=row.why,
        method=row.method,
        workspace=row.workspace if row.names_workspace else None,
        has_workspace=bool(row.has_workspace),
        may_lose=bool(row.may_lose),
        is_judged=bool(row.is_judged),
        sees_environment=bool(row.sees_environment),
        group=row.place if is_own else row.class_id,
    )


def _begin(shipped: Shipped) -> Callable[[list[Row]], Iterable[Row]]:
    """Return what judges the batches of one worker, and remembers the classes that it judged."""
    if shipped.version != __version__:
        raise ModuleNotFoundError(  # as where there is none
            f"tipstaff {shipped.version} is needed, and the worker has {__version__}",
            name="tipstaff",
        )
    simulator = Simulator(shipped.shipments, shipped.may_lose)
    lines = Lines(simulator.judge) if shipped.lines else None
    return partial(judge_rows, simulator, lines)


def judge_rows(simulator: Simulator, lines: Lines | None, rows: list[Row]) -> Iterator[JudgedRow]:
    """Yield what becomes of each person of a batch, in its order.

    Args:
        simulator: Of this worker, the same for all of its batches.
        lines: Makes the line of each person, where these are wanted.
        rows: Of the question `simulated_rows`.
    """
    templates = {str(row[1]): str(row[2]) for row in rows}
    persons = [Person(str(row[1]), *map(str, row[3:8])) for row in rows]
    judged = iter(simulator.simulate([person for person in persons if person.state_id], templates))
    done = simulator.judgements
    for row, person in zip(rows, persons, strict=True):
        found = next(judged) if person.state_id else judge_unreported(person, str(row[11]))
        yield _judge_row(row, found, simulator, lines)._replace(
            judgements=simulator.judgements - done
        )
        done = simulator.judgements


def _judge_row(row: Row, found: Judged, simulator: Simulator, lines: Lines | None) -> JudgedRow:
    person, template = found.person, str(row[2])
    home, unit, silent = str(row[8]), str(row[9]), int(row[10])
    ended = end(found, simulator.judge, template)
    line = None
    if lines is not None and not silent:
        where = Place(person.host_name, person.host_id, person.user, person.client, home, unit)
        line = lines.line(found, where, template)
    return JudgedRow(
        place=int(row[0]),
        state_id=person.state_id,
        host_id=person.host_id,
        host_name=person.host_name,
        user_name=person.user,
        client=person.client,
        home=home,
        unit=unit,
        silent=silent,
        outcome=ended.outcome,
        is_new=int(ended.is_new),
        why=ended.why,
        method=ended.method,
        workspace=ended.workspace or "",
        names_workspace=int(ended.workspace is not None),
        has_workspace=int(ended.has_workspace),
        may_lose=int(ended.may_lose),
        is_judged=int(ended.is_judged),
        sees_environment=int(ended.sees_environment),
        class_id=found.group.class_id,
        differs=int(found.group.differs),
        judgements=0,
        line=line.decode() if line else "",
    )
