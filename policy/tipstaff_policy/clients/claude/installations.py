"""Which clients are judged, and as which versions (ADR 0014).

The version is read from where and how the program was installed; the program is never run. What
others than the administrators can write is not believed.

Source: docs/clients/claude.md, "Version" (client 2.1.332).
"""

import os
import re
from collections.abc import Iterator

from tipstaff_policy.clients.claude.locations import FOLDER, PROGRAM
from tipstaff_policy.clients.claude.platforms import TABLES
from tipstaff_policy.clients.claude.versions import (
    NEWEST,
    PROVEN,
    Version,
    behaviours_of,
    name_of,
    version_number,
)
from tipstaff_policy.clients.installed import (
    PREFIXES,
    behind_shim,
    find_inside,
    first_loose,
    in_editors,
    in_homes,
    is_learned,
    learn_newer,
    on_path,
    package_version,
    real_place,
    runs,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, VersionSource
from tipstaff_policy.record import Record
from tipstaff_policy.system.files import is_inside, show_path

PACKAGE = "@anthropic-ai/claude-code"
LEVELS = 3
"""Folders between the program and its package."""
NATIVE = re.compile(r".*/claude/versions/(\d+\.\d+\.\d+)(?:\.exe)?")
"""The native installer keeps each version as a file that is named by it."""
CASK = re.compile(r".*/Caskroom/[^/]+/(\d+\.\d+\.\d+)[^/]*/[^/]+")
MARK = rb"// Version: (\d+\.\d+\.\d+)\s"
"""What the program itself says of its version, many times."""
EDITOR_EXTENSION = "anthropic.claude-code"
EXTENSION = rf".*/extensions/{re.escape(EDITOR_EXTENSION)}-(\d+\.\d+\.\d+)[^/]*/.*"
"""The extension of an editor has the number of the client that it brings along."""


class Installation(Record):
    """A program, and what says which version it is."""

    version: str | None
    stated_by: tuple[str, ...] = ()
    """The files that say so, besides the program."""


def find_installations(request: Request) -> tuple[Client, ...]:
    """Return the clients that a request is about; never none.

    The one that is named, by version or program. Otherwise all: those on the path in its order,
    then those of the user's own home and the packages for all users. If there is none, a later
    installation is judged as the newest proven version. A shim stands for the client behind it.
    """
    if request.client:
        return (request.client,)
    if request.client_version is not None:
        return (_client(request, None, request.client_version, "option"),)
    found: dict[str, Client] = {}
    for path in _programs(request):
        place = real_place(path, request.system_root)
        behind = behind_shim(place, request.system_root)
        if (behind or place) not in found:
            shims = (place,) if behind else ()
            found[behind or place] = _describe_installed(request, path, behind or place, shims)
    return tuple(found.values()) or (_client(request, None, _text(NEWEST), "assumed"),)


def _describe_installed(request: Request, path: str, place: str, shims: tuple[str, ...]) -> Client:
    """Return the client of a program at a path."""
    found = installation_at(place, request.system_root)
    writable_at = first_loose((*shims, place, *found.stated_by), request)
    if found.version is None:
        return _client(request, path, _text(NEWEST), "assumed", writable_at)
    source: VersionSource = "doubted" if writable_at else "package"
    return _client(request, path, found.version, source, writable_at)


def installation_at(place: str, root: str | None) -> Installation:
    """Return what says which version a program is: its package, its name, or its content.

    Args:
        place: Where the program is, links followed.
    """
    if named := NATIVE.fullmatch(place) or CASK.fullmatch(place):
        return Installation(named[1])
    folder = os.path.dirname(place)
    for _ in range(LEVELS):
        version = package_version(folder, root, PACKAGE)
        if version:
            return Installation(version, (f"{folder}/package.json",))
        if root and not is_inside(folder, root):
            break
        folder = os.path.dirname(folder)
    version = find_inside(place, MARK)
    if version is None and (named := re.fullmatch(EXTENSION, place)):
        return Installation(named[1])
    return Installation(version)


def find_stating(place: str, root: str | None) -> str:
    """Return the file that says which version a program is: its package, else the program."""
    stated_by = installation_at(place, root).stated_by
    return stated_by[0] if stated_by else place


def _client(
    request: Request,
    path: str | None,
    version: str,
    source: VersionSource,
    writable_at: str | None = None,
) -> Client:
    number = version_number(version)
    counter = learn_newer(request, PROGRAM, number, NEWEST)
    uncertain = path is not None and source in ("assumed", "doubted")
    return Client(
        name=PROGRAM,
        version=version,
        version_source=source,
        path=path and show_path(path, request.system_root),
        proven=(number in PROVEN or is_learned(PROGRAM, number)) and not uncertain,
        entry_point=request.entry_point,
        precedence=name_of(version),
        precedence_evidence=TABLES[request.platform].evidence,
        may_be=_others_than(version) if uncertain else (),
        writable_at=writable_at,
        knowledge=counter,
    )


def _others_than(version: str) -> tuple[str, ...]:
    """Return the newest and the oldest proven version, where they judge by another row."""
    ends = dict.fromkeys((NEWEST, min(PROVEN)))
    own = behaviours_of(version)
    return tuple(_text(end) for end in ends if behaviours_of(_text(end)) != own)


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _programs(request: Request) -> Iterator[str]:
    """Yield the client's programs, as they are called on this machine, in the order of search."""
    root, named = request.system_root, request.program
    if named and "/" in named:
        yield named
        return
    if root:
        candidates = [f"{root}/{prefix}/bin/{PROGRAM}" for prefix in PREFIXES]
    else:
        candidates = list(on_path(request, named or PROGRAM))
    if not named:
        table = TABLES[request.platform]
        for home in in_homes(request, table.users, table.further_homes):
            candidates += _own(home, root)
    found = [path for path in dict.fromkeys(candidates) if runs(path, root)]
    yield from found[:1] if named else found


def _own(home: str, root: str | None) -> Iterator[str]:
    """Yield where installers and editors of one user put the client, also off the path."""
    yield f"{home}/.local/bin/{PROGRAM}"
    yield f"{home}/{FOLDER}/local/node_modules/.bin/{PROGRAM}"
    for extension in in_editors(home, root, EDITOR_EXTENSION):
        yield f"{extension}/resources/native-binary/{PROGRAM}"
        yield f"{extension}/resources/native-binary/{PROGRAM}.exe"
