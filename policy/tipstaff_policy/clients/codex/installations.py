"""Which clients are judged, and as which versions (ADR 0014).

The version is read from the package around the program; the program is never run. What others
than the administrators can write is not believed.
"""

import os
from collections.abc import Iterator

from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import (
    NEWEST,
    PROVEN,
    Version,
    behaviour_of,
    name_of,
    version_number,
)
from tipstaff_policy.clients.installed import (
    PREFIXES,
    behind_shim,
    first_loose,
    is_learned,
    learn_newer,
    on_path,
    package_version,
    real_place,
    runs,
)
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client, VersionSource
from tipstaff_policy.system.files import is_inside, show_path

PROGRAM = "codex"
PACKAGE = "@openai/codex"
LEVELS = 5
"""Folders between the program and its package."""


def find_installations(request: Request) -> tuple[Client, ...]:
    """Return the clients that a request is about; never none.

    The one that is named, by version or program. Otherwise all: those on the path in its order,
    then the packages for all users. If there is none, a later installation is judged as the newest
    proven version. A shim stands for the client behind it.
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
            found[behind or place] = _read_installed(request, path, behind or place, shims)
    if not request.program:
        for folder in _package_folders(request.system_root):
            if not any(is_inside(client, folder) for client in found):
                found[folder] = _read_installed(request, folder, folder)
    return tuple(found.values()) or (_client(request, None, _text(NEWEST), "assumed"),)


def _read_installed(request: Request, path: str, place: str, shims: tuple[str, ...] = ()) -> Client:
    """Return the client of a program, or of a package, at a path."""
    root = request.system_root
    folder, version = _package_around(place, root)
    stated_by = f"{folder}/package.json" if folder else place
    writable_at = first_loose((*shims, place, stated_by), request)
    if version is None:
        return _client(request, path, _text(NEWEST), "assumed", writable_at)
    return _client(request, path, version, "doubted" if writable_at else "package", writable_at)


def find_stating(place: str, root: str | None) -> str:
    """Return the file that says which version a program is: its package, else the program."""
    folder, version = _package_around(place, root)
    return f"{folder}/package.json" if version else place


def _client(
    request: Request,
    path: str | None,
    version: str,
    source: VersionSource,
    writable_at: str | None = None,
) -> Client:
    number = version_number(version)
    counter = learn_newer(request, number, NEWEST)
    behaviour = behaviour_of(version)
    uncertain = path is not None and source in ("assumed", "doubted")
    return Client(
        name="codex",
        version=version,
        version_source=source,
        path=path and show_path(path, request.system_root),
        proven=(number in PROVEN or is_learned(PROGRAM, number)) and not uncertain,
        entry_point=request.entry_point,
        precedence=name_of(behaviour) if behaviour else "none",
        precedence_evidence=TABLES[request.platform].evidence,
        may_be=_others_than(version) if uncertain else (),
        writable_at=writable_at,
        knowledge=counter,
    )


def _others_than(version: str) -> tuple[str, ...]:
    """Return the newest and the oldest proven version, where they judge by another row."""
    ends = dict.fromkeys((NEWEST, min(PROVEN)))
    own = behaviour_of(version)
    return tuple(_text(end) for end in ends if behaviour_of(_text(end)) != own)


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _programs(request: Request) -> list[str]:
    """Return the client's programs, as they are called on this machine, in the order of search."""
    root, named = request.system_root, request.program
    if root:
        return [path for prefix in PREFIXES if runs(path := f"{root}/{prefix}/bin/{PROGRAM}", root)]
    if named and "/" in named:
        return [named]
    found = [path for path in on_path(request, named or PROGRAM) if runs(path, None)]
    return found[:1] if named else found


def _package_folders(root: str | None) -> Iterator[str]:
    """Yield the packages for all users."""
    for prefix in PREFIXES:
        folder = real_place(f"{root or ''}/{prefix}/lib/node_modules/{PACKAGE}", root)
        if package_version(folder, root, PACKAGE):
            yield folder


def _package_around(place: str, root: str | None) -> tuple[str | None, str | None]:
    """Return the package at or around a place, and its version."""
    folder = place
    for _ in range(LEVELS + 1):
        version = package_version(folder, root, PACKAGE)
        if version or (root and not is_inside(folder, root)):
            return folder, version
        folder = os.path.dirname(folder)
    return None, None
