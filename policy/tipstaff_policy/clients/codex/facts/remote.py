"""Clients that work through another one: it has the login, and no file of this host restricts it.

Source: tests/conformance/test_remote_session.py (client 0.171.0).
"""

import re

from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.codex.facts.processes import is_client
from tipstaff_policy.clients.codex.installations import PROGRAM
from tipstaff_policy.model.host_facts import RemoteSession, Running
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.processes import has_ended, list_processes, words_of

SOCKET = "unix://"
_SERVER = re.compile(r"(\w+)://(?:[^/@]*@)?([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?(?:[/?#].*)?")


def remote_sessions(request: Request, running: Running | None) -> tuple[RemoteSession, ...] | None:
    """Return the clients of this folder, and the command line judged, that work elsewhere.

    Returns:
        None where neither processes nor a command line could be seen.
    """
    asked = (RemoteSession(show_address(request.remote)),) if request.remote is not None else ()
    if running is None or running.unread is not None:
        return asked or None
    here = {client.pid for client in running.clients if client.here is not False}
    return (*asked, *_of_processes(here))


def _of_processes(pids: set[int]) -> tuple[RemoteSession, ...]:
    found = []
    for process in list_processes() if pids else ():
        if process.pid in pids and is_client(process) and not has_ended(process):
            words = words_of(process)
            # Behind the launcher's interpreter stands its script.
            start = 0 if words and words[0].rpartition("/")[2] == PROGRAM else 1
            address = address_of((PROGRAM, *words[start + 1 :]))
            if address is not None:
                found.append(RemoteSession(show_address(address), process.pid))
    return tuple(found)


def address_of(command: tuple[str, ...]) -> str | None:
    """Return the address that any reading of a command line has."""
    readings = read_invocation(command) or ()
    return next((reading.remote for reading in readings if reading.remote is not None), None)


def show_address(address: str) -> str:
    """Return an address without user, password, path and query, which may hold secrets."""
    if address.startswith(SOCKET):
        return address
    found = _SERVER.fullmatch(address)
    return f"{found[1]}://{found[2]}{found[3] or ''}" if found else "an address of no known form"
