"""Which version of the client is judged: the one asked for, else the one installed.

The version is read from the package beside the program; the program is never run.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Literal

from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.codex.versions import (
    NEWEST,
    PROVEN,
    behaviour_of,
    name_of,
    version_number,
)
from tipstaff_policy.clients.model import Request
from tipstaff_policy.files import read_bounded
from tipstaff_policy.values import Client

PROGRAM = "codex"
PACKAGE = "@openai/codex"
SIZE_LIMIT = 1 << 20
LEVELS = 5
"""Folders between the program and its package."""
GLOBAL_PACKAGES = (
    "usr/lib/node_modules",
    "usr/local/lib/node_modules",
    "opt/homebrew/lib/node_modules",
)


def find_client(request: Request) -> Client:
    """Return the client of a request; assume the newest proven one where none is found."""
    if request.client_version is not None:
        return _client(request, None, request.client_version, "option")
    path, version = _installed(request)
    return _client(request, path, version, "package" if version else "assumed")


def _client(
    request: Request,
    path: str | None,
    version: str | None,
    source: Literal["option", "package", "assumed"],
) -> Client:
    version = version or ".".join(map(str, NEWEST))
    behaviour = behaviour_of(version)
    return Client(
        name="codex",
        version=version,
        version_source=source,
        path=path,
        proven=version_number(version) in PROVEN,
        entry_point=request.entry_point,
        precedence=name_of(behaviour) if behaviour else "none",
        precedence_evidence=TABLES[request.platform].evidence,
    )


def find_installations(request: Request) -> tuple[Client, ...]:
    """Return every client found here: on the path in its order, then where packages are put."""
    root = request.system_root
    programs = [] if root else _on_path(request.env)
    found = [(path, _version_beside(path)) for path in programs]
    beside = {os.path.realpath(path) for path in programs}
    found += [
        (place, version)
        for place, version in _packages(root)
        if not any(each.startswith(os.path.realpath(place) + "/") for each in beside)
    ]
    return tuple(
        _client(request, path, version, "package" if version else "assumed")
        for path, version in found
    )


def _installed(request: Request) -> tuple[str | None, str | None]:
    if request.system_root:
        return next(iter(_packages(request.system_root)), (None, None))
    named = request.program
    path = named if named and "/" in named else next(iter(_on_path(request.env)), None)
    return path, _version_beside(path) if path else None


def _packages(root: str | None) -> list[tuple[str, str]]:
    """Return the packages that are installed for everybody, with their versions."""
    places = [f"{root or ''}/{each}/{PACKAGE}" for each in GLOBAL_PACKAGES]
    return [(place, version) for place in places if (version := _package_version(place))]


def _version_beside(path: str) -> str | None:
    """Return the version in the package around a program."""
    folder = os.path.dirname(os.path.realpath(path))
    for _ in range(LEVELS):
        version = _package_version(folder)
        if version:
            return version
        folder = os.path.dirname(folder)
    return None


def _on_path(env: Mapping[str, str]) -> list[str]:
    paths = [f"{folder}/{PROGRAM}" for folder in env.get("PATH", "").split(":")]
    return [
        path
        for path in dict.fromkeys(paths)
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK)
    ]


def _package_version(folder: str) -> str | None:
    try:
        package = json.loads(read_bounded(f"{folder}/package.json", SIZE_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(package, dict) or not str(package.get("name")).startswith(PACKAGE):
        return None
    # Platform packages carry their platform behind the number.
    found = re.match(r"\d+\.\d+\.\d+", str(package.get("version")))
    return found[0] if found else None
