"""Which version of the client is judged: the one asked for, else the one installed.

The version is read from the package beside the program; the program is never run.
"""

import json
import os
import re
from collections.abc import Mapping

from tipstaff_policy.clients.codex.platforms import TABLES
from tipstaff_policy.clients.model import Request
from tipstaff_policy.files import read_bounded
from tipstaff_policy.values import Client

PROGRAM = "codex"
PACKAGE = "@openai/codex"
NEWEST_PROVEN = (0, 169, 0)
PROVEN = ((0, 169, 0),)
"""The versions on which every case of the conformance suite agreed."""
OLDEST_MODELLED = (0, 147, 0)
"""Older clients ignore the requirements' sign-in keys."""
PRECEDENCE = "codex-0.147"
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
    path: str | None = None
    version = request.client_version
    source = "option"
    if version is None:
        path, version = _installed(request)
        source = "package"
    if version is None:
        version, source = ".".join(map(str, NEWEST_PROVEN)), "assumed"
    number = version_number(version)
    return Client(
        name="codex",
        version=version,
        version_source=source,  # type: ignore[arg-type]
        path=path,
        proven=number in PROVEN,
        entry_point=request.entry_point,
        precedence=PRECEDENCE,
        precedence_evidence=TABLES[request.platform].evidence,
    )


def version_number(version: str) -> tuple[int, int, int] | None:
    """Return the three numbers of a release, or None where it has none."""
    found = re.fullmatch(r"v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?", version)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _installed(request: Request) -> tuple[str | None, str | None]:
    if request.system_root:
        places = [f"{request.system_root}/{each}/{PACKAGE}" for each in GLOBAL_PACKAGES]
        return next(
            ((place, v) for place in places if (v := _package_version(place))), (None, None)
        )
    named = request.program
    path = named if named and "/" in named else _on_path(request.env)
    if path is None:
        return None, None
    folder = os.path.dirname(os.path.realpath(path))
    for _ in range(LEVELS):
        version = _package_version(folder)
        if version:
            return path, version
        folder = os.path.dirname(folder)
    return path, None


def _on_path(env: Mapping[str, str]) -> str | None:
    for folder in env.get("PATH", "").split(":"):
        path = f"{folder}/{PROGRAM}"
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


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
