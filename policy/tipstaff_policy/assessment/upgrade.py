"""Which verdicts another version of a client would change."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from tipstaff_policy.assessment.simulation import Shipment, Subject, client_of, ship
from tipstaff_policy.assessment.simulation_subjects import Person, Wanted, read_hosts
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, Decision, HostState
from tipstaff_policy.record import Record
from tipstaff_policy.system.host_identity import read_machine

THIS_HOST = "this host"


Kind = Literal["start", "log_out", "message"]
SIGNED_IN = ("allow",)
SILENT = ("allow", "not_logged_in")
"""The verdicts of which the client tells the person no reason."""
LOGGED_OUT = ("log_out", "ignore_credential", "block")


class HostUpgraded(Record):
    """What two versions of a client do on one host."""

    host: str
    """The file of its report, its folder, or this host."""
    old: Decision
    new: Decision
    user: str = ""
    """Whose start it is; empty where nothing says so."""

    @property
    def changes(self) -> bool:
        """Return whether a person is treated differently."""
        return (self.old.verdict, self.old.removes) != (self.new.verdict, self.new.removes)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return what changes for a person; what the client says only where nothing else does."""
        old, new = self.old, self.new
        starts = (old.verdict in SIGNED_IN) != (new.verdict in SIGNED_IN)
        ends = [(decision.verdict in LOGGED_OUT, decision.removes) for decision in (old, new)]
        found: list[Kind] = ["start"] if starts else []
        found += ["log_out"] if ends[0] != ends[1] else []
        if found:
            return tuple(found)
        silent = old.verdict == new.verdict and old.verdict in SILENT
        differs = old.verdict != new.verdict or old.reason != new.reason
        return ("message",) if differs and not silent else ()


def choose_by_reports(clients: Sequence[str], asked: Sequence[str]) -> str:
    """Return the client that reports are compared for.

    Args:
        clients: Of each report its client.
        asked: The clients that the command line means: the one that it names, else all.
    Raises:
        UsageError: The reports are of several clients and none is named, or of none that is meant.
    """
    found = tuple(dict.fromkeys(clients))
    if len(found) > 1 and len(asked) > 1:
        raise UsageError(
            f"the reports are of {' and '.join(found)}, and one client is compared at a time",
            expected=f"--client with one of {', '.join(found)}",
        )
    meant = [client for client in found if client in asked]
    if not meant:
        raise UsageError(
            f"the reports are of {' and '.join(found)}", expected=f"reports of {' or '.join(asked)}"
        )
    return meant[0]


def list_installed(adapter: Adapter, request: Request) -> tuple[Client, ...]:
    """Return every program of a client that is found; none is run."""
    every = adapter.find_installations(request._replace(client_version=None))
    return tuple(client for client in every if client.path is not None)


def read_version(adapter: Adapter, request: Request, named: str) -> str:
    """Return a version that is named, or the one of a program on this machine.

    Raises:
        UsageError: It is not a version, or the version of the program is unknown.
    """
    if "/" not in named:
        if adapter.versions.order(named) is None:
            raise UsageError(f"{named!r} is no version", expected="a number, or a program's path")
        return named
    # A program is named by its path on this machine, even if an image is judged.
    here = request._replace(client_version=None, system_root=None, program=named)
    client = adapter.find_installations(here)[0]
    if client.version_source == "assumed":
        raise UsageError(f"no package states the version of {named}")
    return client.version


class Upgrade(Record):
    """What is compared: two versions of a client, with a policy or as hosts are."""

    adapter: Adapter
    versions: tuple[str, str]
    """The old one, and the new one."""
    shipment: Shipment | None = None
    """The policy under which the versions are compared; None for the rules that hosts have now."""


def compare_here(upgrade: Upgrade, request: Request) -> HostUpgraded:
    """Read this host as both versions do, and decide."""
    states = [
        upgrade.adapter.read_state(request._replace(client_version=version))
        for version in upgrade.versions
    ]
    machine = read_machine(request.system_root, states[0].home)
    return _compare(upgrade, (THIS_HOST, ""), [Subject((state,), machine) for state in states])


def compare_hosts(
    upgrade: Upgrade, roots: Sequence[str], wanted: Wanted
) -> Iterator[HostUpgraded | Unread]:
    """Read every person of every host as both versions do, and decide."""
    old, new = (
        read_hosts(roots, wanted._replace(adapters=(upgrade.adapter,), client_version=version))
        for version in upgrade.versions
    )
    for before, after in zip(old, new, strict=True):
        if isinstance(before, Unread) or isinstance(after, Unread):
            yield before if isinstance(before, Unread) else after  # type: ignore[misc]
        else:
            whose = (before.source, before.subject.machine.user)
            yield _compare(upgrade, whose, [before.subject, after.subject])


def compare_person(upgrade: Upgrade, person: Person) -> HostUpgraded | None:
    """Decide on a person of a report as both versions do; None for one of another client.

    What another version would have read otherwise, its decision takes for unknown.
    """
    subject = person.subject
    own = [state for state in subject.states if state.client.name == upgrade.adapter.name]
    if not own:
        return None
    subjects = [
        subject._replace(states=(_as_version(own[0], version),)) for version in upgrade.versions
    ]
    return _compare(upgrade, (person.source, subject.machine.user), subjects)


def _compare(upgrade: Upgrade, whose: tuple[str, str], subjects: Sequence[Subject]) -> HostUpgraded:
    old, new = (_decide(upgrade, subject) for subject in subjects)
    host, user = whose
    return HostUpgraded(host, old, new, user)


def _decide(upgrade: Upgrade, subject: Subject) -> Decision:
    adapter, (state, *_) = upgrade.adapter, subject.states
    if upgrade.shipment is None:
        return adapter.decide(state)
    shipped, _ = ship(state, subject, upgrade.shipment, client_of(adapter))
    return adapter.decide(shipped)


def describe_rules(upgrade: Upgrade) -> Iterator[str]:
    """Yield which parts of a policy's files one of the versions alone cannot enforce."""
    shipment = upgrade.shipment
    if shipment is None or not shipment.files:
        return
    found = [_obstacles(upgrade.adapter, shipment, version) for version in upgrade.versions]
    for version, own, other in zip(upgrade.versions, found, reversed(found), strict=True):
        for reason in own:
            if reason not in other:
                yield f"client {version} alone cannot enforce the policy's files: {reason}"


def _obstacles(adapter: Adapter, shipment: Shipment, version: str) -> tuple[str, ...]:
    number = adapter.versions.order(version)
    names = frozenset(file.name for file in shipment.files)
    return adapter.deployment().obstacles(shipment.policy, number, names) if number else ()


def _as_version(state: HostState, version: str) -> HostState:
    client = state.client._replace(version=version, version_source="option", may_be=())
    return state._replace(client=client, readings=())


def upgrade_exit(hosts: Iterable[HostUpgraded]) -> int:
    """Return 1 where an upgrade changes a verdict."""
    return FINDINGS_EXIT if any(host.changes for host in hosts) else 0
