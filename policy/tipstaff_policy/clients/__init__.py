"""The clients that Tipstaff knows; an adapter is a folder here and a line in this table."""

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.errors import UsageError

CLIENTS = {"codex": "tipstaff_policy.clients.codex.adapter"}


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
