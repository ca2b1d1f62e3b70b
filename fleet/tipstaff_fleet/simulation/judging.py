"""One person of a store, judged as `policy simulate` judges the same report."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from tipstaff_fleet.ingest.template import Marks, fill_in
from tipstaff_fleet.simulation.classes import Classes, Key, Stages, ages_of, list_known
from tipstaff_policy.assessment.simulation import (
    Client,
    Shipment,
    Simulated,
    Subject,
    client_of,
    simulate,
)
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.interface.deployment import ClientFile, Way
from tipstaff_policy.errors import TipstaffError
from tipstaff_policy.model.state import HostState, Machine, Method
from tipstaff_schemas.collected import read_kept

_NUMBERED = re.compile(rb":[0-9]+|[0-9]+ days")
_DAYS = re.compile(r"last refreshed [0-9]+ days ago")
NAMED = "name:"
"""How the id of a host begins that has none of its own."""
_ENCODE = msgspec.json.encode


class Unjudged(NamedTuple):
    """Why a person could not be simulated."""

    why: str


Result = Simulated | Unjudged
MayLose = Callable[[HostState, Sequence[ClientFile], Way], bool]


class Person(NamedTuple):
    """A person on a host, as the newest run saw both."""

    state_id: str
    marks: str
    host_id: str
    host_name: str
    user: str
    client: str

    def machine(self) -> Machine:
        """Return what scopes, cohorts and waivers go by."""
        named = self.host_id.startswith(NAMED)
        return Machine(None if named else self.host_id, self.host_name, self.user)


class _Own(NamedTuple):
    """What is asked of one client."""

    client: Client
    shipment: Shipment
    classes: Classes
    methods: Mapping[str, Method]


class Judge:
    """Judges persons against what is to be shipped; it holds nothing of any person."""

    def __init__(
        self, shipments: Mapping[str, Shipment], may_lose: MayLose = lambda *_: False
    ) -> None:
        """Take what is shipped.

        Args:
            shipments: By the name of the client that each is for.
            may_lose: Says whether a host may hold keys of the client that files would take away.
        """
        self._may_lose = may_lose
        self._own = {name: _own(name, shipment) for name, shipment in shipments.items()}

    def key(self, person: Person, marks: Marks) -> Key:
        """Return the class of a person: all of a class end alike.

        Raises:
            ValueError: The state was kept by another release.
        """
        own = self._own.get(person.client)
        if own is None:
            return (person.client,)
        return own.classes.key(person.state_id, marks, person.machine)

    def read(self, template: str, person: Person, marks: Marks) -> Subject | Unjudged:
        """Return a person as a simulation takes one."""
        if person.client not in self._own:
            simulated = ", ".join(self._own)
            return Unjudged(f"is of {person.client or 'no client'}; simulated is {simulated}")
        try:
            return read_kept(fill_in(template.encode(), marks), person.machine())
        except ValueError as error:
            return Unjudged(str(error))

    def judge(self, subject: Subject | Unjudged, person: Person) -> Result:
        """Return what becomes of a person."""
        if isinstance(subject, Unjudged):
            return subject
        own = self._own[person.client]
        try:
            return simulate(subject, own.shipment, own.client)
        except TipstaffError as error:
            return Unjudged(str(error).removeprefix("error: "))

    def may_lose_keys(self, subject: Subject | Unjudged, person: Person) -> bool:
        """Return whether files of a person's host may hold keys that would be gone."""
        if isinstance(subject, Unjudged):
            return False
        shipment = self._own[person.client].shipment
        return self._may_lose(subject.states[0], shipment.files, shipment.way)

    def has_workspace(self, person: Person, result: Simulated) -> bool:
        """Return whether a login by the method that is lost belongs to a workspace."""
        own = self._own.get(person.client)
        method = own.methods.get(str(result.method)) if own else None
        return method is not None and method.has_workspace


def _own(name: str, shipment: Shipment) -> _Own:
    adapter = load_client(name)
    deployment = adapter.deployment()
    digests = [hashlib.sha256(file.text.encode()).hexdigest() for file in shipment.files]
    return _Own(
        client_of(adapter),
        shipment,
        Classes(
            ages_of(shipment, name, deployment.login_ages),
            list_known(shipment, name, digests),
            Stages(shipment, name),
        ),
        {method.name: method for method in adapter.methods},
    )


def in_general(result: Result, marks: Marks) -> bytes:
    """Return a result without what is one person's alone: equal where two persons end alike."""
    text = _ENCODE(result)
    for number, identity in enumerate(marks.ids):
        text = text.replace(identity.encode(), b"\x02%d\x02" % number)
    for own, mark in ((marks.cwd, b"\x03"), (marks.person, b"\x01")):
        if len(own) > 1:
            text = text.replace(_ENCODE(own)[1:-1], mark)
    return _NUMBERED.sub(b"#", text)


def says_days(result: Result) -> bool:
    """Return whether a result states an age in days, which differs among persons who end alike."""
    return b" days" in _ENCODE(result)


def reason_of(result: Result, marks: Marks) -> str:
    """Return why persons of a class end as they do, in words that hold for each of them."""
    why = result.why
    for identity in marks.ids:
        why = why.replace(f'"{identity}"', '"…"')
    if len(marks.person) > 1:
        why = why.replace(marks.person, "~")
    return _DAYS.sub("last refreshed some days ago", why)
