"""What the simulation of a fleet amounts to: counts, reasons, units, and whom to try it on.

It grows with the kinds of outcome and the units, not with the number of hosts.
"""

import heapq
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import NamedTuple

from tipstaff_fleet.simulation.batches import Ended
from tipstaff_fleet.simulation.judging import NAMED
from tipstaff_policy.assessment.simulation import OUTCOMES, Outcome
from tipstaff_policy.assessment.simulation_summary import COUNTED, NAMES_LIMIT, FailOn

REASONS_LIMIT = 1000
"""Reasons that are counted apart, of one outcome; those that come later are counted as one."""
UNITS_OF_A_CLASS = 64
"""Units of which a class keeps a person as a candidate."""
CLASSES_OPEN = 10_000
OTHER = "other reasons"


class Place(NamedTuple):
    """A person on a host, for a list."""

    host: str
    host_id: str
    user: str
    client: str
    home: str
    unit: str

    @property
    def known_id(self) -> str | None:
        """Return the host's own id; None where it has none."""
        return None if self.host_id.startswith(NAMED) else self.host_id


class Reason:
    """Why some persons end alike."""

    __slots__ = ("count", "examples")

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[Place] = []


class Chosen(NamedTuple):
    """A host on which to try the policy."""

    place: Place
    outcome: Outcome
    is_new: bool
    stands_for: int
    """Persons of the class."""


class _Candidates:
    """The persons of a class that can stand for it, one of each unit."""

    __slots__ = ("by_unit", "count", "is_new", "number", "outcome", "units")

    def __init__(self, ended: Ended, number: int) -> None:
        self.outcome = ended.outcome
        self.is_new = ended.is_new
        self.number = number
        self.count = 0
        self.by_unit: dict[str, Place] = {}
        self.units: Counter[str] = Counter()

    def choose(self, place: Place) -> Chosen:
        """Return one of them."""
        return Chosen(place, self.outcome, self.is_new, self.count)

    def __lt__(self, other: "_Candidates") -> bool:
        """Order by size; of equal ones the earlier is the greater."""
        return (self.count, -self.number) < (other.count, -other.number)


class FleetTally:
    """Counts judged persons as they come."""

    def __init__(self, *, examples: int, canaries: int) -> None:
        self.examples = examples
        self.canaries = canaries
        self.outcomes: Counter[Outcome] = Counter()
        self.new: Counter[Outcome] = Counter()
        self.silent: Counter[Outcome] = Counter()
        self.reasons: dict[Outcome, dict[tuple[bool, str], Reason]] = {o: {} for o in OUTCOMES}
        self.units: dict[str, Counter[str]] = {}
        self.methods: Counter[str] = Counter()
        self.workspaces: Counter[str | None] = Counter()
        self.workspaces_unnamed = 0
        self.without_environment = 0
        self.unjudged = 0
        self.may_lose = 0
        self._open: dict[Hashable, _Candidates] = {}
        self._largest: list[_Candidates] = []
        self._of_unit: dict[str, tuple[int, Chosen]] = {}
        self._closed = 0

    def add(self, ended: Ended, place: Place, *, silent: bool) -> None:
        """Count a person; of those on silent hosts only the outcome."""
        outcome = ended.outcome
        if silent:
            self.silent[outcome] += 1
            return
        self.outcomes[outcome] += 1
        self.new[outcome] += ended.is_new
        self.without_environment += not ended.sees_environment
        self.may_lose += ended.may_lose
        self.unjudged += not ended.is_judged
        self._count_unit(place.unit, outcome, is_new=ended.is_new)
        self._count_reason(ended, place)
        if ended.method:
            self.methods[ended.method] += 1
            if ended.has_workspace:
                self._count_workspace(ended.workspace)
        if self.canaries:
            self._keep(ended, place)

    def _count_unit(self, unit: str, outcome: Outcome, *, is_new: bool) -> None:
        counts = self.units.get(unit)
        if counts is None:
            counts = self.units[unit] = Counter()
        counts[outcome] += 1
        if is_new and outcome in COUNTED["certain"]:
            counts["new"] += 1

    def _count_reason(self, ended: Ended, place: Place) -> None:
        reasons, key = self.reasons[ended.outcome], (ended.is_new, ended.why)
        reason = reasons.get(key)
        if reason is None:
            if len(reasons) >= REASONS_LIMIT:
                key = (ended.is_new, OTHER)
            reason = reasons.setdefault(key, Reason())
        reason.count += 1
        if len(reason.examples) < self.examples:
            reason.examples.append(place)

    def _count_workspace(self, workspace: str | None) -> None:
        if workspace in self.workspaces or len(self.workspaces) < NAMES_LIMIT:
            self.workspaces[workspace] += 1
        else:
            self.workspaces_unnamed += 1

    def _keep(self, ended: Ended, place: Place) -> None:
        found = self._open.get(ended.group)
        if found is None:
            if len(self._open) >= CLASSES_OPEN:
                self.close_classes()
            self._closed += 1
            found = self._open[ended.group] = _Candidates(ended, self._closed)
        found.count += 1
        found.units[place.unit] += 1
        if place.unit not in found.by_unit and len(found.by_unit) < UNITS_OF_A_CLASS:
            found.by_unit[place.unit] = place

    def close_classes(self) -> None:
        """Keep of the classes until now those that can stand for many; no more of them come."""
        for found in self._open.values():
            for unit, place in found.by_unit.items():
                count = found.units[unit]
                if count > self._of_unit.get(unit, (0,))[0]:
                    self._of_unit[unit] = count, found.choose(place)
            if len(self._largest) < self.canaries:
                heapq.heappush(self._largest, found)
            else:
                heapq.heappushpop(self._largest, found)
        self._open.clear()

    def choose(self) -> list[Chosen]:
        """Return the hosts to try a policy on: the largest classes first, then further units."""
        self.close_classes()
        chosen: list[Chosen] = []
        hosts: set[str] = set()
        units: set[str] = set()
        for candidate in self._in_order(units):
            if len(chosen) < self.canaries and candidate.place.host_id not in hosts:
                chosen.append(candidate)
                hosts.add(candidate.place.host_id)
                units.add(candidate.place.unit)
        return chosen

    def _in_order(self, covered: set[str]) -> Iterator[Chosen]:
        """Yield the candidates; a class by a unit that is not covered yet, where it has one."""
        for found in sorted(self._largest, reverse=True):
            places = sorted(
                found.by_unit.values(), key=lambda place: (place.unit in covered, place)
            )
            yield found.choose(places[0])
        for unit, (_, candidate) in sorted(
            self._of_unit.items(), key=lambda item: (-item[1][0], item[0])
        ):
            if unit not in covered:
                yield candidate

    @property
    def simulated(self) -> int:
        """How many persons on hosts that report."""
        return self.outcomes.total()

    def count(self, fail_on: FailOn) -> int:
        """Return how many count against a limit."""
        return sum(self.outcomes[outcome] for outcome in COUNTED[fail_on])
