"""The policy that the service sent, as the client's folder keeps it.

It is in the user's own folder, unsigned: it is part of what is foretold, and of no compliance.

Source: docs/clients/claude.md, "The decision at start-up" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.documents import (
    LayerFile,
    absent,
    read_personal,
)
from tipstaff_policy.clients.claude.locations import SERVER_CACHE, in_home
from tipstaff_policy.model.request import Request
from tipstaff_policy.system.files import show_path

SERVER = "server"


def read_server_policy(request: Request, home: str) -> LayerFile:
    """Return the policy that was kept; absent where there is none."""
    path = f"{home}/{SERVER_CACHE}"
    shown = show_path(path, request.system_root)
    try:
        place = in_home(path, request)
    except OSError:
        return absent(SERVER, shown)
    return read_personal(SERVER, shown, place, request.options.detail)
