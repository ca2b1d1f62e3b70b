"""The programs that start by the client's name, and whether the guard is in front of them."""

import os

from tipstaff_policy.clients.claude.locations import PROGRAM
from tipstaff_policy.clients.shim import why_unguarded
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import show_path, within

GLOBAL_FOLDERS = ("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")


def programs(request: Request) -> tuple[Program, ...] | None:
    """Return every program of the client's name on the path, and where all users look for one."""
    if request.platform == "windows":
        return None
    root = request.system_root
    path = request.env.get("PATH", os.defpath).split(":")
    folders = [] if root else [os.path.abspath(folder) for folder in path if folder]
    found: dict[str, Program] = {}
    for folder in (*folders, *GLOBAL_FOLDERS):
        path_here = f"{root or ''}{folder}/{PROGRAM}"
        try:
            place = within(root, f"{folder}/{PROGRAM}") if root else os.path.realpath(path_here)
        except OSError:
            continue  # links go round in circles: nothing starts there
        if os.path.isfile(place) and os.stat(place).st_mode & 0o111:
            found.setdefault(place, Program(show_path(path_here, root), why_unguarded(place, root)))
    return tuple(found.values())
