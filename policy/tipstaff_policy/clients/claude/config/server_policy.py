"""The policy that the service sent, as the client's folder keeps it.

It lies in the user's own folder, unsigned: it is part of what is foretold, and of no compliance.

Source: docs/clients/claude.md, "The decision at start-up" (client 2.1.332).
"""

from tipstaff_policy.clients.claude.config.documents import (
    LayerFile,
    absent,
    ignored,
    personal_document,
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
    found = read_personal(SERVER, shown, place, request.options.detail)
    inner = found.document.get("settings")
    if not isinstance(inner, dict):
        return found
    return _inner(shown, inner)


def _inner(path: str, settings: dict[str, object]) -> LayerFile:
    """Return the settings of an answer that is kept whole, with its checksum around it."""
    import json  # noqa: PLC0415 - only where the answer is kept whole

    try:
        data = json.dumps(settings).encode()
    except ValueError:
        return ignored(SERVER, path, "is no JSON object, so that the client goes on without it")
    return personal_document(SERVER, path, data, "none")
