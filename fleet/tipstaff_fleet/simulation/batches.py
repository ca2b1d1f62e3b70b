"""Rows to outcomes, with one judgement for all of a class; it needs no store and no engine.

The same on one machine and on a cluster: on Spark each worker makes a `Simulator` of its own from
the shipments, which can be pickled.
"""

import hashlib
import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tipstaff_fleet.ingest.template import Marks, read_marks
from tipstaff_fleet.simulation.classes import Key
from tipstaff_fleet.simulation.judging import (
    Judge,
    MayLose,
    Person,
    Result,
    Unjudged,
    in_general,
    reason_of,
)
from tipstaff_policy.assessment.simulation import Outcome, Shipment, Simulated

CLASSES_KEPT = 10_000
"""Classes that are remembered; one that comes again after more than these is judged again."""
SEED = 62
"""Of the choice of the second person, so that a simulation can be repeated."""


class Judged(NamedTuple):
    """A person, and what becomes of the person."""

    person: Person
    marks: Marks | None
    """None where they could not be read."""
    group: "Class"

    @property
    def result(self) -> Result:
        """Return what becomes of the person; home, ids, lines and days in it may be another's."""
        return self.group.result

    @property
    def is_own(self) -> bool:
        """Return whether the result is of this very person."""
        return self.marks is self.group.marks


class Class:
    """Persons who end alike."""

    __slots__ = (
        *("class_id", "differs", "general", "is_proved"),
        *("marks", "may_lose", "reason", "result"),
    )

    def __init__(self, result: Result, marks: Marks, *, may_lose: bool) -> None:
        self.class_id = ""
        """The same on every machine; empty for a person who is of no class."""
        self.result = result
        self.marks = marks
        self.may_lose = may_lose
        self.general = in_general(result, marks)
        self.reason = reason_of(result, marks)
        self.is_proved = False
        """Whether a second person ended alike."""
        self.differs = False
        """Whether a second person ended otherwise: then each is judged."""

    @classmethod
    def of_nothing(cls, result: Unjudged) -> "Class":
        """Return the class of those of whom there is nothing to judge."""
        return cls(result, _NO_MARKS, may_lose=False)


class Simulator:
    """Judges rows, one person of each class and a second one that proves the class."""

    def __init__(
        self, shipments: Mapping[str, Shipment], may_lose: MayLose = lambda *_: False
    ) -> None:
        """Take what is shipped, as `Judge` does."""
        self.judge = Judge(shipments, may_lose)
        self.classes = 0
        self.judgements = 0
        self.differing = 0
        """Classes whose second person ended otherwise."""
        self._classes: dict[Key, Class] = {}
        self._random = random.Random(SEED)  # noqa: S311 - a sample, no secret

    def forget(self) -> None:
        """Forget the classes that were judged: no person of them comes any more."""
        self._classes.clear()

    def simulate(self, people: Sequence[Person], templates: Mapping[str, str]) -> Iterator[Judged]:
        """Yield what becomes of each person, in their order.

        Args:
            people: A batch. The second person of a class is chosen from the first batch that has
                one, by chance.
            templates: The templates of their states, by id.
        """
        keyed = list(map(self._make_key, people))
        seconds = self._seconds(keyed)
        for number, (person, marks, key) in enumerate(keyed):
            found = self._classes.get(key)
            if found is None:
                found = self._first(person, marks, key, templates)
                if not found.is_proved and (second := seconds.get(key)) is not None:
                    self._prove(found, *keyed[second][:2], templates)
                yield Judged(person, marks, found)
                continue
            if not found.is_proved:
                second = seconds.get(key, number)
                self._prove(found, *keyed[second][:2], templates)
            if found.differs:
                own = self._one(person, marks, templates)
                own.class_id, own.differs = found.class_id, True
                yield Judged(person, marks, own)
            else:
                yield Judged(person, marks, found)

    def _make_key(self, person: Person) -> tuple[Person, Marks | None, Key]:
        try:
            marks = read_marks(person.marks)
            return person, marks, self.judge.key(person, marks)
        except ValueError as error:
            return person, None, (str(error),)

    def _seconds(self, keyed: Sequence[tuple[Person, Marks | None, Key]]) -> dict[Key, int]:
        """Return for each class that is not proved a person by chance, and never the first."""
        seen: dict[Key, int] = {}
        chosen: dict[Key, int] = {}
        for number, (_, _, key) in enumerate(keyed):
            known = self._classes.get(key)
            if known is not None and known.is_proved:
                continue
            count = seen.get(key, 0 if known is None else 1)
            seen[key] = count + 1
            if count and self._random.random() * count < 1:
                chosen[key] = number
        return chosen

    def _first(
        self, person: Person, marks: Marks | None, key: Key, templates: Mapping[str, str]
    ) -> Class:
        """Judge the first person of a class."""
        if len(self._classes) >= CLASSES_KEPT:
            self._classes.clear()
        self.classes += 1
        found = self._one(person, marks, templates, str(key[0]))
        found.class_id = hashlib.sha256(repr(key).encode()).hexdigest()[:32]
        self._classes[key] = found
        return found

    def _prove(
        self, found: Class, person: Person, marks: Marks | None, templates: Mapping[str, str]
    ) -> None:
        """Judge a second person of a class."""
        found.is_proved = True
        if marks is None:
            return  # all of this class cannot be read, for one reason
        other = self._one(person, marks, templates)
        if other.general != found.general:
            found.differs = True
            self.differing += 1

    def _one(
        self, person: Person, marks: Marks | None, templates: Mapping[str, str], why: str = ""
    ) -> Class:
        """Judge one person."""
        if marks is None:
            return Class.of_nothing(Unjudged(why))
        self.judgements += 1
        subject = self.judge.read(templates.get(person.state_id, ""), person, marks)
        result = self.judge.judge(subject, person)
        may_lose = self.judge.may_lose_keys(subject, person)
        return Class(result, marks, may_lose=may_lose)


_NO_MARKS = Marks("", "", (), ())


class Ended(NamedTuple):
    """What is counted of a person."""

    outcome: Outcome
    """As `policy simulate` has it; `unknown` where the person could not be judged."""
    is_new: bool
    """Whether the client does not do so by itself today."""
    why: str
    """In words that hold for all that end alike: `~` stands for the person's home."""
    method: str
    """By which the person loses the sign-in; empty where that does not happen."""
    workspace: str | None
    """That the lost login names."""
    has_workspace: bool
    """Whether a login by that method belongs to a workspace."""
    may_lose: bool
    """Whether files of the host may hold keys that would be gone."""
    is_judged: bool
    sees_environment: bool
    """Whether the state says which variables the client would see."""
    group: Hashable
    """Equal for persons of one class."""


def end(judged: Judged, judge: Judge, template: str) -> Ended:
    """Return what is counted of a person."""
    result, group = judged.result, judged.group
    is_judged = isinstance(result, Simulated)
    return Ended(
        outcome=result.outcome if isinstance(result, Simulated) else "unknown",
        is_new=isinstance(result, Simulated) and result.is_new,
        why=group.reason,
        method=(result.method or "") if isinstance(result, Simulated) else "",
        workspace=workspace_of(judged),
        has_workspace=isinstance(result, Simulated) and judge.has_workspace(judged.person, result),
        may_lose=group.may_lose,
        is_judged=is_judged,
        sees_environment=_UNSEEN not in template,
        group=group,
    )


_UNSEEN = '"environment":"not_seen"'


class Work(NamedTuple):
    """What a simulation took."""

    classes: int
    judgements: int
    differing: int
    """Classes whose second person ended otherwise."""


def workspace_of(judged: Judged) -> str | None:
    """Return the workspace that a person's lost login names."""
    result, marks = judged.result, judged.marks
    if not isinstance(result, Simulated) or marks is None:
        return None
    ids = judged.group.marks.ids
    if judged.is_own or result.workspace not in ids:
        return result.workspace
    return marks.ids[ids.index(result.workspace)]
