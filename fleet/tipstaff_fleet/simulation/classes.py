"""Which persons a simulation must judge alike: a key of what it reads, and of nothing else.

Two persons have the same key where their states are made from the same template, each time stands
alike to every moment that counts, and the policy orders the same for both hosts. That the judgement
is the same follows from what `simulate` reads; it is proved on a second person of every class.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from tipstaff_fleet.ingest.template import VALUES, Marks
from tipstaff_policy.assessment.simulation import Shipment
from tipstaff_policy.model.state import Machine
from tipstaff_policy.organisation.client_rules import policy_for, rules_for
from tipstaff_policy.organisation.in_force import CHECKS_OF_CREDENTIALS, orders_of
from tipstaff_policy.organisation.model import OrganisationPolicy, Waiver
from tipstaff_policy.organisation.patterns import is_plain
from tipstaff_policy.organisation.waivers.standing import judge_waiver
from tipstaff_policy.parsing.masks import mask_text

Key = tuple[object, ...]
"""Equal for persons who must end alike; it can be a key of a mapping and says nothing else."""
(_EVALUATED, _REFRESHED, _EXPIRES, _FINGERPRINT, _DIGEST, LINE, _OWNER, _OWNER_EXPECTED) = range(
    len(VALUES)
)
ROOT = "0"


def times_of(marks: Marks) -> tuple[tuple[str, ...], ...]:
    """Return the times of a state, as they are written."""
    return marks.values[_EVALUATED], marks.values[_REFRESHED], marks.values[_EXPIRES]


class Ages(NamedTuple):
    """By what the times of a login are judged."""

    at: int
    """The moment that is asked about."""
    ages: tuple[int, ...]
    """In seconds: none, those of the client, and the longest that the policy allows."""


def ages_of(shipment: Shipment, client: str, login_ages: Iterable[int]) -> Ages:
    """Return by what the times of a client's logins are judged.

    Args:
        shipment: What is shipped.
        client: Its name.
        login_ages: The ages from which the client itself acts otherwise, in seconds.
    """
    longest = policy_for(shipment.policy, client).longest_age_s
    ages = {0, *login_ages, *((longest.value,) if longest else ())}
    return Ages(shipment.at, tuple(sorted(ages)))


class Stages:
    """What the policy orders on each host, as a name: equal where it orders the same.

    The same name on every machine, because a cluster simulates on many.
    """

    def __init__(self, shipment: Shipment, client: str) -> None:
        self._shipment = shipment
        self._client = client
        self._names: dict[object, str] = {}
        self._policy = shipment.policy._replace(waivers=())
        self._everywhere, self._of_host = _sort(_find_counting(shipment.policy, shipment.at))
        policy = shipment.policy
        self._is_one = not (policy.scopes or policy.cohort or policy.waivers)

    def name(self, machine: Callable[[], Machine]) -> str:
        """Return the name of what is ordered on a host for a person."""
        if self._is_one:
            return ""
        return self._of(machine())

    def _of(self, machine: Machine) -> str:
        names = (machine.host_name.casefold(), (machine.host_id or "").casefold())
        near = [waiver for name in names for waiver in self._of_host.get(name, ())]
        policy = self._policy._replace(waivers=(*self._everywhere, *near))
        orders = orders_of(policy, machine, self._client, self._shipment.at)
        found = (orders.stage, orders.make_ordered().waived)
        name = self._names.get(found)
        if name is None:
            name = self._names[found] = hashlib.sha256(repr(found).encode()).hexdigest()
        return name


def _find_counting(policy: OrganisationPolicy, at: int) -> list[Waiver]:
    """Return the waivers by which a credential can be left alone at a moment."""
    return [
        waiver
        for waiver in policy.waivers
        if waiver.check in CHECKS_OF_CREDENTIALS
        and judge_waiver(policy, waiver, at).standing == "active"
    ]


def _sort(waivers: Iterable[Waiver]) -> tuple[tuple[Waiver, ...], Mapping[str, list[Waiver]]]:
    """Return the waivers of many hosts, and those of one host by its name or id."""
    everywhere, of_host = [], defaultdict(list)
    for waiver in waivers:
        if waiver.host is not None and is_plain(waiver.host):
            of_host[waiver.host.casefold()].append(waiver)
        else:
            everywhere.append(waiver)
    return tuple(everywhere), dict(of_host)


class Known(NamedTuple):
    """What of a state is compared with what is shipped, by its very value."""

    ids: Collection[str]
    digests: Collection[str]
    """Of the shipped files."""
    texts: tuple[str, ...]
    """The shipped files."""

    def names(self, identity: str) -> bool:
        """Return whether the shipment names an id."""
        return identity in self.ids or any(identity in text for text in self.texts)


def list_known(shipment: Shipment, client: str, digests: Collection[str]) -> Known:
    """Return what of a state is compared with a shipment by its very value."""
    policy, rules = policy_for(shipment.policy, client), rules_for(shipment.policy, client)
    allowed = (policy.workspaces, rules.organisations, rules.accounts)
    named = [value for rule in allowed if rule is not None for value in rule.values]
    return Known(
        frozenset((*named, *map(mask_text, named))),
        frozenset(digests),
        tuple(file.text for file in shipment.files),
    )


class Classes:
    """Gives the key of each person of one client."""

    def __init__(self, ages: Ages, known: Known, stages: Stages) -> None:
        self._ages = ages
        self._known = known
        self._stages = stages
        self._named: dict[str, str] = {}

    def key(self, state_id: str, marks: Marks, machine: Callable[[], Machine]) -> Key:
        """Return the key of a person.

        Raises:
            ValueError: The marks are of another release.
        """
        values = marks.values
        seen = tuple(map(int, values[_EVALUATED]))
        at, ages = self._ages
        moments = (*seen, at)
        times = (*values[_REFRESHED], *values[_EXPIRES])
        places = {text: _place(int(text), moments, ages) for text in set(times)}
        owners = (*values[_OWNER], *values[_OWNER_EXPECTED])
        known = self._known.digests
        return (
            state_id,
            tuple([(moment > at) - (moment < at) for moment in seen]),
            tuple([places[text] for text in times]),
            _pattern(owners),
            tuple([digest if digest in known else "" for digest in values[_DIGEST]]),
            tuple(map(self._show_named, marks.ids)),
            self._stages.name(machine),
        )

    def _show_named(self, text: str) -> str:
        """Return an id where the shipment names it; of all others no one is like no other."""
        found = self._named.get(text)
        if found is None:
            found = text if self._known.names(text) else ""
            if len(self._named) < _REMEMBERED:
                self._named[text] = found
        return found


_REMEMBERED = 10_000


def _place(time: int, moments: tuple[int, ...], ages: tuple[int, ...]) -> int:
    """Return how a time, and the times at which it has each age, stand to some moments."""
    found = 0
    for moment in moments:
        for age in ages:
            then = time + age
            found = found * 3 + (then > moment) - (then < moment) + 1
    return found


def _pattern(owners: tuple[str, ...]) -> tuple[int, ...]:
    """Return who owns what, with every other owner than root known by its place alone."""
    numbers = {ROOT: 0}
    return tuple([numbers.setdefault(owner, len(numbers)) for owner in owners])
