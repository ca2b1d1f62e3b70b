"""Read of a client where it is installed, whichever client it is; it is never run (ADR 0014)."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import READING, read_bounded, show_path, within

SIZE_LIMIT = 1 << 20
SEARCHED = 1 << 30
"""Bytes of a program in which a version is searched."""
EDITORS = (
    ".vscode", ".vscode-insiders", ".vscode-oss", ".vscode-server", ".vscode-server-insiders",
    ".cursor", ".cursor-server", ".windsurf", ".windsurf-server", ".antigravity", ".trae",
)  # fmt: skip
"""The folders in a home in which editors keep extensions, each with programs of its own."""
SHIM_LIMIT = 4096
"""No client is that small, but for a launcher; only such a program can be a shim."""
ENDINGS = (".exe", ".cmd", ".ps1")
"""Of a program on Windows, in the order in which `cmd.exe` looks for them."""
PREFIXES = ("usr/local", "usr", "opt/homebrew")
"""Where programs and packages for all users are installed."""


def real_place(path: str, root: str | None) -> str:
    """Return where a path of this machine leads; one of an image stays in it."""
    if root is None:
        return os.path.realpath(path)
    try:
        return within(root, path.removeprefix(root))
    except OSError:
        return path


def runs(path: str, root: str | None) -> bool:
    """Return whether there is a program at a path of this machine."""
    place = real_place(path, root)
    return os.path.isfile(place) and os.access(place, os.X_OK)


def on_path(request: Request, program: str) -> Iterator[str]:
    """Yield where a command is searched, in that order.

    Empty and relative folders count, as they do when the command is started.
    """
    for folder in request.env.get("PATH", os.defpath).split(os.pathsep):
        for ending in ENDINGS if os.sep != "/" else ("",):
            yield os.path.join(os.path.abspath(folder), program + ending)


def behind_shim(place: str, root: str | None) -> str | None:
    """Return the path of the client of a shim; None if the program is not a shim."""
    if root is None and os.sep != "/":
        from tipstaff_policy.clients.windows_shims import read_shim_there  # noqa: PLC0415

        shim = read_shim_there(place)
        return os.path.normpath(shim.client) if shim else None
    try:
        if os.path.getsize(place) > SHIM_LIMIT:
            return None
        from tipstaff_policy.clients.shim import (  # noqa: PLC0415 - hardly a client is that small
            read_shim,
        )

        shim = read_shim(place)
    except OSError:
        return None
    return real_place(f"{root or ''}{shim.client}", root) if shim else None


def in_homes(request: Request, users: str, further: Iterable[str] = ()) -> Iterator[str]:
    """Yield the homes in which a client may be installed: of an image all, else the user's own.

    Args:
        users: The folder that holds the homes of an image.
        further: Homes outside of it.
    """
    root = request.system_root
    if root is None:
        home = request.env.get("HOME") or request.env.get("USERPROFILE")
        if home:
            yield home
        return
    try:
        names = sorted(os.listdir(real_place(f"{root}{users}", root)))
    except OSError:
        names = []
    yield from (f"{root}{users}/{name}" for name in names)
    yield from (f"{root}{home}" for home in further)


def in_editors(home: str, root: str | None, extension: str) -> Iterator[str]:
    """Yield the folders of an editor's extension, of every version in every editor of a home.

    Args:
        extension: Its publisher and name; the folder's name goes on with the version.
    """
    for editor in EDITORS:
        folder = f"{home}/{editor}/extensions"
        try:
            names = sorted(os.listdir(real_place(folder, root)))
        except OSError:
            continue
        yield from (f"{folder}/{name}" for name in names if name.startswith(f"{extension}-"))


def find_inside(place: str, pattern: bytes) -> str | None:
    """Return what a program itself names, by the first group of a pattern; it is not run."""
    import mmap  # noqa: PLC0415 - only where no package and no name states the version

    try:
        descriptor = os.open(place, READING)
    except OSError:
        return None
    try:
        size = min(os.fstat(descriptor).st_size, SEARCHED)
        with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as content:
            found = re.search(pattern, content)
            return found[1].decode() if found else None
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


def first_loose(files: Iterable[str], request: Request) -> str | None:
    """Return why the first such file is not the administrators' alone; None if all are.

    Args:
        files: On this machine, links followed.
    """
    from tipstaff_policy.system.owners.loose_places import (  # noqa: PLC0415 - not for a version given
        loose_places,
    )

    root = request.system_root
    for file in files:
        path = show_path(file, root)
        places = loose_places(path, root, request.platform)
        if places is None:
            return f"{path} may be of another user: its owner is unknown"
        if places:
            return f"{show_path(places[0].path, root)} {places[0].why}"
    return None


def package_version(folder: str, root: str | None, name: str) -> str | None:
    """Return the version of the npm package at a folder; None if there is no such package.

    Args:
        name: How its name begins; packages for one platform carry that behind it, and behind the
        number.
    """
    package = read_statement(f"{folder}/package.json", root)
    return find_stated_version(package) if str(package.get("name")).startswith(name) else None


def read_statement(path: str, root: str | None) -> dict[str, Any]:
    """Return what a package says of itself; nothing where it is not there or no object."""
    try:
        found = json.loads(read_bounded(real_place(path, root), SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def find_stated_version(package: Mapping[str, Any]) -> str | None:
    """Return the version that a package states; None where it states none."""
    found = re.match(r"\d+\.\d+\.\d+", str(package.get("version")))
    return found[0] if found else None


def learn_newer(
    request: Request,
    client: str,
    number: tuple[int, int, int] | None,
    newest: tuple[int, int, int],
) -> int | None:
    """Return the counter of the installed knowledge that a version is judged by; None without.

    Only a version that is newer than all that this release proves has it read (ADR 0071).
    """
    if number is None or number <= newest:
        return None
    from tipstaff_policy.clients.learned import learn, of_client  # noqa: PLC0415 - newer ones only

    learn(request.system_root, request.platform, request.now)
    learned = of_client(client)
    return learned.counter if learned and learned.adds else None


def is_learned(client: str, number: tuple[int, int, int] | None) -> bool:
    """Return whether installed knowledge, which was read before, proves a version."""
    from tipstaff_policy.clients.learned import newest_learned  # noqa: PLC0415 - not in the guard

    return number in newest_learned(client)
