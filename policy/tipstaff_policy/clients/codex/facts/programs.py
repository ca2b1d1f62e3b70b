"""The programs that start by the client's name, and whether the guard is in front of them."""

import os

from tipstaff_policy.clients.codex.installations import PROGRAM
from tipstaff_policy.clients.installed import on_path
from tipstaff_policy.clients.program_facts import list_programs
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.model.request import Request


def programs(request: Request) -> tuple[Program, ...] | None:
    """Return every program of the client's name on the path, and where all users look for one."""
    if request.platform == "windows":
        return _programs_of_windows(request)
    return list_programs(request, PROGRAM)


def _programs_of_windows(request: Request) -> tuple[Program, ...] | None:
    """Return the programs of a live Windows; an image of one shows no path."""
    if request.system_root or os.sep == "/":
        return None
    from tipstaff_policy.clients.windows_shims import why_unguarded_there  # noqa: PLC0415

    found = [place for place in on_path(request, PROGRAM) if os.path.isfile(place)]
    return tuple(Program(place, why_unguarded_there(place)) for place in dict.fromkeys(found))
