"""What is known of the version that a client is judged as."""

from tipstaff_policy.clients.codex.installations import find_stating
from tipstaff_policy.clients.codex.versions import PROVEN
from tipstaff_policy.clients.program_facts import read_install_time, read_release
from tipstaff_policy.model.host_facts import Release
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import Client


def release(request: Request, client: Client) -> Release:
    """Return the proven versions, and since when the judged one is here."""
    return read_release(request, "codex", PROVEN, find_install_time(request, client))


def find_install_time(request: Request, client: Client) -> int | None:
    """Return when a client was put where it is, in seconds since 1970."""
    return read_install_time(client.path, request.system_root, find_stating)
