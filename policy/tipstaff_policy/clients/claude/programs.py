"""The programs that start by the client's name, and whether the guard is in front of them."""

from tipstaff_policy.clients.claude.locations import PROGRAM
from tipstaff_policy.clients.program_facts import list_programs
from tipstaff_policy.model.host_facts import Program
from tipstaff_policy.model.request import Request


def programs(request: Request) -> tuple[Program, ...] | None:
    """Return every program of the client's name; None on Windows, where they are not looked for."""
    return None if request.platform == "windows" else list_programs(request, PROGRAM)
