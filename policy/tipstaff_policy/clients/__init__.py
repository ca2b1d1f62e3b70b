"""The clients that Tipstaff knows; an adapter is a folder here and a line in this table."""

from importlib import import_module

from tipstaff_policy.clients.model import Adapter
from tipstaff_policy.errors import UsageError

CLIENTS = {"codex": "tipstaff_policy.clients.codex.adapter"}


def load_client(name: str) -> Adapter:
    """Return the adapter of a client, importing nothing of the others.

    Raises:
        UsageError: No such client.
    """
    if name not in CLIENTS:
        raise UsageError(f"unknown client {name!r}", expected=", ".join(sorted(CLIENTS)))
    adapter: Adapter = import_module(CLIENTS[name]).ADAPTER
    return adapter
