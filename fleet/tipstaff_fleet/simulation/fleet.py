"""All persons of a store, judged part by part: memory does not grow with the fleet."""

from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from tipstaff_fleet.engines.interface import Engine, Row
from tipstaff_fleet.ingest.template import fill_in, read_marks
from tipstaff_fleet.questions import RUNS, ask, define_relations
from tipstaff_fleet.simulation.batches import Class, Judged, Simulator, Work, end
from tipstaff_fleet.simulation.judging import Person, Unjudged
from tipstaff_fleet.simulation.lines import Lines
from tipstaff_fleet.simulation.tally import FleetTally, Place
from tipstaff_policy.assessment.simulation import Subject
from tipstaff_schemas.collected import read_kept

PART = 10_000
"""Persons of a part."""
LEAST_MB = 180
"""Of the database: to put equal states of a million users together takes more than a report."""
RELATIONS = (*RUNS, "last_runs", "chosen_runs", "newest_runs", "simulated_people")


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

    write: Callable[[bytes], object] | None = None
    """Is given the line of each person on a host that is not silent."""
    advance: Callable[[int], None] = lambda _: None
    """Receives how many more persons are done."""


SILENT = Listener()


def simulate_fleet(
    engine: Engine,
    simulator: Simulator,
    tally: FleetTally,
    people: int,
    listener: Listener = SILENT,
) -> Work:
    """Judge every person of a store and count what becomes of each.

    Args:
        engine: In which `define_people` has defined them.
        simulator: Judges.
        tally: Counts.
        people: How many there are.
        listener: Receives what becomes of each.
    """
    state_id = ""
    lines = Lines(simulator.judge)
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
            found = next(judged) if state_id else judge_unreported(person, str(row[10]))
            place = Place(person.host_name, person.host_id, person.user, person.client, *_at(row))
            template = templates.get(state_id, "")
            tally.add(end(found, simulator.judge, template), place, silent=silent)
            if listener.write is not None and not silent:
                line = lines.line(found, place, template)
                if line is not None:
                    listener.write(line)
        listener.advance(len(rows))
    return Work(simulator.classes, simulator.judgements, simulator.differing)


class Kept(NamedTuple):
    """A person of a store, with the state that the newest run has kept."""

    person: Person
    template: str

    @property
    def host(self) -> str:
        """The name of the host."""
        return self.person.host_name

    @property
    def user(self) -> str:
        """The name of the account."""
        return self.person.user

    @property
    def client(self) -> str:
        """The client of the state; empty where there is none."""
        return self.person.client

    @property
    def key(self) -> Hashable:
        """What people have in common whom every version treats alike, but for names in words."""
        try:
            marks = read_marks(self.person.marks)
        except ValueError:
            return self.person
        return self.person.state_id, marks.ids, marks.values

    def read(self) -> Subject | str:
        """Return the state as a simulation takes one, or why it cannot be read."""
        try:
            marks = read_marks(self.person.marks)
            return read_kept(fill_in(self.template.encode(), marks), self.person.machine())
        except ValueError as error:
            return str(error)


def read_people(engine: Engine, people: int) -> Iterator[Kept]:
    """Yield every person whose newest run has a state; `define_people` has defined them."""
    for rows, templates in _parts(engine, people):
        for row in rows:
            person = _person(row)
            if person.state_id:
                yield Kept(person, templates.get(person.state_id, ""))


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


def judge_unreported(person: Person, reason: str) -> Judged:
    """Return that nothing is known of a person whose run holds no state."""
    why = "The run came as events, which hold no state." if person.client else ""
    return Judged(person, None, Class.of_nothing(Unjudged(why or f"There is no report: {reason}")))
