"""Which verdicts another version of a client would change."""

from collections.abc import Iterable, Sequence

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import FINDINGS_EXIT, UsageError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, Decision, HostState
from tipstaff_policy.record import Record

THIS_HOST = "this host"


class HostUpgraded(Record):
    """What two versions of a client do on one host."""

    host: str
    """The file of its report, or this host."""
    old: Decision
    new: Decision

    @property
    def changes(self) -> bool:
        """Return whether a person is treated differently."""
        return (self.old.verdict, self.old.removes) != (self.new.verdict, self.new.removes)


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


def compare_here(adapter: Adapter, request: Request, versions: Sequence[str]) -> HostUpgraded:
    """Read this host as both versions do, and decide."""
    states = [adapter.read_state(request._replace(client_version=version)) for version in versions]
    old, new = (adapter.decide(state) for state in states)
    return HostUpgraded(THIS_HOST, old, new)


def compare_state(
    adapter: Adapter, host: str, state: HostState, versions: Sequence[str]
) -> HostUpgraded:
    """Decide on a state that was collected as both versions do."""
    old, new = (adapter.decide(_as_version(state, version)) for version in versions)
    return HostUpgraded(host, old, new)


def _as_version(state: HostState, version: str) -> HostState:
    client = state.client._replace(version=version, version_source="option", may_be=())
    return state._replace(client=client, readings=())


def upgrade_exit(hosts: Iterable[HostUpgraded]) -> int:
    """Return 1 where an upgrade changes a verdict."""
    return FINDINGS_EXIT if any(host.changes for host in hosts) else 0
