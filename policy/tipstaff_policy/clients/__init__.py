"""The clients that Tipstaff knows; an adapter is a folder here and a line in these tables."""

import os
from collections.abc import Sequence

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


def choose_clients(
    named: str | None, program: str | None, given: Sequence[str]
) -> tuple[Adapter, ...]:
    """Return the clients that are judged: the one that is meant, else every known one.

    Args:
        named: By ``--client``.
        program: The program that is judged or started, which says whose it is.
        given: The options on the command line that mean one client alone.
    Raises:
        UsageError: There is no such client, or nothing says which one an option means.
    """
    if named is None and len(CLIENTS) > 1:
        named = client_of_program(program) if program else None
        if named is None and given:
            raise require_client(f"{given[0]} applies to one client")
    return load_clients(named)


def require_client(what: str) -> UsageError:
    """Return the error of a command line that does not say which client it means."""
    return UsageError(
        f"{what}, and Tipstaff knows several", expected=f"--client with one of {', '.join(CLIENTS)}"
    )


def entry_points_of(name: str) -> tuple[str, ...]:
    """Return the entry points of a client, the first for where none is named.

    Where its package states them, its adapter is not loaded: help and completion need no more.
    """
    module = CLIENTS[name]
    package = __import__(module.rpartition(".")[0] or module, fromlist=["ENTRY_POINTS"])
    stated: tuple[str, ...] = getattr(package, "ENTRY_POINTS", ())
    return stated or load_client(name).entry_points
