"""The persons of hosts, as a policy is simulated on them; what cannot be read is shown as well."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from glob import glob

from tipstaff_policy.assessment.policy_loading import Organisation, ask_named
from tipstaff_policy.assessment.presence import drop_absent_clients
from tipstaff_policy.assessment.simulation import Subject
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.installations import drop_alike
from tipstaff_policy.errors import TipstaffError
from tipstaff_policy.model.request import Reader, ReadOptions, Request
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.model import NO_POLICY
from tipstaff_policy.organisation.waivers.of_user import read_pasted_waivers
from tipstaff_policy.record import Record
from tipstaff_policy.system.host_identity import read_machine
from tipstaff_policy.system.image_roots import is_root, why_no_root

HOMES = ("root", "home/*", "Users/*", "var/root")


class Person(Record):
    """A person on a host, and where that was read."""

    source: str
    subject: Subject
    from_report: bool = False
    """Whether the host comes from a report, which contains less than the host itself."""


class Wanted(Record):
    """How hosts are read."""

    adapters: tuple[Adapter, ...]
    organisation: Organisation
    """The policy that is simulated: its keys judge the signatures."""
    client_version: str | None
    platform: Platform | None
    newer_toml: Reader | None = None


class _Asked(Record):
    """A client on a host."""

    adapter: Adapter
    request: Request


def list_system_roots(folders: Iterable[str]) -> list[str]:
    """Return the hosts in folders: each is a system root itself, or holds some."""
    found: list[str] = []
    for folder in folders:
        if is_root(folder):
            found.append(folder)
        else:
            below = (os.path.join(folder, name) for name in sorted(os.listdir(folder)))
            found += [host for host in below if os.path.isdir(host)]
    return found


def read_hosts(roots: Iterable[str], wanted: Wanted) -> Iterator[Person | Unread]:
    """Yield every person of every host, as the host is now; one for each client of it."""
    for root in roots:
        if why := why_no_root(root):
            yield Unread(root, why)
            continue
        asked = [_Asked(adapter, _request(root, adapter, wanted)) for adapter in wanted.adapters]
        try:
            here = drop_absent_clients(asked)
        except (TipstaffError, OSError):
            here = asked  # each of them says why
        for adapter, request in here:
            yield from _persons(root, adapter, request, wanted)


def _persons(
    root: str, adapter: Adapter, request: Request, wanted: Wanted
) -> Iterator[Person | Unread]:
    for home in _homes(root, adapter):
        try:
            yield _person(root, home, adapter, request, wanted)
        except (TipstaffError, OSError) as error:
            yield Unread(home or root, str(error).removeprefix("error: "))


def _homes(root: str, adapter: Adapter) -> Sequence[str | None]:
    """Return the client's folders of a host; one, or none, is found without being named."""
    found = [
        folder
        for pattern in HOMES
        for folder in sorted(
            glob(f"{pattern}/{adapter.folder}", root_dir=root, include_hidden=True)
        )
    ]
    folders = [os.path.join(root, folder) for folder in found]
    folders = [folder for folder in folders if os.path.isdir(folder)]
    return folders if len(folders) > 1 else [None]


def _request(root: str, adapter: Adapter, wanted: Wanted) -> Request:
    base = os.path.abspath(root)
    return Request(
        env={},
        cwd=base,
        now=int(time.time()),
        client_version=wanted.client_version,
        platform=wanted.platform or platform_of(root),
        system_root=base,
        entry_point=adapter.entry_points[0],
        options=ReadOptions(detail="all", newer_toml=wanted.newer_toml),
    )


def _person(
    root: str, home: str | None, adapter: Adapter, request: Request, wanted: Wanted
) -> Person:
    request = request._replace(client_home=os.path.abspath(home) if home else None)
    request = ask_named(request, wanted.organisation)
    policy = wanted.organisation.policy
    clients = drop_alike(adapter.find_installations(request))
    states = tuple(adapter.read_state(request._replace(client=client)) for client in clients)
    pasted = read_pasted_waivers(policy, request, states[0].home)
    subject = Subject(
        states=states,
        machine=read_machine(request.system_root, states[0].home),
        judged_by=policy.trusted_keys.values if policy.trusted_keys else None,
        pasted=NO_POLICY._replace(waivers=pasted),
    )
    return Person(home or root, subject)


def platform_of(root: str) -> Platform:
    """Return which platform a tree looks like."""

    def has(name: str) -> bool:
        return os.path.isdir(os.path.join(root, name))

    if has("home") or has("root"):
        return "linux"
    if has("ProgramData"):
        return "windows"
    if has("Users"):
        return "macos" if has("Library") or has("etc") else "windows"
    return "linux"
