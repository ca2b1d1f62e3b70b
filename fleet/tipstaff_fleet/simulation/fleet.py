"""All persons of a store, judged part by part: memory does not grow with the fleet."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tipstaff_fleet.engines.interface import Engine, Row
from tipstaff_fleet.questions import RUNS, ask, define_relations
from tipstaff_fleet.simulation.batches import Class, Judged, Simulator
from tipstaff_fleet.simulation.judging import Person, Unjudged
from tipstaff_fleet.simulation.tally import FleetTally, Place
from tipstaff_policy.assessment.simulation import Simulated

PART = 10_000
"""Persons of a part."""
RELATIONS = (*RUNS, "last_runs", "chosen_runs", "newest_runs", "simulated_people")
_UNSEEN = '"environment":"not_seen"'


class Apart(NamedTuple):
    """How many persons there are, and how many more stand apart."""

    people: int
    gone: int
    images: int


def define_people(engine: Engine, numbers: dict[str, int]) -> Apart:
    """Define whom there is to simulate, and count them; `expected` is defined before.

    Args:
        engine: Holds the store.
        numbers: The parameters of questions about the moment until which runs count.
    """
    define_relations(engine, numbers, RELATIONS)
    found = {str(kind): int(count) for kind, count in ask(engine, "simulated_apart", numbers)}
    return Apart(found["people"], found["gone"], found["images"])


class Listener(NamedTuple):
    """Receives how far a simulation is."""

    write: Callable[[Judged, Place, str], None] = lambda *_: None
    """Is called with each person on a host that is not silent, and the person's template."""
    advance: Callable[[int], None] = lambda _: None
    """Receives how many more persons are done."""


SILENT = Listener()


def simulate_fleet(
    engine: Engine,
    simulator: Simulator,
    tally: FleetTally,
    people: int,
    listener: Listener = SILENT,
) -> None:
    """Judge every person of a store and count what becomes of each.

    Args:
        engine: In which `define_people` has defined them.
        simulator: Judges.
        tally: Counts.
        people: How many there are.
        listener: Receives what becomes of each.
    """
    state_id = ""
    for rows, templates in _parts(engine, people):
        persons = [_person(row) for row in rows]
        judged = iter(
            simulator.simulate([person for person in persons if person.state_id], templates)
        )
        for row, person in zip(rows, persons, strict=True):
            if person.state_id != state_id:
                state_id = person.state_id
                tally.close_classes()
            silent = bool(row[9])
            found = next(judged) if state_id else _unreported(person, str(row[10]))
            place = Place(person.host_name, person.host_id, person.user, person.client, *_at(row))
            result = found.result
            tally.add(
                found,
                place,
                silent=silent,
                sees_environment=_UNSEEN not in templates.get(state_id, ""),
                has_workspace=isinstance(result, Simulated)
                and simulator.judge.has_workspace(person, result),
            )
            if not silent:
                listener.write(found, place, templates.get(state_id, ""))
        listener.advance(len(rows))


def _parts(engine: Engine, people: int) -> Iterator[tuple[list[Row], dict[str, str]]]:
    """Yield the persons by parts, those of one state together, with the templates they need."""
    for after in range(0, people, PART):
        numbers = {"after": after, "until": after + PART}
        states = ask(engine, "simulated_states", numbers)
        templates = {str(state_id): str(template) for state_id, template in states}
        yield ask(engine, "simulated_part", numbers), templates


def _person(row: Row) -> Person:
    return Person(*map(str, row[1:7]))


def _at(row: Row) -> tuple[str, str]:
    """Return the client's folder and the unit."""
    return str(row[7]), str(row[8])


def _unreported(person: Person, reason: str) -> Judged:
    """Return that nothing is known of a person whose run holds no state."""
    why = "The run came as events, which hold no state." if person.client else ""
    return Judged(person, None, Class.of_nothing(Unjudged(why or f"There is no report: {reason}")))
