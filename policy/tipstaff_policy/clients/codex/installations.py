"""Which clients are judged, and as which versions (ADR 0014).

The version is read from the package around the program; the program is never run. What others
than the administrators can write is not believed.
"""

import os
import re
from collections.abc import Iterator

from tipstaff_policy.clients.codex.locations import FOLDER
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
    find_inside,
    find_stated_version,
    first_loose,
    in_editors,
    in_homes,
    is_learned,
    learn_newer,
    on_path,
    package_version,
    read_statement,
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
LAYOUT = "codex-package.json"
"""What the vendor's own packages, which no npm has installed, have at their top."""
BREW = r".*/(?:Caskroom|Cellar)/codex[^/]*/(\d+\.\d+\.\d+)[^/]*/.+"
"""Homebrew keeps each version in a folder that is named by it."""
MARK = rb"codex-mcp-client/(\d+\.\d+\.\d+)"
"""What the program itself says of its version, once; 0.130.0 does not yet."""
EDITOR_EXTENSION = "openai.chatgpt"
APPLICATIONS = ("ChatGPT.app", "Codex.app")
"""On a Mac, for all users; each brings a client along."""


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
    stated_by, version = _statement_of(place, root)
    writable_at = first_loose((*shims, place, stated_by), request)
    if version is None:
        return _client(request, path, _text(NEWEST), "assumed", writable_at)
    return _client(request, path, version, "doubted" if writable_at else "package", writable_at)


def find_stating(place: str, root: str | None) -> str:
    """Return the file that says which version a program is: its package, else the program."""
    stated_by, version = _package_around(place, root)
    return stated_by if version else place


def _statement_of(place: str, root: str | None) -> tuple[str, str | None]:
    """Return what says which version a program is, and the version; None where nothing does.

    Its package, the name of Homebrew's folder, or the program itself.
    """
    stated_by, version = _package_around(place, root)
    if version:
        return stated_by, version
    if named := re.fullmatch(BREW, place):
        return place, named[1]
    return place, find_inside(place, MARK)


def _client(
    request: Request,
    path: str | None,
    version: str,
    source: VersionSource,
    writable_at: str | None = None,
) -> Client:
    number = version_number(version)
    counter = learn_newer(request, PROGRAM, number, NEWEST)
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
    if named and "/" in named:
        return [named]
    if root:
        candidates = [f"{root}/{prefix}/bin/{PROGRAM}" for prefix in PREFIXES]
    else:
        candidates = list(on_path(request, named or PROGRAM))
    if not named:
        table = TABLES[request.platform]
        for home in in_homes(request, table.users, table.further_homes):
            candidates += _own(home, root)
        if request.platform == "macos":
            places = (f"/Applications/{name}/Contents/Resources" for name in APPLICATIONS)
            candidates += [f"{root or ''}{place}/{PROGRAM}" for place in places]
    found = [path for path in dict.fromkeys(candidates) if runs(path, root)]
    return found[:1] if named else found


def _own(home: str, root: str | None) -> Iterator[str]:
    """Yield where installers and editors of one user put the client, also off the path."""
    yield f"{home}/.local/bin/{PROGRAM}"
    yield f"{home}/{FOLDER}/packages/standalone/current/bin/{PROGRAM}"
    for extension in in_editors(home, root, EDITOR_EXTENSION):
        folder = f"{extension}/bin"
        try:
            targets = sorted(os.listdir(real_place(folder, root)))
        except OSError:
            continue
        for target in targets:
            yield f"{folder}/{target}/{PROGRAM}"
            yield f"{folder}/{target}/{PROGRAM}.exe"


def _package_folders(root: str | None) -> Iterator[str]:
    """Yield the packages for all users."""
    for prefix in PREFIXES:
        folder = real_place(f"{root or ''}/{prefix}/lib/node_modules/{PACKAGE}", root)
        if package_version(folder, root, PACKAGE):
            yield folder


def _package_around(place: str, root: str | None) -> tuple[str, str | None]:
    """Return the file of the package at or around a place, and the version that it states."""
    folder = place
    for _ in range(LEVELS + 1):
        version = package_version(folder, root, PACKAGE)
        if version:
            return f"{folder}/package.json", version
        version = _layout_version(folder, root)
        if version or (root and not is_inside(folder, root)):
            return f"{folder}/{LAYOUT}", version
        folder = os.path.dirname(folder)
    return place, None


def _layout_version(folder: str, root: str | None) -> str | None:
    """Return the version of a package of the vendor's own at a folder; None without one."""
    return find_stated_version(read_statement(f"{folder}/{LAYOUT}", root))
