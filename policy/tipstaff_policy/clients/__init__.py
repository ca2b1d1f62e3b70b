"""The clients that Tipstaff knows; an adapter is a folder here and a line in these tables."""

import os

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import UsageError

CLIENTS = {"codex": "tipstaff_policy.clients.codex.adapter"}
"""The module of each client's adapter."""
PROGRAMS = {"codex": "codex"}
"""The client that each program is, so that a command is known without loading an adapter."""


def load_client(name: str) -> Adapter:
    """Return the adapter of a client, importing nothing of the others.

    Raises:
        UsageError: No such client.
    """
    if name not in CLIENTS:
        raise UsageError(f"unknown client {name!r}", expected=", ".join(sorted(CLIENTS)))
    # By Python's own function, because the library around it is one module more at every start.
    adapter: Adapter = __import__(CLIENTS[name], fromlist=["ADAPTER"]).ADAPTER
    return adapter


def load_clients(name: str | None = None) -> tuple[Adapter, ...]:
    """Return the adapter of one client, or of every client that Tipstaff knows.

    Raises:
        UsageError: No such client.
    """
    return tuple(load_client(client) for client in ([name] if name else CLIENTS))


def client_of_program(program: str) -> str | None:
    """Return which client a program is, by its path or name; None for any other program."""
    return PROGRAMS.get(os.path.basename(program))


def entry_points_of(name: str) -> tuple[str, ...]:
    """Return the entry points of a client, the first for where none is named.

    Where its package states them, its adapter is not loaded: help and completion need no more.
    """
    module = CLIENTS[name]
    package = __import__(module.rpartition(".")[0] or module, fromlist=["ENTRY_POINTS"])
    stated: tuple[str, ...] = getattr(package, "ENTRY_POINTS", ())
    return stated or load_client(name).entry_points
