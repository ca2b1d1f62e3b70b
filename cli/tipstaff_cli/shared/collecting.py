"""Hosts and collected reports, one person after the other; what cannot be read is told as well."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tipstaff_cli.shared.state_options import read_toml_1_1
from tipstaff_policy.assessment.policy_loading import Organisation, trusting
from tipstaff_policy.assessment.simulation import Subject
from tipstaff_policy.assessment.simulation_summary import Unread
from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.installations import drop_alike
from tipstaff_policy.errors import AccessDeniedError, TipstaffError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Platform
from tipstaff_policy.organisation.model import NO_POLICY
from tipstaff_policy.organisation.waivers.of_user import pasted_waivers
from tipstaff_policy.system.host_identity import read_machine
from tipstaff_schemas.collected import Missing, read_collected

REPORT_SUFFIXES = (".json", ".ndjson", ".jsonl")
REPORT_LIMIT = 64 << 20
"""Bytes of one report; a root run holds one for each user."""
TOP = ("etc", "home", "root", "Users", "Library", "ProgramData")
"""What lies at the top of a system root."""
STANDARD_INPUT = Path("-")
Advance = Callable[[int], None]


class Person(NamedTuple):
    """A person on a host, and where that was read."""

    source: str
    subject: Subject
    from_report: bool = False
    """Whether a report tells of the host, which holds less than the host itself."""


class Wanted(NamedTuple):
    """How hosts are read."""

    adapter: Adapter
    organisation: Organisation
    """The policy that is simulated: its keys judge the signatures."""
    client_version: str | None
    platform: Platform | None


def system_roots(folders: list[Path]) -> list[Path]:
    """Return the hosts in folders: each is a system root itself, or holds some."""
    found = []
    for folder in folders:
        if _is_root(folder):
            found.append(folder)
        else:
            found += sorted(each for each in folder.iterdir() if each.is_dir())
    return found


def _is_root(folder: Path) -> bool:
    return any((folder / each).is_dir() for each in TOP)


def read_hosts(roots: list[Path], wanted: Wanted) -> Iterator[Person | Unread]:
    """Yield every person of every host, as the host is now."""
    for root in roots:
        if not _is_root(root):
            yield Unread(str(root), f"is no system root: it has none of {', '.join(TOP)}")
            continue
        for home in _homes(root, wanted.adapter):
            try:
                yield _person(root, home, wanted)
            except (TipstaffError, OSError) as error:
                yield Unread(str(home or root), str(error).removeprefix("error: "))


def _homes(root: Path, adapter: Adapter) -> list[Path | None]:
    """Return the client's folders of a host; one, or none, is found without being named."""
    patterns = ("root", "home/*", "Users/*", "var/root")
    found = [
        each for pattern in patterns for each in sorted(root.glob(f"{pattern}/{adapter.folder}"))
    ]
    folders = [each for each in found if each.is_dir()]
    return [*folders] if len(folders) > 1 else [None]


def _person(root: Path, home: Path | None, wanted: Wanted) -> Person:
    base = str(root.absolute())
    request = Request(
        env={},
        cwd=base,
        now=int(time.time()),
        client_version=wanted.client_version,
        platform=wanted.platform or platform_of(root),
        system_root=base,
        client_home=str(home.absolute()) if home else None,
        detail="all",
        newer_toml=read_toml_1_1,
    )
    request = trusting(request, wanted.organisation)
    policy = wanted.organisation.policy
    adapter = wanted.adapter
    clients = drop_alike(adapter.find_installations(request))
    states = tuple(adapter.read_state(request._replace(client=client)) for client in clients)
    pasted = pasted_waivers(policy, request, states[0].home)
    subject = Subject(
        states=states,
        machine=read_machine(base, states[0].home),
        judged_by=policy.trusted_keys.values if policy.trusted_keys else None,
        pasted=NO_POLICY._replace(waivers=pasted),
    )
    return Person(str(home or root), subject)


def platform_of(root: Path) -> Platform:
    """Return which platform a tree looks like."""
    if (root / "home").is_dir() or (root / "root").is_dir():
        return "linux"
    if (root / "ProgramData").is_dir():
        return "windows"
    if (root / "Users").is_dir():
        return "macos" if (root / "Library").is_dir() or (root / "etc").is_dir() else "windows"
    return "linux"


def report_files(paths: list[Path]) -> list[Path]:
    """Return the files of reports: those named, and those of a report's suffix in folders.

    Raises:
        AccessDeniedError: A folder cannot be looked into.
    """
    found = []
    for path in paths:
        if path.is_dir():
            below = files_below(path)
            found += [each for each in below if each.suffix.lower() in REPORT_SUFFIXES]
        else:
            found.append(path)
    return found


def files_below(folder: Path) -> list[Path]:
    """Return every file of a folder and of those in it, sorted.

    Raises:
        AccessDeniedError: One of them cannot be looked into.
    """

    def refuse(error: OSError) -> None:
        raise AccessDeniedError(
            f"cannot be looked into: {error.strerror}", where=str(error.filename or folder)
        ) from error

    return sorted(
        Path(below) / name for below, _, names in os.walk(folder, onerror=refuse) for name in names
    )


def read_reports(files: list[Path], advance: Advance) -> Iterator[Person | Unread]:
    """Yield every person of every report, line by line; nothing is held in memory."""
    for path in files:
        try:
            if path == STANDARD_INPUT:
                yield from _persons(sys.stdin.buffer, path, advance)
                continue
            with path.open("rb") as opened:
                yield from _persons(opened, path, advance)
        except OSError as error:
            yield Unread(str(path), f"cannot be read: {error.strerror}")


def _persons(opened: BinaryIO, path: Path, advance: Advance) -> Iterator[Person | Unread]:
    for where, data in _documents(opened, path):
        if len(data) > REPORT_LIMIT:
            yield Unread(where, f"is larger than {REPORT_LIMIT} bytes; what follows was not read")
            return
        for each in read_collected(data):
            yield (
                Unread(where, each.why)
                if isinstance(each, Missing)
                else Person(where, each.subject, from_report=True)
            )
        advance(len(data))


def _documents(opened: BinaryIO, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the documents of a file: one that is written over many lines, or one a line."""
    first = opened.readline(REPORT_LIMIT + 1)
    if first.strip() in (b"{", b"["):
        yield str(path), first + opened.read(REPORT_LIMIT + 1)
        return
    if not first:
        yield str(path), first
        return
    number = 1
    line = first
    while line:
        if line.strip():
            yield f"{path}:{number}", line
        line = opened.readline(REPORT_LIMIT + 1)
        number += 1
