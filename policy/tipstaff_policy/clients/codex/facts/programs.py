"""The programs that start by the client's name, and whether the guard is in front of them."""

import os

from tipstaff_policy.clients.codex.installations import PROGRAM
from tipstaff_policy.clients.shim import why_unguarded
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import show_path, within

GLOBAL_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")


def programs(request: Request) -> tuple[Program, ...] | None:
    """Return every program of the client's name on the path, and where all users look for one.

    Packages count by their entry on the path: the client itself has to be somewhere, so that a
    shim can start it.
    """
    if request.platform == "windows":
        return _programs_of_windows(request)
    root = request.system_root
    folders = [] if root else [os.path.abspath(folder) for folder in _path(request) if folder]
    found: dict[str, Program] = {}
    for folder in (*folders, *GLOBAL_FOLDERS):
        path = f"{root or ''}{folder}/{PROGRAM}"
        try:
            place = within(root, f"{folder}/{PROGRAM}") if root else os.path.realpath(path)
        except OSError:
            continue  # links go round in circles: nothing starts there
        if os.path.isfile(place) and os.stat(place).st_mode & 0o111:
            found.setdefault(place, Program(show_path(path, root), why_unguarded(place, root)))
    return tuple(found.values())


def _programs_of_windows(request: Request) -> tuple[Program, ...] | None:
    """Return the programs of a live Windows; an image of one shows no path."""
    if request.system_root or os.sep == "/":
        return None
    from tipstaff_policy.clients.installed import on_path  # noqa: PLC0415 - there only
    from tipstaff_policy.clients.windows_shims import why_unguarded_there  # noqa: PLC0415

    found = [place for place in on_path(request, PROGRAM) if os.path.isfile(place)]
    return tuple(Program(place, why_unguarded_there(place)) for place in dict.fromkeys(found))


def _path(request: Request) -> list[str]:
    return request.env.get("PATH", os.defpath).split(":")
