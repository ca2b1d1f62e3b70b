"""Who listens on the ports to which a browser log-in returns (Linux)."""

import os
import re

from tipstaff_policy.clients.codex.facts.processes import is_client
from tipstaff_policy.model.host_facts import CallbackPorts, TakenPort
from tipstaff_policy.system.files import read_bounded
from tipstaff_policy.system.processes import PROC, list_processes

PORTS = (1455, 1457)
"""The client tries the second where the first is taken."""
SIZE_LIMIT = 16 << 20
LISTENING = "0A"
IN_THE_WAY = re.compile(r"0{8}|0100007F|0{32}|0{16}FFFF00000100007F")
"""Any address and 127.0.0.1, by either protocol, as a little-endian processor spells them."""


def callback_ports(needed: tuple[int, ...] = PORTS) -> CallbackPorts:
    """Return the ports of the client on which other programs listen."""
    try:
        sockets = {**_find_listening("tcp6", needed), **_find_listening("tcp", needed)}
    except OSError as error:
        return CallbackPorts(needed, unread=f"the table of sockets: {error.strerror}")
    return CallbackPorts(needed, _find_holders(sockets) if sockets else ())


def _find_listening(protocol: str, needed: tuple[int, ...]) -> dict[int, str]:
    """Return the socket of each needed port, by its number."""
    try:
        table = read_bounded(f"{PROC}/net/{protocol}", SIZE_LIMIT).decode("ascii")
    except FileNotFoundError:
        return {}  # a machine without that protocol
    found = {}
    for line in table.splitlines()[1:]:
        fields = line.split()
        address, _, port = fields[1].partition(":")
        if fields[3] == LISTENING and int(port, 16) in needed and IN_THE_WAY.fullmatch(address):
            found[int(port, 16)] = f"socket:[{fields[9]}]"
    return found


def _find_holders(sockets: dict[int, str]) -> tuple[TakenPort, ...]:
    unseen = "a process that cannot be read"
    found = {port: TakenPort(port, unseen) for port in sockets}
    for process in list_processes():
        for port, name in sockets.items():
            if name in _open_files(process.folder):
                who = f"process {process.pid} ({process.name})"
                found[port] = TakenPort(port, who, client=is_client(process))
    return tuple(found[port] for port in sorted(found))


def _open_files(folder: str) -> set[str]:
    names = set()
    try:
        for name in os.listdir(f"{folder}/fd"):
            names.add(os.readlink(f"{folder}/fd/{name}"))
    except OSError:
        pass  # another user's, or closed meanwhile
    return names
